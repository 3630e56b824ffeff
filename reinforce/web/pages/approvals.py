"""Approvals: the texts that wait for a yes, with what differs from the text approved before; many at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.approving.review import Decision, decide, submit
from reinforce.actions.courses.publish_course import withdraw_course
from reinforce.actions.planning.preview import preview
from reinforce.domain.access.rights import Right, Scope
from reinforce.domain.approving.approval import RequestState
from reinforce.domain.cohort import Approval, Cohort
from reinforce.domain.errors import Conflict
from reinforce.domain.planning.slots import local_day
from reinforce.domain.texts.wording import text_hash
from reinforce.store.approving import members
from reinforce.store.courses import courses
from reinforce.store.courses.courses import Course
from reinforce.store.people import cohorts
from reinforce.store.reporting.console.approvals import ApprovalLine, approval_page, cohorts_of_requests
from reinforce.store.reporting.console.cohorts import cohort_lines
from reinforce.web.console import Console, whole_number
from reinforce.web.course_reach import for_all
from reinforce.web.date_fields import day_in
from reinforce.web.gate import Viewer
from reinforce.web.notices import Notice
from reinforce.web.word_difference import marked

Word = Annotated[str, Form(max_length=200)]
Ids = Annotated[list[int] | None, Form()]
# For how long a yes is asked if nobody says.
ASKED_FOR = timedelta(days=90)


def routes(console: Console) -> APIRouter:
    """`/approvals`, and saying yes or no."""
    router = console.router()
    changing = [Depends(console.pages.tokens.check)]

    @router.get("/approvals")
    def listed(request: Request, show: str = "", cohort: str = "", beyond: str = "") -> Response:
        viewer = console.gate.here(request)
        seen, waiting = viewer.scope(Right.LOOK), show != "decided"
        with console.database.read() as connection:
            page = approval_page(connection, seen, waiting=waiting, cohort=cohort, beyond=whole_number(beyond))
            lines = cohort_lines(connection, seen)
            names = members.names(connection)
        rows = [(one, _why_not(console, viewer, one), marked(one.before, one.text)) for one in page.lines]
        values: dict[str, Any] = {"rows": rows, "more": page.more, "cohorts": lines, "names": names}
        values["chosen"] = {"show": "decided" if not waiting else "", "cohort": cohort}
        values["courses"] = _courses(console, viewer) if waiting else ()
        values["may_ask"] = [one for one in lines if viewer.scope(Right.WRITE).holds(one.id)]
        return console.show(request, "approvals", values)

    @router.post("/approvals/decide", dependencies=changing)
    def say(request: Request, ids: Ids = None, what: Word = "", note: Word = "") -> Response:
        viewer = console.gate.here(request)
        if what not in ("approve", "reject"):
            raise HTTPException(404)
        state = RequestState.APPROVED if what == "approve" else RequestState.REJECTED
        if not ids:
            return console.done(request, "/approvals", Notice("No text was ticked; nothing was done.", tone="care"))
        with console.database.read() as connection:
            chosen = _by_cohort(connection, viewer.scope(Right.APPROVE), ids)
        decision = Decision(state, note, single_user=console.settings.single_user)
        for slug, of_cohort in chosen.items():
            decide(console.database, slug, of_cohort, decision, actor=viewer.actor, now=console.clock.now())
        many = f"{len(ids)} text{'s' if len(ids) != 1 else ''}"
        words = f"{many} approved." if state is RequestState.APPROVED else f"{many} sent back."
        return console.done(request, "/approvals", Notice(words))

    _add_courses(router, console)
    _add_asking(router, console)
    return router


def _add_courses(router: APIRouter, console: Console) -> None:
    """A course is approved where it is read; or sent back here: brought in anew, and read anew."""

    @router.post("/approvals/courses/{course}", dependencies=[Depends(console.pages.tokens.check)])
    def send_back(request: Request, course: str, seen: Word = "") -> Response:
        viewer = for_all(console, request, Right.APPROVE)
        with console.database.read() as connection:
            there = courses.course_by_slug(connection, course)
        if there.content_hash != seen:
            raise Conflict(f"{there.title} was rehearsed anew meanwhile", "Read it as it is now; nothing was done.")
        withdraw_course(console.database, course, rehearsal=True, actor=viewer.actor, now=console.clock.now())
        return console.done(request, "/approvals", Notice(f"{there.title} sent back: its rehearsal is taken off."))


def _courses(console: Console, viewer: Viewer) -> list[tuple[Course, str]]:
    """The courses that wait for a yes, each with why the viewer can't say it ("": they can); for those whose role is
    for all cohorts."""
    if not viewer.scope(Right.LOOK).everything:
        return []
    with console.database.read() as connection:
        found = courses.waiting(connection)
        wrote = {one.id: members.called(connection, one.author) for one in found}
    return [(one, _why_not_course(console, viewer, one, wrote[one.id])) for one in found]


def _why_not_course(console: Console, viewer: Viewer, one: Course, wrote: Collection[str]) -> str:
    if not viewer.scope(Right.APPROVE).everything:
        return "for an approver of all cohorts"
    if console.settings.single_user:
        return ""
    if viewer.actor == one.loaded_by:
        return "you rehearsed it: somebody else says yes"
    return "you wrote it: somebody else says yes" if viewer.actor in wrote else ""


def _add_asking(router: APIRouter, console: Console) -> None:
    @router.post("/approvals/submit", dependencies=[Depends(console.pages.tokens.check)])
    def ask(
        request: Request,
        cohort: Word = "",
        days: Annotated[int, Form(ge=0, le=366)] = 0,
        first: Word = "",
        last: Word = "",
    ) -> Response:
        viewer = console.gate.here(request)
        now = console.clock.now()
        with console.database.read() as connection:
            there = cohorts.cohort_by_slug(connection, cohort)
        if not viewer.scope(Right.WRITE).holds(there.id):
            raise HTTPException(404)
        begin = day_in(first) or local_day(now, there.zone)
        span = (begin, day_in(last) or begin + ASKED_FOR)
        done = submit(
            console.database,
            there.slug,
            span,
            (console.renderer, console.tariff),
            texts=_of_next_days(console, there, days) if days else None,
            actor=viewer.actor,
            now=now,
        )
        asked = f"{len(done.submitted)} texts of {there.title} wait for a yes now"
        more = (_NOT_ASKED.format(there.slug),) if there.approval is Approval.NONE else ()
        return console.done(
            request, f"/approvals?cohort={there.slug}", Notice(f"{asked}; {done.there} did or had one already.", more)
        )


_NOT_ASKED = "This cohort posts without a yes. To have it wait: reinforce cohort set {} --approval first"


def _of_next_days(console: Console, cohort: Cohort, days: int) -> set[str]:
    """The hashes of the texts that would go out on the next days."""
    means = (console.renderer, console.tariff)
    posts = preview(
        console.database, cohort.id, *means, now=console.clock.now(), days=max(days, 1), as_if_approved=True
    )
    return {text_hash(post.text) for post in posts if post.text}


def _why_not(console: Console, viewer: Viewer, one: ApprovalLine) -> str:
    """Why somebody can't decide a request; "" if they can."""
    if not viewer.scope(Right.APPROVE).holds(one.cohort_id):
        return "for an approver of this cohort"
    if console.settings.single_user or one.state is not RequestState.SUBMITTED:
        return ""
    if viewer.actor == one.submitted_by:
        return "you submitted it: somebody else says yes"
    return "you wrote it: somebody else says yes" if viewer.actor == one.author else ""


def _by_cohort(connection: Connection, scope: Scope, ids: list[int]) -> dict[str, list[int]]:
    """The requests by the slug of their cohort. Raises HTTPException if one is not there or beyond the scope."""
    owners = cohorts_of_requests(connection, ids)
    if set(owners) != set(ids) or not all(scope.holds(cohort_id) for cohort_id, _ in owners.values()):
        raise HTTPException(404)
    found: dict[str, list[int]] = {}
    for request_id, (_, slug) in owners.items():
        found.setdefault(slug, []).append(request_id)
    return found
