"""Courses: a file becomes a thread, rehearsed, approved, published, taken back. They belong to no cohort, so their
calls are for those whose role is for all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, File, Request, UploadFile
from pydantic import AwareDatetime, BaseModel, Field
from starlette.exceptions import HTTPException

from reinforce.actions.courses.check_course import CheckedStep, check_course
from reinforce.actions.courses.publish_course import Asked, publish_course, withdraw_course
from reinforce.actions.courses.rehearse_course import approve_course, rehearse_course
from reinforce.actions.courses.show_course import ShownStep, ShownThread, show_course
from reinforce.content.course_file import read_course
from reinforce.domain.access.rights import Right
from reinforce.domain.courses.course import CourseFile
from reinforce.domain.errors import ContentRefused, NotFound
from reinforce.store.courses.courses import Course, courses
from reinforce.web.api.calls import calls_of
from reinforce.web.console import Console
from reinforce.web.course_reach import for_all
from reinforce.web.gate import Viewer
from reinforce.web.uploads import with_plain_names

CourseUpload = Annotated[UploadFile, File()]
Beside = Annotated[list[UploadFile] | None, File()]


class Checked(BaseModel):
    """A course as it would go out; `findings` are what a person should look at."""

    slug: str
    title: str
    steps: list[CheckedStep]
    price_micros: int
    withdrawal_micros: int
    findings: list[str]
    content_hash: str
    changed: bool


class ThreadSeen(BaseModel):
    """Where a course stands on an account."""

    account: str
    state: str
    progress: str
    posted: int
    why: str
    steps: list[ShownStep]


class CourseSeen(BaseModel):
    """A course with its rehearsal and its thread for good, where there is one. `approved_by` is an actor, or ""."""

    slug: str
    title: str
    steps: int
    price_micros: int
    content_hash: str
    approved_by: str
    rehearsal: ThreadSeen | None
    published: ThreadSeen | None


class Where(BaseModel):
    """Where and when: the account (null: the one there is on X), a cohort whose open hours count, when at the earliest
    (null: now). `content_hash`: refuse unless just this was approved."""

    account: str | None = Field(None, max_length=200)
    cohort: str | None = Field(None, max_length=200)
    at: AwareDatetime | None = None
    content_hash: str | None = Field(None, max_length=64)


class Read(BaseModel):
    """What was read: the course's `content_hash`. It is refused if the course says something else by now."""

    content_hash: str = Field(max_length=64)


class Off(BaseModel):
    """Whether to take it off the practice account only."""

    rehearsal: bool = False


def routes(console: Console) -> APIRouter:
    """`/courses`."""
    router = calls_of(console, "courses", "/courses")

    @router.get("")
    def listed(request: Request) -> list[CourseSeen]:
        """The courses, the newest first; none for whose role is for some cohorts."""
        if not console.gate.here(request).scope(Right.LOOK).everything:
            return []
        with console.database.read() as connection:
            known = courses(connection)
        return [_seen(console, one.slug) for one in known]

    @router.get("/{slug}")
    def one(request: Request, slug: str) -> CourseSeen:
        """One course, step by step."""
        for_all(console, request, Right.LOOK)
        return _seen(console, slug)

    @router.post("/check")
    def check(request: Request, file: CourseUpload, beside: Beside = None) -> Checked:
        """Look at a course (Markdown or YAML, its pictures `beside` it); nothing is kept."""
        with _read(console, for_all(console, request, Right.WRITE), file, beside) as course:
            means = (console.renderer, console.tariff)
            found = check_course(console.database, course, *means, now=console.clock.now())
        named = {name: getattr(found, name) for name in Checked.model_fields if hasattr(found, name)}
        return Checked(slug=course.slug, title=course.title, **named)

    @router.post("/rehearse")
    def rehearse(request: Request, file: CourseUpload, beside: Beside = None, account: str = "") -> CourseSeen:
        """Keep a course and post it on the practice account, to be read there. A changed one is approved anew."""
        viewer = for_all(console, request, Right.WRITE)
        with _read(console, viewer, file, beside) as course:
            means, now = (console.renderer, console.tariff), console.clock.now()
            by: dict[str, Any] = {"account_name": account or None, "actor": viewer.actor}
            rehearse_course(console.database, course, *means, **by, now=now)
        return _seen(console, course.slug)

    _add_changes(router, console)
    return router


def _add_changes(router: APIRouter, console: Console) -> None:
    @router.post("/{slug}/approve")
    def approve(request: Request, slug: str, read: Read) -> CourseSeen:
        """Approve a course as you have read it on the practice account. Who wrote or rehearsed it can't."""
        viewer = for_all(console, request, Right.APPROVE)
        by: dict[str, Any] = {"actor": viewer.actor, "single_user": console.settings.single_user}
        approve_course(console.database, slug, expected=read.content_hash, **by, now=console.clock.now())
        return _seen(console, slug)

    @router.post("/{slug}/publish")
    def publish(request: Request, slug: str, where: Where) -> CourseSeen:
        """Post an approved course for good, or go on where its thread stopped."""
        viewer = for_all(console, request, Right.STEER)
        asked, now = Asked(where.account, where.cohort, where.at), console.clock.now()
        publish_course(console.database, slug, asked, expected=where.content_hash, actor=viewer.actor, now=now)
        return _seen(console, slug)

    @router.post("/{slug}/withdraw")
    def withdraw(request: Request, slug: str, off: Off) -> CourseSeen:
        """Take a course off its account again, the last step first."""
        viewer = for_all(console, request, Right.STEER)
        withdraw_course(console.database, slug, rehearsal=off.rehearsal, actor=viewer.actor, now=console.clock.now())
        return _seen(console, slug)


@contextmanager
def _read(console: Console, viewer: Viewer, file: UploadFile, beside: list[UploadFile] | None) -> Iterator[CourseFile]:
    """The course in a file. Every fault, of the file or of what is done with it, bears the name it was given with."""
    kept = console.uploads.keep(file, viewer.actor, beside or ())
    try:
        yield read_course(kept.path)
    except ContentRefused as refused:
        raise with_plain_names(refused, kept) from None
    finally:
        console.uploads.drop(kept)


def _seen(console: Console, slug: str) -> CourseSeen:
    try:
        status = show_course(console.database, slug, None)
    except NotFound:
        raise HTTPException(404, "There is no such course.") from None
    course: Course = status.course
    plain = {name: getattr(course, name) for name in ("slug", "title", "price_micros", "content_hash", "approved_by")}
    rehearsal, published = _thread(status.rehearsal), _thread(status.published)
    return CourseSeen(**plain, steps=len(course.steps), rehearsal=rehearsal, published=published)


def _thread(shown: ShownThread | None) -> ThreadSeen | None:
    if shown is None:
        return None
    return ThreadSeen(
        account=shown.account.name,
        state=shown.thread.state.value,
        progress=shown.standing.progress.value,
        posted=shown.standing.posted,
        why=shown.standing.why or shown.thread.note,
        steps=list(shown.steps),
    )
