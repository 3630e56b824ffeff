"""Programmes as loaded, their runs on cohorts, and from which day on a cohort has which cadence."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Date, ForeignKey, UniqueConstraint
from sqlmodel import Field

from reinforce.store.tables.base import BIG, Base, instant, json_column, key, reference, text_column


class CohortCadenceRow(Base, table=True):
    """From the local date `first_day` on a cohort has this cadence. A cohort without rows has the one on its row."""

    __tablename__ = "cohort_cadence"
    cohort_id: int = Field(sa_column=Column(BIG, ForeignKey("cohort.id", ondelete="CASCADE"), primary_key=True))
    first_day: date = Field(sa_column=Column(Date, primary_key=True))
    schedule_id: int = reference("schedule.id")


class ProgrammeRow(Base, table=True):
    """A programme, as it was when it was loaded (`content` is the validated file, with its cadences and quizzes)."""

    __tablename__ = "programme"
    id: int | None = key()
    slug: str = Field(unique=True)
    title: str
    content: dict[str, Any] = json_column()
    content_hash: str
    loaded_at: datetime = instant()


class ProgrammeRunRow(Base, table=True):
    """A programme on a cohort, from `starts_on` (local). `content` is the programme's as it was then.

    `was` is what the cohort had before (cadence's id, dates), for who stops it; `shifts` say which hold moved it: {its
    id: {days, since}}. With `agreed` somebody has said yes to what its links cost."""

    __tablename__ = "programme_run"
    id: int | None = key()
    programme_id: int = reference("programme.id")
    cohort_id: int = reference("cohort.id")
    content: dict[str, Any] = json_column()
    state: str
    starts_on: date = Field(nullable=False)
    was: dict[str, Any] = json_column()
    shifts: dict[str, Any] = json_column()
    agreed: bool = False
    started_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)


class ProgrammePhaseRow(Base, table=True):
    """A phase of a run, `number` from 1. Local dates; without `last_day` it goes on. `began_at`: the hand-over."""

    __tablename__ = "programme_phase"
    __table_args__ = (UniqueConstraint("run_id", "number"),)
    id: int | None = key()
    run_id: int = reference("programme_run.id")
    number: int
    name: str
    first_day: date = Field(nullable=False)
    last_day: date | None = None
    schedule_id: int = reference("schedule.id")
    goal: str = text_column()
    recall: int | None = None
    began_at: datetime | None = instant(null=True)


class ProgrammeItemRow(Base, table=True):
    """Something of the conversation that has its place in a run: an event, a quiz, a poll, an introduction.

    `day` and `at` ("09:30") are local; `content` is what the file says of it. `note` says why it is not there yet, or
    never will be; `tried_at` when that was last looked at."""

    __tablename__ = "programme_item"
    id: int | None = key()
    run_id: int = reference("programme_run.id")
    phase: int
    kind: str
    name: str
    day: date = Field(nullable=False)
    at: str
    content: dict[str, Any] = json_column()
    state: str
    note: str = text_column()
    tried_at: datetime | None = instant(null=True)
