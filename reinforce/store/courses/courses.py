"""Courses as they were rehearsed last, and who approved what of them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from reinforce.domain.courses.course import CourseFile, PostedStep, ThreadState, as_content, content_hash, from_content
from reinforce.domain.errors import NotFound
from reinforce.domain.nugget import Confidentiality
from reinforce.store import tables as t
from reinforce.store.sending import pictures

_c, _a = t.course.c, t.course_approval.c


@dataclass(frozen=True, slots=True)
class Course:
    """A course as kept. `loaded_by` brought just this content in, `approved_by` approved it ("": nobody has): actors,
    as in the audit log. `author` is who wrote it, as its file says."""

    id: int
    slug: str
    title: str
    language: str
    confidentiality: Confidentiality
    author: str
    steps: tuple[PostedStep, ...]
    content_hash: str
    loaded_at: datetime
    loaded_by: str
    approved_by: str

    @property
    def price_micros(self) -> int:
        """What posting all of it costs."""
        return sum(step.price_micros for step in self.steps)


_COURSES = select(t.course, _a.approved_by).outerjoin(
    t.course_approval, (_a.course_id == _c.id) & (_a.content_hash == _c.content_hash)
)


def courses(connection: Connection) -> tuple[Course, ...]:
    """Every course, the newest first."""
    return tuple(_course(row) for row in connection.execute(_COURSES.order_by(_c.id.desc())).mappings())


def waiting(connection: Connection) -> tuple[Course, ...]:
    """The courses that stand rehearsed just as they are, and that nobody has approved, the oldest first."""
    r = t.course_thread.c
    rehearsed = select(r.id).where(r.course_id == _c.id, r.content_hash == _c.content_hash)
    rehearsed = rehearsed.where(r.rehearsal, r.state == ThreadState.OPEN.value)
    query = _COURSES.where(_a.approved_by.is_(None), rehearsed.exists()).order_by(_c.id)
    return tuple(_course(row) for row in connection.execute(query).mappings())


def course_by_slug(connection: Connection, slug: str) -> Course:
    """One course. Raises NotFound, which names the nearest there is."""
    row = connection.execute(_COURSES.where(_c.slug == slug)).mappings().first()
    if row is not None:
        return _course(row)
    near = difflib.get_close_matches(slug, connection.execute(select(_c.slug)).scalars().all(), n=3, cutoff=0.5)
    advice = f"Did you mean {' or '.join(near)}?" if near else "Rehearse one: reinforce course rehearse FILE"
    raise NotFound(f"there is no course {slug}", advice)


def course_by_id(connection: Connection, course_id: int) -> Course:
    """One course that is known to be there."""
    return _course(connection.execute(_COURSES.where(_c.id == course_id)).mappings().one())


def keep(connection: Connection, file: CourseFile, steps: tuple[PostedStep, ...], actor: str, now: datetime) -> Course:
    """Keep a course with its pictures, in place of what it said before; an approval of that counts no more. Who brings
    the same in once more has not written it."""
    for step in file.steps:
        for picture in step.pictures:
            pictures.keep(connection, picture.content, picture.media_type, now)
    values = {
        "title": file.title,
        "language": file.language,
        "confidentiality": file.confidentiality.value,
        "author": file.author,
        "content": as_content(steps),
        "content_hash": content_hash(steps),
        "loaded_at": now,
    }
    same = (_c.slug == file.slug) & (_c.content_hash == values["content_hash"])
    there = connection.execute(select(_c.loaded_by).where(same)).scalar()
    values["loaded_by"] = actor if there is None else there
    changed = connection.execute(update(t.course).where(_c.slug == file.slug).values(**values))
    if changed.rowcount == 0:
        connection.execute(insert(t.course).values(slug=file.slug, **values))
    return course_by_slug(connection, file.slug)


def approve(connection: Connection, course: Course, approved_by: str, now: datetime) -> bool:
    """Keep a person's yes to the course as it is; False if somebody has approved it already."""
    if course.approved_by:
        return False
    row = {"course_id": course.id, "content_hash": course.content_hash, "approved_by": approved_by, "approved_at": now}
    connection.execute(insert(t.course_approval).values(**row))
    return True


def lock(connection: Connection, course_id: int) -> None:
    """Nobody else begins or resumes a thread of this course until the transaction ends."""
    connection.execute(select(_c.id).where(_c.id == course_id).with_for_update())


def _course(row: RowMapping) -> Course:
    plain = ("id", "slug", "title", "language", "author", "content_hash", "loaded_at", "loaded_by")
    return Course(
        **{name: row[name] for name in plain},
        confidentiality=Confidentiality(row["confidentiality"]),
        steps=from_content(row["content"]),
        approved_by=row["approved_by"] or "",
    )
