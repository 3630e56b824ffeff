"""Procedures, nuggets and what belongs to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, UniqueConstraint
from sqlmodel import Field

from reinforce.store.tables.base import BIG, Base, instant, json_column, key, reference, text_column


class ProcedureRow(Base, table=True):
    """A loaded procedure at its latest revision."""

    __tablename__ = "procedure"
    id: int | None = key()
    slug: str = Field(unique=True)
    title: str
    owner: str
    language: str
    audience: list[str] = json_column()
    importance: float
    confidentiality: str
    assessment: date | None = None
    revision: int
    content_hash: str
    source: str
    loaded_at: datetime = instant()


class NuggetRow(Base, table=True):
    """A nugget; retired ones stay, since memory and history point at them.

    `picture` is {"hash", "alt", "name"} (tables/pictures.py has its bytes), null for none.
    `origin` is an `Origin`: what did not come from a file is not retired by loading one. `inbound_id` is the reply that
    such a nugget was made of; like the outbox's it bears no foreign key, which would close a circle of tables."""

    __tablename__ = "nugget"
    __table_args__ = (UniqueConstraint("procedure_id", "slug"),)
    id: int | None = key()
    procedure_id: int = reference("procedure.id")
    slug: str
    title: str
    position: int
    topic: str
    tags: list[str] = json_column()
    audience: list[str] = json_column()
    importance: float
    confidentiality: str
    source_step: str
    picture: dict[str, Any] | None = json_column(null=True)
    revision: int
    content_hash: str
    origin: str = "file"
    inbound_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True, index=True))
    retired_at: datetime | None = instant(null=True)


class NuggetRevisionRow(Base, table=True):
    """What a nugget was at each revision, and what the load did to it: added, changed, retired or revived. `meaning`:
    what was said of it before is wrong from then on, because of `why`."""

    __tablename__ = "nugget_revision"
    __table_args__ = (UniqueConstraint("nugget_id", "revision", "change"),)
    id: int | None = key()
    nugget_id: int = reference("nugget.id")
    revision: int
    change: str
    content: dict[str, Any] = json_column()
    meaning: bool = False
    why: str = text_column()
    at: datetime = instant()


class PrerequisiteRow(Base, table=True):
    """`nugget_id` enters the plan only when `requires_id` is known well enough."""

    __tablename__ = "prerequisite"
    nugget_id: int = Field(sa_column=Column(BIG, ForeignKey("nugget.id", ondelete="CASCADE"), primary_key=True))
    requires_id: int = Field(
        sa_column=Column(BIG, ForeignKey("nugget.id", ondelete="CASCADE"), primary_key=True, index=True)
    )


class WordingRow(Base, table=True):
    """One way to say a nugget. A changed text is a new row, so that history keeps what was posted."""

    __tablename__ = "wording"
    id: int | None = key()
    nugget_id: int = reference("nugget.id")
    position: int
    text: str = text_column()
    language: str
    style: str
    retired_at: datetime | None = instant(null=True)


class QuestionRow(Base, table=True):
    """A nugget's question; `position` orders the variants of one nugget, the live ones have no `retired_at`."""

    __tablename__ = "question"
    id: int | None = key()
    nugget_id: int = reference("nugget.id")
    kind: str
    prompt: str = text_column()
    accepted: list[str] = json_column()
    tolerance: float | None = None
    hints: list[str] = json_column()
    explanation: str = text_column()
    retired_at: datetime | None = instant(null=True)


class OptionRow(Base, table=True):
    """One choice of a multiple-choice question."""

    __tablename__ = "option"
    __table_args__ = (UniqueConstraint("question_id", "key"),)
    id: int | None = key()
    question_id: int = reference("question.id")
    key: str
    text: str = text_column()
    correct: bool
