"""What came back, what it was read as, and the memory it made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from reinforce.store.tables.base import (
    BIG,
    Base,
    instant,
    json_column,
    key,
    reference,
    remote_key,
    remote_number,
    text_column,
)


class InboundRow(Base, table=True):
    """A post that mentions or answers us. `read_as` is a list, the most binding first; empty until read.

    `created_at` is X's stamp, `received_at` and `graded_at` programme time. Not `mentions_us`: search found it, and X
    takes no reply to it. `quote_of` is the post it quotes, `reply_to_user` the X user it replies to, `edit_of` the
    version before it. `gone_at`: when it was seen that X shows this text no more, because it was deleted, or edited
    into the post `replaced_by`; nothing may be sent because of it. `purged_at`: when its words were taken out here;
    that it was there, what it was read as and how the answer in it was graded first (`right`; by a person where
    `judged`) stays. `looked_at`: when X was last asked whether it is still there. No id is ever given again: replies
    are bound to it."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("account_id", "remote_id"),
        # What is asked at each tick of all replies to a post, and of all by a learner, stands in the indexes: when the
        # last came, and from whom.
        Index("ix_inbound_outbox_id_created_at", "outbox_id", "created_at"),
        Index("ix_inbound_learner_id_created_at", "learner_id", "created_at"),
        Index("ix_inbound_outbox_id_learner_id", "outbox_id", "learner_id", "id"),
        # Few of a million wait for a person, and every page says how many.
        Index(
            "ix_inbound_needs_person",
            "received_at",
            sqlite_where=text("needs_person IS 1"),
            postgresql_where=text("needs_person IS true"),
        ),
        {"sqlite_autoincrement": True},
    )
    id: int | None = key()
    account_id: int = reference("account.id")
    remote_id: int = remote_key(null=False)
    author_remote_id: int = remote_key(null=False)
    author_handle: str
    learner_id: int | None = reference("learner.id", null=True, index=False)
    outbox_id: int | None = reference("outbox.id", null=True, index=False)
    in_reply_to: int | None = remote_key()
    conversation_id: int | None = remote_key()
    quote_of: int | None = remote_key()
    reply_to_user: int | None = remote_number()
    edit_of: int | None = remote_number()
    text: str = text_column()
    created_at: datetime = instant()
    received_at: datetime = instant()
    read_as: list[str] = json_column()
    read_why: str = text_column()
    rating: int | None = None
    graded_at: datetime | None = instant(null=True, index=True)
    needs_person: bool = False
    mentions_us: bool = True
    right: bool | None = None
    judged: bool = False
    looked_at: datetime | None = instant(null=True)
    gone_at: datetime | None = instant(null=True)
    replaced_by: int | None = remote_number()
    purged_at: datetime | None = instant(null=True)


class SignalRow(Base, table=True):
    """A count seen on one of our posts (likes, reposts, quotes, impressions, votes of a poll option) at a time."""

    __tablename__ = "signal"
    id: int | None = key()
    outbox_id: int = reference("outbox.id")
    kind: str
    value: int
    at: datetime = instant()


class ReviewRow(Base, table=True):
    """One piece of evidence on one learner's memory of one nugget. `rating` is FSRS's 1 Again … 4 Easy.

    `evidence` is answer, acknowledgement, not_sure or question; `guess` the chance of being right unknowing.
    `voided_at` marks a correction. `at` is when the learner wrote, X's stamp."""

    __tablename__ = "review"
    # All that the mark of a nugget's log asks of its reviews stands in the index.
    __table_args__ = (Index("ix_review_nugget_id_voided_at", "nugget_id", "voided_at", "id"),)
    id: int | None = key()
    learner_id: int = reference("learner.id")
    nugget_id: int = reference("nugget.id", index=False)
    outbox_id: int | None = reference("outbox.id", null=True)
    inbound_id: int | None = reference("inbound.id", null=True)
    rating: int
    evidence: str
    guess: float
    nugget_revision: int
    at: datetime = instant(index=True)
    voided_at: datetime | None = instant(null=True)


class ParametersRow(Base, table=True):
    """What a procedure's beliefs are computed with, each version that was ever tried. The newest that was `kept` is in
    force, since `at` (programme time); without any the defaults are.

    `why` is shrinkage, fit or reset. `weights` are FSRS-6's 21, `model` the model of evidence. `answers` (graded) and
    `posts` (closed) say how much there was to go by, `figures` what came out (plain JSON)."""

    __tablename__ = "parameters"
    id: int | None = key()
    procedure_id: int = reference("procedure.id")
    version: str
    why: str
    kept: bool
    weights: list[float] = json_column()
    model: dict[str, Any] = json_column()
    answers: int
    posts: int
    figures: dict[str, Any] = json_column()
    at: datetime = instant()


class MemoryRow(Base, table=True):
    """The belief about one nugget for a shard of learners (learner id // 4096), packed (store/planning/packing.py).

    `mark` stands for the event log it was computed from, 16 bytes. The blob comes last: SQLite reads a row from its
    beginning, and has to walk through all of a blob to reach what lies behind it.
    """

    __tablename__ = "memory"
    nugget_id: int = Field(sa_column=Column(BIG, ForeignKey("nugget.id", ondelete="CASCADE"), primary_key=True))
    shard: int = Field(sa_column=Column(Integer, primary_key=True))
    mark: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    parameters: str = ""
    updated_at: datetime = instant()
    packed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
