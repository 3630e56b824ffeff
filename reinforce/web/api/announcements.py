"""Announcements: news with a date, and reminders on the days before."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from reinforce.actions.announcing.prepare import CancelOutcome, Foretold, cancel, create, foretell
from reinforce.domain.access.rights import Right
from reinforce.domain.announcing.announcement import AT, LADDER, Announcement, NewAnnouncement, Rank
from reinforce.domain.nugget import Confidentiality
from reinforce.store.announcing.announcements import announcements, by_slug
from reinforce.web.api.calls import calls_of
from reinforce.web.api.reach import theirs
from reinforce.web.api.values import LookOnly
from reinforce.web.cohort_lookup import cohort_for
from reinforce.web.console import Console

Text = Annotated[str, Field(min_length=1, max_length=2000)]


class AskedAnnouncement(BaseModel):
    """News. `texts` are its wordings, one for each post, "{date}" in them stands for the day; `ladder` are the days
    before, as many as texts (null: the last of 14, 3, 0); `expires` the last day on which it is posted (null: its
    day)."""

    slug: str = Field(min_length=1, max_length=60)
    day: date
    texts: list[Text] = Field(min_length=1, max_length=10)
    expires: date | None = None
    link: str = Field("", max_length=2000)
    ladder: list[Annotated[int, Field(ge=0, le=3650)]] | None = Field(None, max_length=10)
    at: time = AT
    rank: Rank = Rank.BEFORE_NUGGETS
    audience: Confidentiality = Confidentiality.INTERNAL

    def as_new(self) -> NewAnnouncement:
        """The same, as the actions take it."""
        plain = self.model_dump(exclude={"texts", "ladder", "expires"})
        ladder = tuple(self.ladder or LADDER[-len(self.texts) :])
        return NewAnnouncement(texts=tuple(self.texts), ladder=ladder, expires=self.expires or self.day, **plain)


class AnnouncementLine(BaseModel):
    """An announcement; `at` is the local time of day of its posts, as "09:00"."""

    id: int
    slug: str
    cohort_id: int
    day: date
    expires: date
    texts: list[str]
    link: str
    ladder: list[int]
    at: str
    rank: Rank
    audience: Confidentiality
    cancelled: bool

    @classmethod
    def of(cls, one: Announcement) -> AnnouncementLine:
        """One on record, as the API tells it."""
        names = cls.model_fields.keys() - {"at"}
        return cls(at=f"{one.at:%H:%M}", **{name: getattr(one, name) for name in names})


class Announced(BaseModel):
    """The posts as they will stand, and the announcement; null if this was only a look."""

    announcement: AnnouncementLine | None
    posts: list[Foretold]


def routes(console: Console) -> APIRouter:
    """`/announcements`, and `/cohorts/<slug>/announcements` to make one."""
    router = calls_of(console, "announcements")

    @router.get("/announcements")
    def listed(request: Request) -> list[AnnouncementLine]:
        """The announcements to your cohorts."""
        seen = console.gate.here(request).scope(Right.LOOK)
        with console.database.read() as connection:
            return [AnnouncementLine.of(one) for one in announcements(connection) if seen.holds(one.cohort_id)]

    @router.post("/cohorts/{slug}/announcements", status_code=201)
    def announce(request: Request, slug: str, new: AskedAnnouncement, look: Annotated[LookOnly, Query()]) -> Announced:
        """Tell a cohort of something with a date. With `dry_run`: what would be posted, and what it costs."""
        viewer, now = console.gate.here(request), console.clock.now()
        there, wanted = cohort_for(console, viewer, slug, Right.STEER), new.as_new()
        posts = foretell(console.database, there.slug, wanted, console.tariff, now=now)
        if look.dry_run:
            return Announced(announcement=None, posts=list(posts))
        made = create(console.database, there.slug, wanted, console.tariff, actor=viewer.actor, now=now)
        return Announced(announcement=AnnouncementLine.of(made), posts=list(posts))

    @router.post("/announcements/{slug}/cancel")
    def call_off(request: Request, slug: str) -> CancelOutcome:
        """Post nothing more of it; what is out stays."""
        viewer = console.gate.here(request)
        there = theirs(console, viewer, Right.STEER, "announcement", lambda connection: by_slug(connection, slug))
        return cancel(console.database, there.slug, actor=viewer.actor, now=console.clock.now())

    return router
