"""An open cohort: how one joins it, who asked to, and turning away a crowd."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from reinforce.actions.authoring.cohorts import set_opening
from reinforce.actions.enrolling.turn_away import turn_away
from reinforce.domain.access.rights import Right
from reinforce.domain.enrolling.joining import PLAIN_WORDS, SAID, Outcome, window
from reinforce.domain.errors import ReinforceError
from reinforce.domain.planning.slots import local_day
from reinforce.store.enrolling import joining
from reinforce.store.people import cohorts
from reinforce.web.cohort_lookup import cohort_for, line_of
from reinforce.web.console import Console
from reinforce.web.notices import Notice

Word = Annotated[str, Form(max_length=200)]
# What X takes in an account's profile.
LONGEST_PROFILE = 160
STANDS = {None: "can be joined", Outcome.EARLY: "can't be joined yet"}


def routes(console: Console) -> APIRouter:
    """`/cohorts/<slug>/joining`, and turning away who waits."""
    router = console.router()
    changing = [Depends(console.pages.tokens.check)]

    @router.get("/cohorts/{slug}/joining")
    def shown(request: Request, slug: str) -> Response:
        return _show(console, request, slug)

    @router.post("/cohorts/{slug}/joining", dependencies=changing)
    def change(request: Request, slug: str, hashtag: Word = "", most: Word = "", an_hour: Word = "") -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.PEOPLE)
        given = {"hashtag": hashtag, "most": most, "an_hour": an_hour}
        try:
            changes = {"hashtag": hashtag, "most": _count(most), "an_hour": _count(an_hour)}
            set_opening(console.database, slug, changes, actor=viewer.actor, now=console.clock.now())
        except ReinforceError as fault:
            return _show(console, request, slug, fault=fault, given=given)
        return console.done(request, f"/cohorts/{slug}/joining", Notice(f"How one joins {there.title} is set."))

    @router.post("/cohorts/{slug}/turn-away", dependencies=changing)
    def refuse(request: Request, slug: str) -> Response:
        viewer = console.gate.here(request)
        cohort_for(console, viewer, slug, Right.PEOPLE)
        refused = turn_away(console.database, slug, actor=viewer.actor, now=console.clock.now())
        notice = Notice(f"{refused} who waited were refused; they may ask again.")
        return console.done(request, f"/cohorts/{slug}/joining", notice)

    return router


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise ReinforceError(f'"{text}" is no whole number', "Write digits only, such as 500.")
    return int(text)


def _show(
    console: Console,
    request: Request,
    slug: str,
    *,
    fault: ReinforceError | None = None,
    given: dict[str, str] | None = None,
) -> Response:
    viewer = console.gate.here(request)
    with console.database.read() as connection:
        line = line_of(connection, slug, viewer.scope(Right.LOOK))
        there = cohorts.cohort_by_id(connection, line.id)
        counts, members = joining.counts(connection, there.id), joining.members(connection, there.id)
    opening = there.opening
    if opening is None:
        return console.show(request, "cohort_joining", {"line": line, "opening": None})
    why_not = window(there, local_day(console.clock.now(), there.zone))
    profile = console.renderer.say("joining_profile", there.language, hashtag=opening.hashtag)
    may = viewer.scope(Right.PEOPLE).holds(there.id)
    values: dict[str, Any] = {
        "line": line,
        "there": there,
        "opening": opening,
        "members": members,
        # A single request tells of a person, by its time: the counts are for those who may know them.
        "asked": [(SAID[one], count) for one, count in counts.items() if count] if may else None,
        "waiting": counts[Outcome.WAITING],
        "stands": STANDS.get(why_not, "can't be joined any more"),
        "profile": profile,
        "longest": LONGEST_PROFILE,
        "plain_words": PLAIN_WORDS,
        "given": given or {"hashtag": opening.hashtag, "most": opening.most, "an_hour": opening.an_hour},
        "fault": fault,
        "may": may,
    }
    return console.show(request, "cohort_joining", values, status=422 if fault else 200)
