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


class Cause(StrEnum):
    """Why an enrollment moved (`domain/enrolling/moves.py`). ROSTER: a file of theirs lists the person; LINKED: they
    posted their code; JOINED: they asked to, in an open cohort; LEFT: they left it by saying stop; STARTED: the
    cohort's first day has come; CLOSED: its joining window has, and they had not joined; UNHEARD: nothing came from
    them for as long as the cohort says; HEARD: they wrote again; ENDED: the cohort did; PERSON: somebody decided so;
    MOVED: they went to, or came from, another cohort; UNDONE: a roster was taken back."""

    ROSTER = "roster"
    LINKED = "linked"
    JOINED = "joined"
    LEFT = "left"
    STARTED = "started"
    CLOSED = "closed"
    UNHEARD = "unheard"
    HEARD = "heard"
    ENDED = "ended"
    PERSON = "person"
    MOVED = "moved"
    UNDONE = "undone"


class Completes(StrEnum):
    """When a cohort's learners complete it: when its last day is over, its assessment's day is, or by hand."""

    END = "end"
    ASSESSMENT = "assessment"
    HAND = "hand"


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


class Approval(StrEnum):
    """Which texts of a cohort need somebody's yes before they go out: none, those it has not posted before, all."""

    NONE = "none"
    FIRST = "first"
    EVERYTHING = "everything"


class ConsentKind(StrEnum):
    """What a learner agreed to. LINKING binds an X account to the person; NAMING allows a mention or a credit."""

    LINKING = "linking"
    NAMING = "naming"


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One line of a roster. `employee_id` is the key; `handle` (without @) is optional until linking.

    `zone` is an IANA name or "" for the cohort's; `naming` is the roster's opt-in column for being named, None where it
    says nothing; `team` is the one they play quizzes in, "" for none, None where the roster has no such column.

    `state` is COMPLETED, WITHDRAWN, LAPSED, or None for somebody who takes part; somebody leaves, too, when the day
    after `left_on` has come, and has completed on `completed_on`. `moved_from` is the cohort they come from, "" for
    none. `unsaid` are the fields, zone and role, that the roster has no column for: those stay as they are.
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
    state: EnrollmentState | None = None
    left_on: date | None = None
    completed_on: date | None = None
    moved_from: str = ""
    unsaid: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing is posted for a cohort from `first_day` to `last_day`, both included (local dates), but replies to what
    somebody wrote."""

    id: int
    first_day: date
    last_day: date
    reason: str


@dataclass(frozen=True, slots=True)
class Opening:
    """How people come into an open cohort, which has no roster: by a reply that asks to join, or a post with `hashtag`
    (without #) that mentions the account. At most `most` are in it at a time, and `an_hour` are taken in in an hour."""

    hashtag: str
    most: int = 500
    an_hour: int = 60


@dataclass(frozen=True, slots=True)
class Cohort:
    """A cohort as the plan and the console see it. `version` grows with everything that could change a plan.

    Its dates are local to `zone`: one can join from `opens_on` to `closes_on`, it runs from `starts_on` to `ends_on`
    (each None: not said). `lapse_after` is after how many days without a word a learner lapses, 0 for never; `updates`
    says whether its dates are posted about.

    Questions of its learners are promised an answer within `respond_hours` working hours, and are `facilitator_id`'s
    unless somebody takes them; with `acknowledge` their one reply says at once that somebody looks into it. Where the
    account has no room for all, it is given `priority` times what a cohort of priority 1 is. `approval` says which of
    its texts need a yes. `opening` says how one joins an open cohort; None: it has a roster."""

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
    opens_on: date | None = None
    closes_on: date | None = None
    ends_on: date | None = None
    completes: Completes = Completes.END
    lapse_after: int = 0
    updates: bool = True
    priority: int = 1
    approval: Approval = Approval.NONE
    holds: tuple[Hold, ...] = ()
    opening: Opening | None = None

    @property
    def last_day(self) -> date | None:
        """The local date on which it is complete; None where no date says so."""
        return self.assessment if self.completes is Completes.ASSESSMENT else self.ends_on

    def runs_on(self, day: date) -> bool:
        """Whether a slot on this local date is within its first and last day."""
        return (self.starts_on is None or day >= self.starts_on) and (self.ends_on is None or day <= self.ends_on)


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
