"""Cohorts, learners and enrollments as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class EnrollmentState(StrEnum):
    """The life of an enrollment: invited → enrolled → active → completed | withdrawn | lapsed."""

    INVITED = "invited"
    ENROLLED = "enrolled"
    ACTIVE = "active"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


# States in which a learner counts for the plan.
LIVE = frozenset({EnrollmentState.INVITED, EnrollmentState.ENROLLED, EnrollmentState.ACTIVE})


class CohortState(StrEnum):
    """A cohort is running, paused by a person, or finished."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"


class Answers(StrEnum):
    """How a cohort's learners answer; each choice costs some evidence (docs/explanation/evidence.md)."""

    REPLIES = "replies"
    POLLS = "polls"
    THINK_THEN_REVEAL = "think-then-reveal"


class ConsentKind(StrEnum):
    """What a learner agreed to. LINKING binds an X account to the person; NAMING allows a mention or a credit."""

    LINKING = "linking"
    NAMING = "naming"


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One line of a roster. `employee_id` is the key; `handle` (without @) is optional until linking.

    `zone` is an IANA name or "" for the cohort's; `naming` is the roster's opt-in column for being named, None where it
    says nothing; `team` is the one they play quizzes in, "" for none, None where the roster has no such column.
    """

    employee_id: str
    name: str
    handle: str = ""
    zone: str = ""
    role: str = ""
    naming: bool | None = None
    team: str | None = None
    line: int = 0
    file: str = ""


@dataclass(frozen=True, slots=True)
class Cohort:
    """A cohort as the plan and the console see it. `version` grows with everything that could change a plan.

    Questions of its learners are promised an answer within `respond_hours` working hours, and are `facilitator_id`'s
    unless somebody takes them; with `acknowledge` their one reply says at once that somebody looks into it."""

    id: int
    slug: str
    title: str
    account_id: int
    zone: str
    language: str
    state: CohortState
    answers: Answers
    schedule: str
    version: int
    starts_on: date | None
    assessment: date | None
    country: str
    paused_reason: str = ""
    respond_hours: float = 8.0
    acknowledge: bool = False
    facilitator_id: int | None = None


@dataclass(frozen=True, slots=True)
class Learner:
    """A person on a roster. Never logged or audited by anything but `id`. `language` ("": the cohort's) is what they
    said
    themselves, and so is `zone` where it is an `own_zone`."""

    id: int
    employee_id: str
    name: str
    handle: str
    zone: str
    role: str
    remote_user_id: int | None
    stopped: bool
    linked: bool
    language: str = ""
    own_zone: bool = False
