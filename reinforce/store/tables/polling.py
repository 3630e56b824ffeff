"""Polls of where a cohort stands: asked, closed, counted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint

from reinforce.store.tables.base import Base, instant, json_column, key, reference, text_column


class PollRow(Base, table=True):
    """A poll that asks where people stand, not what they know; `outbox_id` is the post that carries it.

    `options` are as X shows them; `topics` the topic of nuggets that each stands for, all "" where none does. `label`
    is what a comparison is made by ("before", "after"). `votes` are as X told them once the poll had closed, at
    `closed_at` (programme time); both are empty until then. `lost`: why there will be no result, "" otherwise.
    """

    __tablename__ = "poll"
    __table_args__ = (UniqueConstraint("outbox_id"),)
    id: int | None = key()
    cohort_id: int = reference("cohort.id")
    outbox_id: int = reference("outbox.id", index=False)
    question: str = text_column()
    options: list[str] = json_column()
    topics: list[str] = json_column()
    label: str
    minutes: int
    asked_at: datetime = instant()
    votes: list[int] = json_column()
    closed_at: datetime | None = instant(null=True)
    lost: str = text_column()
