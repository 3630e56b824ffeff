"""When somebody, or a whole cohort, was or will be away; how rosters are read, and which were; and who asks to join an
open cohort."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index
from sqlmodel import Field

from reinforce.store.tables.base import BIG, Base, instant, json_column, key, reference, text_column


class EnrollmentGapRow(Base, table=True):
    """From `since` to `until` an enrollment had ended and was taken up again: what was posted then was not theirs."""

    __tablename__ = "enrollment_gap"
    id: int | None = key()
    enrollment_id: int = reference("enrollment.id")
    since: datetime = instant()
    until: datetime = instant()


class JoiningRow(Base, table=True):
    """How far an open cohort was looked after: what was read up to `looked_at` is dealt with. Its hashtag was searched
    for at `searched_at`, and all up to `since_id` is known. Programme time."""

    __tablename__ = "joining"
    cohort_id: int = Field(sa_column=Column(BIG, ForeignKey("cohort.id", ondelete="CASCADE"), primary_key=True))
    looked_at: datetime | None = instant(null=True)
    searched_at: datetime | None = instant(null=True)
    since_id: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))


class JoinRequestRow(Base, table=True):
    """A post that asks to join an open cohort, and what became of it (domain/enrolling/joining.py) at `at`."""

    __tablename__ = "join_request"
    __table_args__ = (Index("ix_join_request_cohort_id_outcome", "cohort_id", "outcome", "at"),)
    id: int | None = key()
    cohort_id: int = reference("cohort.id", index=False)
    inbound_id: int = Field(
        sa_column=Column(BIG, ForeignKey("inbound.id", ondelete="CASCADE"), nullable=False, unique=True)
    )
    outcome: str
    at: datetime = instant()


class HoldRow(Base, table=True):
    """A cohort hears nothing from `first_day` to `last_day`, local dates; `since` (included) and `until` are the
    instants between which that is, by the cohort's zone."""

    __tablename__ = "hold"
    id: int | None = key()
    cohort_id: int = reference("cohort.id")
    first_day: date = Field(nullable=False)
    last_day: date = Field(nullable=False)
    since: datetime = instant()
    until: datetime = instant()
    reason: str = text_column()
    made_at: datetime = instant()


class AbsenceRow(Base, table=True):
    """A learner is away from `first_day` to `last_day`, dates of their own zone, which are `since` (included) to
    `until`. Why is nobody's business here, so it is not asked."""

    __tablename__ = "absence"
    id: int | None = key()
    learner_id: int = reference("learner.id")
    first_day: date = Field(nullable=False)
    last_day: date = Field(nullable=False)
    since: datetime = instant()
    until: datetime = instant()
    made_at: datetime = instant()


class ColumnMapRow(Base, table=True):
    """How the files of an HR or learning system are read, under a name (domain/enrolling/column_map.py)."""

    __tablename__ = "column_map"
    id: int | None = key()
    name: str = Field(unique=True)
    content: dict[str, Any] = json_column()
    saved_at: datetime = instant()


class RosterImportRow(Base, table=True):
    """A roster that was taken in, so that it can be taken back: `moves` lists the enrollments that it moved, each as
    [id, state before ("": none), state after]. Times are programme time."""

    __tablename__ = "roster_import"
    id: int | None = key()
    cohort_id: int = reference("cohort.id")
    moves: list[list[Any]] = json_column()
    at: datetime = instant()
    undone_at: datetime | None = instant(null=True)
