"""Events: sessions and recordings with a hashtag, their posts, and the record of what was said."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field, NaiveDatetime
from starlette.responses import Response

from reinforce.actions.gathering.arrange import (
    EventPlan,
    NewEvent,
    PlannedPost,
    cancel_event,
    close_event,
    create_event,
    open_event,
    preview_event,
)
from reinforce.actions.gathering.record import event_record
from reinforce.domain.access.rights import Right
from reinforce.domain.gathering.events import Event, EventKind
from reinforce.rendering.event_record import record_markdown
from reinforce.store.gathering import events
from reinforce.store.gathering.overview import Overview, overview
from reinforce.web.api.calls import calls_of
from reinforce.web.api.reach import theirs
from reinforce.web.api.values import LookOnly
from reinforce.web.cohort_lookup import cohort_for
from reinforce.web.console import Console
from reinforce.web.gate import Viewer

Slug = Annotated[str, Field(min_length=1, max_length=60)]
Hours = Annotated[int, Field(ge=0, le=8760)]
_MARKDOWN: dict[int | str, dict[str, Any]] = {200: {"content": {"text/markdown": {}}}}


class FollowUp(BaseModel):
    """What waits until so many hours after the end: a nugget ("procedure/slug"), or all of a procedure's."""

    name: str = Field(min_length=1, max_length=400, examples=["lockout"])
    hours: Hours = 24


class AskedEvent(BaseModel):
    """An event to hold. Times are the cohort's wall clock, without an offset. `announce` null: at the next open hour,
    unless not `announced`; `reminders` are hours before. `agreed`: to what posts with links cost."""

    slug: Slug
    title: str = Field(min_length=1, max_length=200)
    kind: EventKind = EventKind.LIVE
    hashtag: str = Field(min_length=1, max_length=100, examples=["lockoutlive"])
    starts: NaiveDatetime
    ends: NaiveDatetime
    link: str = Field("", max_length=2000)
    announced: bool = True
    announce: NaiveDatetime | None = None
    reminders: list[Hours] = Field(default_factory=lambda: [24, 1], max_length=10)
    nuggets: list[FollowUp] = Field(default_factory=list, max_length=500)
    procedures: list[FollowUp] = Field(default_factory=list, max_length=100)
    agreed: bool = False

    def of(self, cohort: str) -> NewEvent:
        """The same for a cohort, as the actions take it."""
        plain = self.model_dump(exclude={"agreed", "nuggets", "procedures", "reminders"})
        return NewEvent(
            cohort=cohort,
            reminders=tuple(self.reminders),
            follow_up=tuple((one.name, one.hours) for one in self.nuggets),
            procedures=tuple((one.name, one.hours) for one in self.procedures),
            **plain,
        )


class CallOff(BaseModel):
    """Whether its follow-up nuggets may be planned from now on."""

    release_follow_up: bool = False


class EventLine(BaseModel):
    """An event; it opens and closes at these instants. `state`: "ahead", "open", "over" or "cancelled"."""

    slug: str
    title: str
    cohort_id: int
    kind: EventKind
    hashtag: str
    link: str
    zone: str
    state: str
    opens_at: datetime
    closes_at: datetime

    @classmethod
    def of(cls, event: Event, now: datetime) -> EventLine:
        """The event as it stands at `now` (programme time)."""
        names = cls.model_fields.keys() - {"state"}
        return cls(state=event.phase(now).value, **{name: getattr(event, name) for name in names})


class EventSeen(BaseModel):
    """An event as it stands: its posts, how far what was said in it is read, and what is lost."""

    event: EventLine
    seen: Overview


class EventMade(BaseModel):
    """What an event is, or would be: its posts with their prices, the nuggets it holds back and until when, and what is
    worth knowing before one agrees."""

    event: EventLine
    posts: list[PlannedPost]
    price_micros: int
    follow_up: dict[str, datetime]
    notes: list[str]

    @classmethod
    def of(cls, plan: EventPlan, now: datetime) -> EventMade:
        """A plan, as the API tells it."""
        return cls(
            event=EventLine.of(plan.event, now),
            posts=list(plan.posts),
            price_micros=plan.price_micros,
            follow_up=dict(plan.follow_up),
            notes=list(plan.notes),
        )


def routes(console: Console) -> APIRouter:
    """`/events`, and `/cohorts/<slug>/events` to make one."""
    router = calls_of(console, "events")

    @router.get("/events")
    def listed(request: Request) -> list[EventLine]:
        """The events of your cohorts, in the order in which they were made."""
        seen, now = console.gate.here(request).scope(Right.LOOK), console.clock.now()
        with console.database.read() as connection:
            return [EventLine.of(one, now) for one in events.events(connection) if seen.holds(one.cohort_id)]

    @router.get("/events/{slug}")
    def one(request: Request, slug: str) -> EventSeen:
        """One event: its posts, and how much was said in it."""
        there, now = _event(console, console.gate.here(request), slug, Right.LOOK), console.clock.now()
        with console.database.read() as connection:
            return EventSeen(event=EventLine.of(there, now), seen=overview(connection, there, now))

    @router.get(
        "/events/{slug}/record.md", response_class=Response, responses={200: {"content": {"text/markdown": {}}}}
    )
    def record(request: Request, slug: str) -> Response:
        """What was said, as Markdown. Names stand in it only of those who agree to be named at this moment."""
        _event(console, console.gate.here(request), slug, Right.NAMES)
        text = record_markdown(event_record(console.database, slug, now=console.clock.now()))
        return Response(text, media_type="text/markdown; charset=utf-8")

    _add_changes(router, console)
    return router


def _add_changes(router: APIRouter, console: Console) -> None:
    @router.post("/cohorts/{slug}/events", status_code=201)
    def make(request: Request, slug: str, new: AskedEvent, look: Annotated[LookOnly, Query()]) -> EventMade:
        """Put an event on record: it is announced, reminded of and started by itself. With `dry_run`: what it would
        be."""
        viewer = console.gate.here(request)
        wanted = new.of(cohort_for(console, viewer, slug, Right.ANSWER).slug)
        means, now = (console.renderer, console.tariff), console.clock.now()
        if look.dry_run:
            return EventMade.of(preview_event(console.database, wanted, *means, now=now), now)
        made = create_event(console.database, wanted, *means, agreed=new.agreed, actor=viewer.actor, now=now)
        return EventMade.of(made, now)

    @router.post("/events/{slug}/open")
    def begin(request: Request, slug: str) -> EventLine:
        """Begin before its time, or go on after it was closed by hand."""
        viewer, now = console.gate.here(request), console.clock.now()
        there = _event(console, viewer, slug, Right.ANSWER)
        return EventLine.of(open_event(console.database, there.slug, actor=viewer.actor, now=now), now)

    @router.post("/events/{slug}/close")
    def end(request: Request, slug: str) -> EventLine:
        """End before its time: what is said from now on does not belong to it."""
        viewer, now = console.gate.here(request), console.clock.now()
        there = _event(console, viewer, slug, Right.ANSWER)
        return EventLine.of(close_event(console.database, there.slug, actor=viewer.actor, now=now), now)

    @router.post("/events/{slug}/cancel")
    def call_off(request: Request, slug: str, how: CallOff) -> EventLine:
        """Call it off; news of that goes out if it had been announced."""
        viewer = console.gate.here(request)
        there = _event(console, viewer, slug, Right.ANSWER)
        release, now = how.release_follow_up, console.clock.now()
        gone = cancel_event(console.database, there.slug, release=release, actor=viewer.actor, now=now)
        return EventLine.of(gone, now)


def _event(console: Console, viewer: Viewer, slug: str, right: Right) -> Event:
    return theirs(console, viewer, right, "event", lambda connection: events.event_by_slug(connection, slug))
