"""The outbox, its attempts, quiet slots and approvals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint, text
from sqlmodel import Field

from reinforce.store.tables.base import Base, instant, json_column, key, reference, remote_key, text_column


class OutboxRow(Base, table=True):
    """One post on its way (domain/sending/outbox.py has the states).

    `due_at`, `grace_until`, `posted_at` and `created_at` are programme time; `lease_until`, `not_before` and
    `unknown_since` are machine time (the database's clock). `inbound_id` (what a reply answers) bears no foreign key:
    inbound points here already, and a circle could be neither created nor dropped in order.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("account_id", "remote_id"),
        Index(
            "uq_outbox_occurrence_live",
            "occurrence",
            unique=True,
            sqlite_where=text("state <> 'cancelled'"),
            postgresql_where=text("state <> 'cancelled'"),
        ),
        Index(
            "uq_outbox_one_in_flight",
            "account_id",
            unique=True,
            sqlite_where=text("state IN ('leased', 'sending', 'unknown')"),
            postgresql_where=text("state IN ('leased', 'sending', 'unknown')"),
        ),
        Index("ix_outbox_due", "state", "due_at"),
        Index("ix_outbox_text", "account_id", "text_hash"),
        Index("ix_outbox_posted", "account_id", "posted_at"),
        Index("ix_outbox_latest", "state", "posted_at"),
    )
    id: int | None = key()
    account_id: int = reference("account.id")
    cohort_id: int | None = reference("cohort.id", null=True)
    nugget_id: int | None = reference("nugget.id", null=True)
    wording_id: int | None = reference("wording.id", null=True)
    question_id: int | None = reference("question.id", null=True)
    inbound_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True, index=True))
    form: str
    occurrence: str
    state: str
    fence: int = 0
    owner: str = ""
    lease_until: datetime | None = instant(null=True)
    not_before: datetime | None = instant(null=True)
    unknown_since: datetime | None = instant(null=True)
    rounds: int = 0
    text: str = text_column()
    text_hash: str
    reply_to: int | None = remote_key()
    reply_to_outbox_id: int | None = reference("outbox.id", null=True)
    poll: dict[str, Any] | None = json_column(null=True)
    media: list[dict[str, Any]] | None = json_column(null=True)
    confidentiality: str | None = None
    alternatives: list[dict[str, Any]] = json_column()
    price_micros: int = 0
    due_at: datetime = instant()
    grace_until: datetime = instant()
    posted_at: datetime | None = instant(null=True)
    remote_id: int | None = remote_key()
    reason: str = text_column()
    decision: dict[str, Any] = json_column()
    outcome: str = text_column()
    created_at: datetime = instant()


class AttemptRow(Base, table=True):
    """One attempt to send, durable before its first byte. Times are machine time."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("outbox_id", "n"),)
    id: int | None = key()
    outbox_id: int = reference("outbox.id")
    n: int
    fence: int
    text_hash: str
    reply_to: int | None = remote_key()
    poll: dict[str, Any] | None = json_column(null=True)
    since_id: int | None = remote_key()
    started_at: datetime = instant()
    deadline_at: datetime = instant()
    finished_at: datetime | None = instant(null=True)
    outcome: str = ""
    detail: str = text_column()


class DeletionRow(Base, table=True):
    """A post of ours that is to be taken off X, or was. `state` is asked, done, refused or withdrawn; `not_before` is
    machine time, the others programme time."""

    __tablename__ = "deletion"
    id: int | None = key()
    outbox_id: int = reference("outbox.id", unique=True, index=False)
    account_id: int = reference("account.id")
    state: str = Field(index=True)
    reason: str = text_column()
    tries: int = 0
    not_before: datetime | None = instant(null=True)
    outcome: str = text_column()
    asked_at: datetime = instant()
    done_at: datetime | None = instant(null=True)


class QuietRow(Base, table=True):
    """A slot on which the plan chose to say nothing, and why; one row a slot (its occurrence key)."""

    __tablename__ = "quiet"
    id: int | None = key()
    cohort_id: int = reference("cohort.id")
    occurrence: str = Field(unique=True)
    reason: str = text_column()
    decision: dict[str, Any] = json_column()
    at: datetime = instant()


class ApprovalRow(Base, table=True):
    """A request for a person's yes to a rendered text with its media, for a cohort and a range of local dates. It holds
    while it is approved, was not taken back (`voided_at`), and its wording and question are not retired. `media` are
    the pictures that `media_hash` is about, as the outbox has them."""

    __tablename__ = "approval"
    id: int | None = key()
    cohort_id: int = reference("cohort.id")
    nugget_id: int | None = reference("nugget.id", null=True)
    wording_id: int | None = reference("wording.id", null=True)
    question_id: int | None = reference("question.id", null=True)
    form: str
    text: str = text_column()
    text_hash: str = Field(index=True)
    media_hash: str = ""
    media: list[dict[str, Any]] | None = json_column(null=True)
    first_day: date
    last_day: date
    state: str
    author: str
    submitted_by: str
    submitted_at: datetime = instant()
    decided_by: str = ""
    decided_at: datetime | None = instant(null=True)
    note: str = text_column()
    voided_at: datetime | None = instant(null=True)


class MemberRow(Base, table=True):
    """Somebody of the team, by name: whom approvals and the audit log mean by "member/ID". Who left stays, since what
    they did does.

    `user_since`: may sign in, by a password ("": none yet; else its argon2 hash), while not disabled and while there is
    a role (tables/access.py)."""

    __tablename__ = "member"
    id: int | None = key()
    name: str = Field(unique=True)
    added_at: datetime = instant()
    left_at: datetime | None = instant(null=True)
    user_since: datetime | None = instant(null=True)
    password_hash: str = ""
    disabled_at: datetime | None = instant(null=True)
