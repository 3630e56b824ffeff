"""What was recalled: which posts are taken off X, and from when on a nugget is learnt anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint

from reinforce.store.tables.base import Base, instant, key, reference


class RecallRow(Base, table=True):
    """One approval: whatever belongs to it was named in a preview whose digest a person confirmed."""

    __tablename__ = "recall"
    id: int | None = key()
    procedure_id: int = reference("procedure.id")
    actor: str
    digest: str
    at: datetime = instant()
    undone_at: datetime | None = instant(null=True)


class RecallPostRow(Base, table=True):
    """A post that a recall takes off X; what becomes of it stands in its deletion, which there is once it is out."""

    __tablename__ = "recall_post"
    __table_args__ = (UniqueConstraint("recall_id", "outbox_id"),)
    id: int | None = key()
    recall_id: int = reference("recall.id")
    outbox_id: int = reference("outbox.id")


class MemoryResetRow(Base, table=True):
    """An event of the evidence log: from `at` on, what came before of the nugget counts no more, nor what comes of the
    posts that were recalled with it, unless it was undone."""

    __tablename__ = "memory_reset"
    __table_args__ = (UniqueConstraint("recall_id", "nugget_id"),)
    id: int | None = key()
    recall_id: int = reference("recall.id")
    nugget_id: int = reference("nugget.id")
    at: datetime = instant()
    undone_at: datetime | None = instant(null=True)
