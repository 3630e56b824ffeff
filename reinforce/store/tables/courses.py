"""Courses: what they say, who approved it, and the threads they became."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field

from reinforce.store.tables.base import BIG, Base, instant, json_column, key, reference, text_column


class CourseRow(Base, table=True):
    """A course as it was rehearsed last. `content` are its steps as they are posted (domain/courses/course.py),
    `content_hash` covers all that people will see of them; `loaded_by` is whose doing that content is."""

    __tablename__ = "course"
    id: int | None = key()
    slug: str = Field(unique=True)
    title: str
    language: str
    confidentiality: str
    author: str
    content: list[dict[str, Any]] = json_column()
    content_hash: str
    loaded_at: datetime = instant()
    loaded_by: str


class CourseApprovalRow(Base, table=True):
    """A person's yes to what was rehearsed; it holds for this content only."""

    __tablename__ = "course_approval"
    __table_args__ = (UniqueConstraint("course_id", "content_hash"),)
    id: int | None = key()
    course_id: int = reference("course.id", index=False)
    content_hash: str
    approved_by: str
    approved_at: datetime = instant()


class CourseThreadRow(Base, table=True):
    """A course on an account: a rehearsal or for good. `state` is open, withdrawing or withdrawn; `due_at` is when its
    first step is to go out; `note` is why nothing is planned yet. Times are programme time."""

    __tablename__ = "course_thread"
    __table_args__ = (
        Index(
            "uq_course_thread_open",
            "course_id",
            "rehearsal",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    id: int | None = key()
    course_id: int = reference("course.id")
    rehearsal: bool
    account_id: int = reference("account.id")
    cohort_id: int | None = reference("cohort.id", null=True)
    state: str = Field(index=True)
    content_hash: str
    content: list[dict[str, Any]] = json_column()
    due_at: datetime = instant()
    note: str = text_column()
    created_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)


class CoursePostRow(Base, table=True):
    """Which post of the outbox is which step of a thread; a step that was refused is tried again as another post."""

    __tablename__ = "course_post"
    __table_args__ = (UniqueConstraint("thread_id", "step", "attempt"),)
    outbox_id: int = Field(sa_column=Column(BIG, ForeignKey("outbox.id", ondelete="RESTRICT"), primary_key=True))
    thread_id: int = reference("course_thread.id", index=False)
    step: int
    attempt: int
