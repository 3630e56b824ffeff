"""Cadences in use, cohorts, learners, enrollments, invitations and consents."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field

from reinforce.store.tables.base import BIG, Base, instant, json_column, key, reference, remote_key, text_column


class ScheduleRow(Base, table=True):
    """A cadence in use, as it was when it was loaded (`content` is the validated file)."""

    __tablename__ = "schedule"
    id: int | None = key()
    name: str = Field(unique=True)
    content: dict[str, Any] = json_column()
    content_hash: str
    loaded_at: datetime = instant()


class CohortRow(Base, table=True):
    """A cohort. `version` is raised by whatever could change its plan: listen, grade, edits, roster, pause, hold.

    Dates are local to `zone`; `lapse_after` is in days, 0 for never.

    A question is answered within `respond_hours` working hours, by `facilitator_id` unless somebody else takes it;
    `acknowledge`: its one reply says at once that somebody looks into it. Where the account has no room for all, the
    cohort is given `priority` times what one of priority 1 is.

    An open cohort has a `hashtag`, and takes in at most `most` people, `an_hour` of them in an hour; one with a roster
    has none."""

    __tablename__ = "cohort"
    id: int | None = key()
    slug: str = Field(unique=True)
    title: str
    account_id: int = reference("account.id")
    schedule_id: int = reference("schedule.id")
    zone: str
    language: str
    country: str
    answers: str
    state: str
    paused_reason: str = text_column()
    opens_on: date | None = None
    closes_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    assessment: date | None = None
    completes: str = "end"
    lapse_after: int = 0
    updates: bool = True
    respond_hours: float = 8.0
    acknowledge: bool = False
    facilitator_id: int | None = reference("facilitator.id", null=True)
    priority: int = 1
    approval: str = "none"
    hashtag: str | None = None
    most: int = 0
    an_hour: int = 0
    version: int = 0
    created_at: datetime = instant()


class CohortProcedureRow(Base, table=True):
    """Which procedures a cohort learns."""

    __tablename__ = "cohort_procedure"
    cohort_id: int = Field(sa_column=Column(BIG, ForeignKey("cohort.id", ondelete="CASCADE"), primary_key=True))
    procedure_id: int = Field(
        sa_column=Column(BIG, ForeignKey("procedure.id", ondelete="RESTRICT"), primary_key=True, index=True)
    )


class LearnerRow(Base, table=True):
    """A person. `employee_id` is the key; the X user id arrives by linking, with consent. Who joined an open cohort has
    no employee id and no name (both ""): the X user id is the key.

    `language` ("": the cohort's) and, where `own_zone` is set, `zone` are what the learner said: no roster changes
    them. No id is ever given again, or an old entry of the audit log would be about somebody new."""

    __tablename__ = "learner"
    __table_args__ = (
        Index(
            "uq_learner_employee_id",
            "employee_id",
            unique=True,
            sqlite_where=text("employee_id <> ''"),
            postgresql_where=text("employee_id <> ''"),
        ),
        {"sqlite_autoincrement": True},
    )
    id: int | None = key()
    employee_id: str = Field(index=True)
    name: str
    handle: str = Field(index=True)
    zone: str
    own_zone: bool = False
    language: str = ""
    role: str
    remote_user_id: int | None = remote_key(unique=True)
    stopped_at: datetime | None = instant(null=True)
    snoozed_until: datetime | None = instant(null=True)
    replies_paused_at: datetime | None = instant(null=True)
    created_at: datetime = instant()


class EnrollmentRow(Base, table=True):
    """A learner in a cohort. `team` is the roster's, "" for none; they are in `state` since `moved_at`, for `cause`."""

    __tablename__ = "enrollment"
    __table_args__ = (UniqueConstraint("cohort_id", "learner_id"),)
    id: int | None = key()
    cohort_id: int = reference("cohort.id")
    learner_id: int = reference("learner.id")
    state: str
    cause: str = "roster"
    team: str = ""
    joined_at: datetime = instant()
    moved_at: datetime | None = instant(null=True)
    ended_at: datetime | None = instant(null=True)


class InvitationRow(Base, table=True):
    """A single-use, expiring code; only its hash is kept."""

    __tablename__ = "invitation"
    id: int | None = key()
    enrollment_id: int = reference("enrollment.id")
    code_hash: str = Field(unique=True)
    expires_at: datetime = instant()
    used_at: datetime | None = instant(null=True)


class ConsentRow(Base, table=True):
    """What a learner agreed to, and when it ended. Live while `withdrawn_at` is empty."""

    __tablename__ = "consent"
    id: int | None = key()
    learner_id: int = reference("learner.id")
    kind: str
    source: str
    given_at: datetime = instant()
    withdrawn_at: datetime | None = instant(null=True)


class RosterVersionRow(Base, table=True):
    """One row: a number that grows with every change of people, consents or enrollments (`store/session.py`)."""

    __tablename__ = "roster_version"
    id: int | None = key()
    version: int
