"""What learners ask: their questions and look-ups, who answers them, who is told, and what answers are searched in.

`question` is a nugget's own question; what a person asks us is an `inquiry`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from reinforce.store.tables.base import Base, instant, key, reference, text_column


class FacilitatorRow(Base, table=True):
    """Somebody who answers. `initials` end their posts. `channel` is email, webhook or none; `address` an e-mail
    address or the name of a webhook, whose address is a secret and stands elsewhere."""

    __tablename__ = "facilitator"
    id: int | None = key()
    name: str = Field(unique=True)
    initials: str
    channel: str
    address: str
    created_at: datetime = instant()
    left_at: datetime | None = instant(null=True)


class InquiryRow(Base, table=True):
    """A learner's question or look-up (`kind`). `state` is new, open, answered, delivered or closed.

    The learner's words stand in `inbound` only. `topic` is what a look-up asks for, `about` the question in the
    answerer's words. `similar_to` is the first of those that ask the same. `asked_at` is X's stamp; `due_at` and
    `due_soon_at` keep the cohort's promise; all in programme time. `way` is how the answer goes out: reply, then post
    where X or the person allows none; `outbox_id` the post that carries it, `round` how many such posts there were.
    `nugget_id` is what answered a look-up, or was made of the answer."""

    __tablename__ = "inquiry"
    __table_args__ = (
        Index("ix_inquiry_state_due_at", "state", "due_at"),
        Index("ix_inquiry_cohort_id_state", "cohort_id", "state"),
    )
    id: int | None = key()
    inbound_id: int = reference("inbound.id", index=False, unique=True)
    account_id: int = reference("account.id")
    cohort_id: int | None = reference("cohort.id", null=True, index=False)
    facilitator_id: int | None = reference("facilitator.id", null=True)
    kind: str
    state: str
    topic: str = ""
    missed: bool = False
    similar_to: int | None = reference("inquiry.id", null=True)
    asked_at: datetime = instant()
    due_soon_at: datetime | None = instant(null=True)
    due_at: datetime | None = instant(null=True)
    about: str = text_column()
    answer: str = text_column()
    initials: str = ""
    quote: bool = False
    answered_at: datetime | None = instant(null=True)
    way: str = ""
    round: int = 0
    outbox_id: int | None = reference("outbox.id", null=True)
    delivered_at: datetime | None = instant(null=True)
    nugget_id: int | None = reference("nugget.id", null=True)
    outcome: str = text_column()


class NoticeRow(Base, table=True):
    """What a facilitator is to be told of an inquiry: that it is new, due_soon or overdue (`kind`).

    `state` is waiting, sending, sent, failed or dropped. `not_before`, `claimed_until` and `sent_at` are machine time
    (the database's clock)."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("inquiry_id", "facilitator_id", "kind"), Index("ix_notice_state", "state"))
    id: int | None = key()
    inquiry_id: int = reference("inquiry.id", index=False)
    facilitator_id: int = reference("facilitator.id")
    kind: str
    state: str
    attempts: int = 0
    not_before: datetime | None = instant(null=True)
    claimed_until: datetime | None = instant(null=True)
    sent_at: datetime | None = instant(null=True)
    last_error: str = text_column()
    created_at: datetime = instant()


class PassageRow(Base, table=True):
    """Something that may answer a question: a nugget, or an answer that was given; one row each.

    `words` are its word stems, between spaces (domain/answering/stems.py), which the database's full-text search looks
    in (store/tables/full_text.py)."""

    __tablename__ = "passage"
    id: int | None = key()
    nugget_id: int | None = reference("nugget.id", null=True, index=False, unique=True)
    inquiry_id: int | None = reference("inquiry.id", null=True, index=False, unique=True)
    head: str = text_column()
    words: str = text_column()
