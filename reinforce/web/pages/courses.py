"""Courses: what there is, and a file that is looked at as the timeline would show it before it is rehearsed.

A course belongs to no cohort, so its pages are for those whose role is for all of them.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.courses.check_course import CourseCheck, check_course
from reinforce.actions.courses.rehearse_course import rehearse_course
from reinforce.actions.courses.show_course import show_course
from reinforce.content.course_file import read_course
from reinforce.domain.access.rights import Right
from reinforce.domain.errors import ReinforceError
from reinforce.domain.picture import picture_hash
from reinforce.store.accounts import accounts
from reinforce.store.approving import members
from reinforce.store.courses import courses
from reinforce.web.console import Console, whole_number
from reinforce.web.course_reach import for_all
from reinforce.web.notices import Notice, Undo
from reinforce.web.page import shown_picture
from reinforce.web.uploads import Kept, with_plain_names

Word = Annotated[str, Form(max_length=200)]
SHOWN = 20
ACCEPTED = ".md,.markdown,.yaml,.yml"


def routes(console: Console) -> APIRouter:
    """`/courses`, `/courses/look` and `/courses/rehearse`."""
    router = console.router()
    changing = [Depends(console.pages.tokens.check)]

    @router.get("/courses")
    def listed(request: Request, after: str = "") -> Response:
        return _list(console, request, after=whole_number(after) or 0)

    @router.post("/courses/look", dependencies=changing)
    def look(
        request: Request,
        file: Annotated[UploadFile | None, File()] = None,
        beside: Annotated[list[UploadFile] | None, File()] = None,
    ) -> Response:
        viewer, kept = for_all(console, request, Right.WRITE), None
        try:
            kept = console.uploads.keep(file, viewer.actor, beside or ())
            found = _checked(console, kept)
        except ReinforceError as fault:
            if kept is not None:
                console.uploads.drop(kept)
            return _list(console, request, fault=with_plain_names(fault, kept))
        return _looked(console, request, kept, found)

    _add_rehearsing(router, console)
    return router


def _add_rehearsing(router: APIRouter, console: Console) -> None:
    @router.get("/courses/draft/{key}/{picture}")
    def picture(request: Request, key: str, picture: str) -> Response:
        kept = console.uploads.find(key, for_all(console, request, Right.WRITE).actor)
        for step in read_course(kept.path).steps:
            for one in step.pictures:
                if picture_hash(one.content) == picture:
                    return shown_picture(one.media_type, one.content)
        raise HTTPException(404)

    @router.post("/courses/rehearse", dependencies=[Depends(console.pages.tokens.check)])
    def rehearse(request: Request, key: Word = "", account: Word = "") -> Response:
        viewer = for_all(console, request, Right.WRITE)
        kept = console.uploads.find(key, viewer.actor)
        means = (console.renderer, console.tariff)
        by: dict[str, Any] = {"account_name": account or None, "actor": viewer.actor, "now": console.clock.now()}
        try:
            done = rehearse_course(console.database, read_course(kept.path), *means, **by)
        except ReinforceError as fault:
            return _looked(console, request, kept, _checked(console, kept), with_plain_names(fault, kept))
        console.uploads.drop(kept)
        slug, steps = done.course.slug, len(done.course.steps)
        more = ("What stands there of the older wording is taken off first.",) if done.replaced else ()
        undo = Undo(f"/courses/{slug}/withdraw", {"rehearsal": "yes"}, "Take it off again")
        notice = Notice(f"{done.course.title}: {steps} steps go to {done.account.name}.", more, undo)
        return console.done(request, f"/courses/{slug}", notice)


def _checked(console: Console, kept: Kept) -> CourseCheck:
    now = console.clock.now()
    return check_course(console.database, read_course(kept.path), console.renderer, console.tariff, now=now)


def _looked(
    console: Console, request: Request, kept: Kept, found: CourseCheck, fault: ReinforceError | None = None
) -> Response:
    with console.database.read() as connection:
        practice = [(one.name, one.name) for one in accounts.accounts(connection) if one.on_this_machine]
    values = {"kept": kept, "found": found, "practice": practice, "fault": fault}
    return console.show(request, "course_look", values, status=422 if fault else 200)


def _list(console: Console, request: Request, *, after: int = 0, fault: ReinforceError | None = None) -> Response:
    viewer = console.gate.here(request)
    with console.database.read() as connection:
        known = courses.courses(connection) if viewer.scope(Right.LOOK).everything else ()
        names = members.names(connection)
    page = known[after : after + SHOWN]
    values: dict[str, Any] = {
        "lines": [show_course(console.database, one.slug, None) for one in page],
        "after": after + SHOWN if known[after + SHOWN :] else 0,
        "names": names,
        "accepted": ACCEPTED,
        "fault": fault,
        "for_all": viewer.scope(Right.LOOK).everything,
        "may": viewer.scope(Right.WRITE).everything,
    }
    return console.show(request, "courses", values, status=422 if fault else 200)
