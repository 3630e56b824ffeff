"""Events, what was said in them, and introductions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey
from sqlmodel import Field

from reinforce.store.tables.base import BIG, Base, instant, json_column, key, reference, remote_key, text_column


def _part_of(target: str, *, index: bool = False) -> Column[int]:
    """Half of a primary key; the row goes with what it is about."""
    return Column(BIG, ForeignKey(target, ondelete="CASCADE"), primary_key=True, index=index)


class EventRow(Base, table=True):
    """A live session, or a recording that is watched over weeks (domain/gathering/events.py).

    `starts` and `ends` are local times ("2026-03-04T14:00") in `zone`; `reminders` hours before. `opened_at` and
    `closed_at` are a person's doing. `matched_id` is the newest row of the inbox that was held against it. When it is
    over, all of it is read once more: `sweep_at` is when that began, `swept_at` when it was done. Programme time."""

    __tablename__ = "event"
    id: int | None = key()
    slug: str = Field(unique=True)
    title: str
    cohort_id: int = reference("cohort.id")
    kind: str
    hashtag: str
    link: str
    zone: str
    starts: str
    ends: str
    announce_at: datetime | None = instant(null=True)
    reminders: list[int] = json_column()
    opened_at: datetime | None = instant(null=True)
    closed_at: datetime | None = instant(null=True)
    cancelled_at: datetime | None = instant(null=True)
    matched_id: int = 0
    sweep_at: datetime | None = instant(null=True)
    swept_at: datetime | None = instant(null=True)
    created_at: datetime = instant()


class EventFollowUpRow(Base, table=True):
    """A nugget that is held back until so many hours after an event's end."""

    __tablename__ = "event_follow_up"
    event_id: int = Field(sa_column=_part_of("event.id"))
    nugget_id: int = Field(sa_column=_part_of("nugget.id", index=True))
    hours: int


class EventFeedRow(Base, table=True):
    """How far search was read for one term of an event (its hashtag, a conversation).

    All older than `since_id` is known. A reading in progress began at `top_id` and has come down to `until_id`. `at` is
    when one last came to its end (programme time); `swept`: since the event was over, from its beginning."""

    __tablename__ = "event_feed"
    event_id: int = Field(sa_column=_part_of("event.id"))
    term: str = Field(primary_key=True)
    since_id: int = remote_key(null=False)
    top_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    until_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    at: datetime | None = instant(null=True)
    swept: bool = False


class EventPostRow(Base, table=True):
    """A post of the inbox that was said in an event."""

    __tablename__ = "event_post"
    event_id: int = Field(sa_column=_part_of("event.id"))
    inbound_id: int = Field(sa_column=_part_of("inbound.id", index=True))


class EventGapRow(Base, table=True):
    """A stretch of an event that search could not be read for any more, and why."""

    __tablename__ = "event_gap"
    id: int | None = key()
    event_id: int = reference("event.id")
    begins: datetime = instant()
    ends: datetime = instant()
    reason: str = text_column()


class IntroductionRow(Base, table=True):
    """What a participant answered to a prompt of their cohort."""

    __tablename__ = "introduction"
    id: int | None = key()
    cohort_id: int = reference("cohort.id")
    inbound_id: int = Field(
        sa_column=Column(BIG, ForeignKey("inbound.id", ondelete="CASCADE"), nullable=False, unique=True)
    )
    gathered_at: datetime = instant()


class IntroductionTagRow(Base, table=True):
    """A nugget that an introduction is about, as a person sees it."""

    __tablename__ = "introduction_tag"
    introduction_id: int = Field(sa_column=_part_of("introduction.id"))
    nugget_id: int = Field(sa_column=_part_of("nugget.id", index=True))
