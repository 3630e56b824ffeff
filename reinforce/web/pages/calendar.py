"""The calendar: what went out, what is planned and what is foreseen, by month, week or day; a planned post is moved or
cancelled there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.sending.cancel import cancel
from reinforce.actions.sending.move import is_movable, move_post
from reinforce.domain.access.rights import Right
from reinforce.domain.cohort import Cohort
from reinforce.domain.errors import NotFound, ReinforceError
from reinforce.domain.planning.slots import resolve
from reinforce.store.accounts import accounts
from reinforce.store.people import cohorts
from reinforce.store.planning import plan_snapshot
from reinforce.store.reporting.console.calendar import MOST, posts_between, told_of
from reinforce.store.reporting.console.posts import nugget_titles
from reinforce.store.sending import outbox
from reinforce.web import calendar as days
from reinforce.web import calendar_file
from reinforce.web.console import Console, whole_number
from reinforce.web.foreseen import Foresight
from reinforce.web.gate import Viewer
from reinforce.web.notices import Notice, Undo
from reinforce.web.page import attachment
from reinforce.web.words import query

Word = Annotated[str, Form(max_length=200)]
_WITHDRAWN = "a person withdrew it"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks at: a cohort, by itself or beside the others of its account; a view; the day it begins with;
    and whether they wait for what is foreseen."""

    cohort: str = ""
    beside: bool = False
    view: str = "month"
    start: date | None = None
    foreseen: bool = False


def routes(console: Console) -> APIRouter:
    """`/calendar`, its file, and moving and cancelling a post."""
    router = console.router()
    changing = [Depends(console.pages.tokens.check)]

    @router.get("/calendar")
    def calendar(request: Request, cohort: str = "", beside: str = "", view: str = "", foreseen: str = "") -> Response:
        start = _date(request.query_params.get("from", ""))
        view = view if view in days.VIEWS else "month"
        asked = Asked(cohort, bool(beside), view, start, bool(foreseen))
        return _show(console, request, asked)

    @router.get("/calendar.ics")
    def file(request: Request, cohort: str = "", beside: str = "") -> Response:
        return _file(console, console.gate.here(request), Asked(cohort, bool(beside)))

    @router.post("/calendar/{post}/move", dependencies=changing)
    def move(request: Request, post: str, to: Word = "", fence: Word = "", back: Word = "") -> Response:
        viewer = console.gate.here(request)
        number, there = _reached(console, viewer, post)
        try:
            at = resolve(*_typed(to), there.zone)
            seen = whole_number(fence)
            done = move_post(console.database, number, at, actor=viewer.actor, now=console.clock.now(), fence=seen)
        except ReinforceError as fault:
            asked = Asked(there.slug, view="list", start=_date(back))
            return _show(console, request, asked, fault=fault, given={"post": number, "to": to})
        was, now_at = (one.astimezone(ZoneInfo(there.zone)) for one in (done.was_due, done.item.due_at))
        undo_fields = {"to": f"{was:%Y-%m-%dT%H:%M}", "fence": str(done.item.fence), "back": str(was.date())}
        words = f"The post goes out on {now_at:%a} {now_at.day} {now_at:%b} at {now_at:%H:%M} in {there.zone}."
        more = (f"Before, it was {was:%a} {was.day} {was:%b %H:%M}. Its slot there stays taken.",)
        undo = Undo(f"/calendar/{number}/move", undo_fields, "Move it back")
        return console.done(request, _list_of(there, now_at.date()), Notice(words, more, undo))

    @router.post("/calendar/{post}/cancel", dependencies=changing)
    def withdraw(request: Request, post: str, reason: Word = "") -> Response:
        viewer = console.gate.here(request)
        number, there = _reached(console, viewer, post)
        now = console.clock.now()
        try:
            done = cancel(console.database, number, actor=viewer.actor, reason=reason or _WITHDRAWN, now=now)
        except ReinforceError as fault:
            return _show(console, request, Asked(there.slug, view="list"), fault=fault)
        day = done.due_at.astimezone(ZoneInfo(there.zone)).date()
        return console.done(request, _list_of(there, day), Notice(f"Post {number} is {done.state.value}."))

    return router


def _reached(console: Console, viewer: Viewer, post: str) -> tuple[int, Cohort]:
    """A post of a cohort that the viewer may steer. Raises HTTPException 404 for all others."""
    with console.database.read() as connection:
        try:
            item = outbox.item(connection, whole_number(post) or 0)
        except NotFound as fault:
            raise HTTPException(404, "There is no such post.") from fault
        # A reply to one person is no entry of a calendar, and its words are the facilitators'.
        ours = item.cohort_id is not None and item.inbound_id is None
        if not ours or not viewer.scope(Right.STEER).holds(item.cohort_id):
            raise HTTPException(404, "There is no such post.")
        assert item.cohort_id is not None
        return item.id, cohorts.cohort_by_id(connection, item.cohort_id)


def _file(console: Console, viewer: Viewer, asked: Asked) -> Response:
    """What the page shows of the days to come, as a file. Waits for what is foreseen."""
    with console.database.read() as connection:
        chosen, shown = _shown(connection, viewer, asked)
    if chosen is None:
        raise HTTPException(404, "There is no cohort yet.")
    ahead = console.foreseen.of(chosen.account_id, calendar_file.DAYS)
    name = " and ".join(one.title for one in shown)
    with console.database.read() as connection:
        content = calendar_file.plan_file(connection, name, shown, ahead.posts, now=console.clock.now())
    return attachment(content, f"{chosen.slug}.ics", calendar_file.MEDIA_TYPE)


def _shown(connection: Connection, viewer: Viewer, asked: Asked) -> tuple[Cohort | None, list[Cohort]]:
    """The cohort that is asked for, and all that are shown with it, itself first. Raises HTTPException 404."""
    seen = [one for one in cohorts.cohorts(connection) if viewer.scope(Right.LOOK).holds(one.id)]
    chosen = _chosen(seen, asked.cohort)
    if chosen is None:
        return None, []
    shown = [one for one in seen if one.account_id == chosen.account_id] if asked.beside else [chosen]
    return chosen, sorted(shown, key=lambda one: one.id != chosen.id)


def _show(
    console: Console,
    request: Request,
    asked: Asked,
    *,
    fault: ReinforceError | None = None,
    given: dict[str, Any] | None = None,
) -> Response:
    viewer, now = console.gate.here(request), console.clock.now()
    with console.database.read() as connection:
        seen = [one for one in cohorts.cohorts(connection) if viewer.scope(Right.LOOK).holds(one.id)]
        chosen = _chosen(seen, asked.cohort)
        if chosen is None:
            return console.show(request, "calendar", {"cohorts": seen, "chosen": None, "asked": asked})
        shown = [one for one in seen if one.account_id == chosen.account_id] if asked.beside else [chosen]
        shown.sort(key=lambda one: one.id != chosen.id)
        values = _stretch(console, connection, viewer, shown, asked)
        account = accounts.account_by_id(connection, chosen.account_id)
    values |= {
        "cohorts": seen,
        "chosen": chosen,
        "account": account,
        "fault": fault,
        "given": given or {"post": None, "to": ""},
    }
    values["alone"] = not any(one.account_id == chosen.account_id and one.id != chosen.id for one in seen)
    values["to"] = partial(_address, chosen.slug, asked)
    values["may_hold"] = viewer.scope(Right.STEER).holds(chosen.id)
    values["now"] = now
    return console.show(request, "calendar", values, status=200 if fault is None else 422)


def _stretch(
    console: Console, connection: Connection, viewer: Viewer, shown: list[Cohort], asked: Asked
) -> dict[str, Any]:
    """The days of a view with all that is on them, and how one goes on from there."""
    now, ids = console.clock.now(), [one.id for one in shown]
    frames = [plan_snapshot.frame(connection, one) for one in ids]
    today = days.today_of(now, frames)
    start = asked.start or today
    there = days.days_of(asked.view, start)
    begin, end = days.stretch(there, [one.zone for one in shown])
    posts = posts_between(connection, ids, begin, end)
    ahead = (end - now) / timedelta(days=1)
    foresight = _foresight(console, shown[0].account_id, ahead, wait=asked.foreseen)
    may = viewer.scope(Right.STEER)
    movable = {one.id for one in posts if may.holds(one.cohort_id) and is_movable(one.state, one.occurrence)}
    titles = {name: title for one in ids for name, title in nugget_titles(connection, one).items()}
    rows = () if foresight is None else foresight.posts
    days.fill(there, frames, posts[:MOST], rows, movable, titles)
    days.mark(there, frames, *told_of(connection, ids))
    before, after = days.neighbours(asked.view, start)
    return {
        "days": there,
        "frames": frames,
        "hours": days.hours_of(there, frames[0].cadence.quiet_hours),
        "clock_hour": time,
        "today": today,
        "start": start,
        "before": before,
        "after": after,
        "asked": asked,
        "foresight": foresight,
        "ahead": ahead > 0,
        "beyond": foresight is not None and foresight.until < end,
        "too_many": len(posts) > MOST,
    }


def _foresight(console: Console, account_id: int, ahead: float, *, wait: bool) -> Foresight | None:
    """What is foreseen of the next days: at once if it is known; if somebody waits for it, worked out now."""
    if ahead <= 0:
        return None
    needed = int(ahead) + 1
    return console.foreseen.of(account_id, needed) if wait else console.foreseen.at_hand(account_id, needed)


def _chosen(seen: list[Cohort], slug: str) -> Cohort | None:
    """The cohort that was asked for, else the first that runs. Raises HTTPException 404 for one that is not seen."""
    if slug:
        found = next((one for one in seen if one.slug == slug), None)
        if found is None:
            raise HTTPException(404, "There is no such cohort.")
        return found
    return next(iter(sorted(seen, key=lambda one: (one.state.value != "running", one.title))), None)


def _address(cohort: str, asked: Asked, view: str, start: date, **more: str) -> str:
    """The calendar as it is asked for, with another view or beginning."""
    parts = {"cohort": cohort, "beside": "yes" if asked.beside else "", "view": view, "from": start.isoformat(), **more}
    return f"/calendar?{query(parts)}"


def _list_of(cohort: Cohort, day: date) -> str:
    return f"/calendar?cohort={cohort.slug}&view=list&from={day}"


def _date(text: str) -> date | None:
    """A date in an address; what is none, or beyond all calendars, is today."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 < found.year < 2200 else None


def _typed(text: str) -> tuple[date, time]:
    try:
        typed = datetime.strptime(text, "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - the cohort's wall clock
    except ValueError as fault:
        raise ReinforceError(f"“{text}” is no time", "Write it like 2026-03-05T14:30.") from fault
    return typed.date(), typed.time()
