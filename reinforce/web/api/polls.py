"""Polls of where a cohort stands: ask, read, hold two against one another."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from reinforce.actions.polling.ask import Ready, ask_link, ask_poll, prepare_link, prepare_poll
from reinforce.domain.access.rights import Right
from reinforce.domain.polling import comparing
from reinforce.domain.polling.needs import weights
from reinforce.domain.polling.poll import NewPoll, Poll
from reinforce.store.polling import polls
from reinforce.web.api.calls import NeededKey, calls_of, request_id
from reinforce.web.api.reach import theirs
from reinforce.web.api.values import LookOnly, RowInPath
from reinforce.web.cohort_lookup import cohort_for
from reinforce.web.console import Console
from reinforce.web.gate import Viewer

Words = Annotated[str, Field(max_length=200)]


class AskedPoll(BaseModel):
    """A poll. `topics` is empty, or has the topic of nuggets that a vote for the option in its place says is shaky, ""
    for none; `label` is what polls are compared by."""

    question: str = Field(min_length=1, max_length=2000)
    options: list[Words] = Field(min_length=2, max_length=4)
    topics: list[Words] = Field(default_factory=list, max_length=4)
    minutes: int = Field(1440, ge=5, le=10080)
    label: str = Field("", max_length=100, examples=["before"])


class AskedLink(BaseModel):
    """A link to a poll elsewhere, whose answers stay there."""

    words: str = Field(min_length=1, max_length=2000)
    url: str = Field(min_length=1, max_length=2000)


class PollAsked(BaseModel):
    """The post as it goes out; its number in the outbox and the poll's, null where there is none."""

    ready: Ready
    post: int | None = None
    poll: int | None = None


class PollSeen(BaseModel):
    """A poll, and by how much its votes let topics count for more in the plan."""

    poll: Poll
    weights: dict[str, float]


class Compared(BaseModel):
    """Two polls, option by option. `caveats` belong to the figures wherever they are shown."""

    options: list[comparing.Compared]
    caveats: list[str]


def routes(console: Console) -> APIRouter:
    """`/polls`, and `/cohorts/<slug>/polls` to ask one."""
    router = calls_of(console, "polls")

    @router.get("/polls")
    def listed(request: Request) -> list[Poll]:
        """The polls of your cohorts, the newest first."""
        seen = console.gate.here(request).scope(Right.LOOK)
        with console.database.read() as connection:
            return [one for one in polls.polls(connection) if seen.holds(one.cohort_id)]

    @router.get("/polls/{poll}")
    def one(request: Request, poll: RowInPath) -> PollSeen:
        """One poll with its votes, and what they change in the plan."""
        found = _poll(console, console.gate.here(request), poll)
        return PollSeen(poll=found, weights=weights(found.topics, found.votes) if found.votes else {})

    @router.get("/polls/{poll}/compare/{other}")
    def compare(request: Request, poll: RowInPath, other: RowInPath) -> Compared:
        """Hold two polls of the same options against one another, such as before and after."""
        viewer = console.gate.here(request)
        rows = comparing.compare(_poll(console, viewer, poll), _poll(console, viewer, other))
        return Compared(options=list(rows), caveats=list(comparing.CAVEATS))

    _add_asking(router, console)
    return router


def _add_asking(router: APIRouter, console: Console) -> None:
    @router.post("/cohorts/{slug}/polls", status_code=201)
    def ask(
        request: Request, slug: str, new: AskedPoll, look: Annotated[LookOnly, Query()], key: NeededKey
    ) -> PollAsked:
        """Post a poll in the cohort's next open hour. Needs an `Idempotency-Key`. With `dry_run`: text, time, price."""
        viewer, now = console.gate.here(request), console.clock.now()
        there = cohort_for(console, viewer, slug, Right.STEER)
        poll = NewPoll(new.question, tuple(new.options), new.minutes, tuple(new.topics), new.label)
        means = (console.renderer, console.tariff)
        if look.dry_run:
            return PollAsked(ready=prepare_poll(console.database, there.slug, poll, *means, now=now))
        named = request_id(viewer, key)
        asked = ask_poll(console.database, there.slug, poll, named, *means, now=now, actor=viewer.actor)
        return PollAsked(ready=asked.ready, post=asked.item.id, poll=asked.poll_id)

    @router.post("/cohorts/{slug}/poll-links", status_code=201)
    def ask_elsewhere(
        request: Request, slug: str, new: AskedLink, look: Annotated[LookOnly, Query()], key: NeededKey
    ) -> PollAsked:
        """Post a link to a poll elsewhere. Needs an `Idempotency-Key`. With `dry_run`: text, time, price."""
        viewer, now = console.gate.here(request), console.clock.now()
        there = cohort_for(console, viewer, slug, Right.STEER)
        what = (console.database, there.slug, new.words, new.url)
        if look.dry_run:
            return PollAsked(ready=prepare_link(*what, console.tariff, now=now))
        asked = ask_link(*what, request_id(viewer, key), console.tariff, now=now, actor=viewer.actor)
        return PollAsked(ready=asked.ready, post=asked.item.id)


def _poll(console: Console, viewer: Viewer, number: int) -> Poll:
    return theirs(console, viewer, Right.LOOK, "poll", lambda connection: polls.poll(connection, number))
