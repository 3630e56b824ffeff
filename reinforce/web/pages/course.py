"""One course: how it stands step by step, approved, published for good and taken off again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.courses.publish_course import Asked, publish_course, withdraw_course
from reinforce.actions.courses.rehearse_course import approve_course
from reinforce.actions.courses.show_course import CourseStatus, show_course
from reinforce.domain.access.rights import Right
from reinforce.domain.courses.course import ThreadState
from reinforce.domain.courses.standing import Progress
from reinforce.domain.errors import NotFound, ReinforceError
from reinforce.store.accounts import accounts
from reinforce.store.approving import members
from reinforce.store.courses import courses
from reinforce.store.people import cohorts
from reinforce.store.reporting.console.cohorts import cohort_names
from reinforce.store.sending import pictures
from reinforce.web.console import Console
from reinforce.web.course_reach import for_all
from reinforce.web.date_fields import instant_in
from reinforce.web.notices import Notice, Undo
from reinforce.web.page import shown_picture
from reinforce.web.words import money

Word = Annotated[str, Form(max_length=200)]


def routes(console: Console) -> APIRouter:
    """`/courses/<slug>`, its pictures, and what approves, publishes and withdraws it."""
    router = console.router()

    @router.get("/courses/{course}")
    def one(request: Request, course: str) -> Response:
        return _show(console, request, course)

    @router.get("/courses/{course}/pictures/{picture}")
    def picture(request: Request, course: str, picture: str) -> Response:
        for_all(console, request, Right.LOOK)
        with console.database.read() as connection:
            there = courses.course_by_slug(connection, course)
            known = {one.hash for step in there.steps for one in step.pictures}
            found = pictures.contents(connection, known & {picture}).get(picture)
        if found is None:
            raise HTTPException(404)
        return shown_picture(*found)

    _add_deciding(router, console)
    return router


def _add_deciding(router: APIRouter, console: Console) -> None:
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/courses/{course}/approve", dependencies=changing)
    def approve(request: Request, course: str, seen: Word = "") -> Response:
        viewer = for_all(console, request, Right.APPROVE)
        by: dict[str, Any] = {"actor": viewer.actor, "single_user": console.settings.single_user}
        try:
            done = approve_course(console.database, course, expected=seen, **by, now=console.clock.now())
        except ReinforceError as fault:
            return _show(console, request, course, fault=fault)
        return console.done(
            request, f"/courses/{course}", Notice(f"{done.title} is approved, just as it was rehearsed.")
        )

    @router.post("/courses/{course}/publish", dependencies=changing)
    def publish(
        request: Request, course: str, account: Word = "", cohort: Word = "", at: Word = "", seen: Word = ""
    ) -> Response:
        viewer = for_all(console, request, Right.STEER)
        now, zone = console.clock.now(), "UTC"
        try:
            if cohort:
                with console.database.read() as connection:
                    zone = cohorts.cohort_by_slug(connection, cohort).zone
            asked = Asked(account or None, cohort or None, instant_in(at, zone))
            done = publish_course(console.database, course, asked, expected=seen, actor=viewer.actor, now=now)
        except ReinforceError as fault:
            return _show(console, request, course, fault=fault, given={"account": account, "cohort": cohort, "at": at})
        if done.resumed:
            words = f"{done.planned} steps are planned anew." if done.planned else "Nothing is missing."
            return console.done(request, f"/courses/{course}", Notice(words))
        more = ("It waits until the cohort is open.",) if done.moved else ()
        words = f"{done.course.title}: {done.planned} steps go to {done.account.name}."
        undo = Undo(f"/courses/{course}/withdraw", label="Take it off again")
        return console.done(request, f"/courses/{course}", Notice(words, more, undo))

    @router.post("/courses/{course}/withdraw", dependencies=changing)
    def withdraw(request: Request, course: str, rehearsal: Word = "") -> Response:
        viewer = for_all(console, request, Right.STEER)
        by: dict[str, Any] = {"actor": viewer.actor, "now": console.clock.now()}
        done, thread = withdraw_course(console.database, course, rehearsal=bool(rehearsal), **by)
        if thread is None:
            return console.done(request, f"/courses/{course}", Notice("Nothing of it stands there.", tone="care"))
        most = money(len(done.steps) * console.tariff.deletion)
        notice = Notice(f"{done.title} is taken off, the last step first, for {most} at most.")
        return console.done(request, f"/courses/{course}", notice)


def _show(
    console: Console,
    request: Request,
    slug: str,
    *,
    fault: ReinforceError | None = None,
    given: Mapping[str, str] | None = None,
) -> Response:
    viewer = for_all(console, request, Right.LOOK)
    try:
        status = show_course(console.database, slug, None)
    except NotFound:
        raise HTTPException(404, "There is no such course.") from None
    with console.database.read() as connection:
        names = members.names(connection)
        every = accounts.accounts(connection)
        following = cohort_names(connection)
    course = status.course
    values: dict[str, Any] = {
        "status": status,
        "course": course,
        "names": names,
        "accounts": [("", "the one there is on X"), *((one.name, f"{one.name} (@{one.handle})") for one in every)],
        "cohorts": [("", "none: it begins at once"), *((one.slug, one.title) for one in following)],
        "given": given or {"account": "", "cohort": "", "at": ""},
        "fault": fault,
        "rehearsed": _rehearsed(status),
        "approvable": viewer.scope(Right.APPROVE).everything and not course.approved_by and _rehearsed(status),
        "may_publish": viewer.scope(Right.STEER).everything,
        "publishable": bool(course.approved_by) and not _stands(status),
        "withdrawal_micros": len(course.steps) * console.tariff.deletion,
    }
    return console.show(request, "course", values, status=422 if fault else 200)


def _stands(status: CourseStatus) -> bool:
    """Whether it is on its way for good, or stands: nothing to publish."""
    there = status.published
    going = there is not None and there.thread.state is ThreadState.OPEN
    return there is not None and going and there.standing.progress is not Progress.STOPPED


def _rehearsed(status: CourseStatus) -> bool:
    """Whether it stands on the practice account whole, as it is."""
    there = status.rehearsal
    same = there is not None and there.thread.content_hash == status.course.content_hash
    return there is not None and same and there.standing.progress is Progress.COMPLETE
