"""How an event goes: its posts, how much was said, how many questions were answered, how far it was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, or_, select

from reinforce.domain.gathering.backchannel import REACH
from reinforce.domain.gathering.events import Event, EventKind, Phase, held_until
from reinforce.domain.listening.intents import Intent
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.authoring import nuggets
from reinforce.store.gathering import backchannel, events
from reinforce.store.people import cohorts

# Search shows seven days: a recording that was not read for six is about to lose something.
AT_RISK = {EventKind.LIVE: timedelta(minutes=15), EventKind.RECORDING: timedelta(days=6)}
PROTECTED = (
    "The account is protected: search shows neither its posts nor those of protected learners. What is said is"
    " collected from mentions and replies, and from public posts with the hashtag."
)


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post of ours that speaks of an event, as it stands."""

    at: datetime
    post: str
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class Overview:
    """`reading` says in words how far what was said is read, and what is lost. `follow_up`: nuggets ("procedure/slug")
    and until when they are held back; None: for good."""

    posts: tuple[PostLine, ...]
    said: int
    questions: int
    answered: int
    reading: tuple[str, ...]
    follow_up: Mapping[str, datetime | None]


def overview(connection: Connection, event: Event, now: datetime) -> Overview:
    """An event at `now` (programme time)."""
    o = t.outbox.c
    mine = select(t.outbox).where(o.occurrence.startswith(f"event/{event.id}/", autoescape=True))
    rows = connection.execute(mine.order_by(o.due_at, o.id)).mappings().all()
    said = [post for post in backchannel.posts(connection, event.id) if post.gone_at is None]
    asked = {post.id for post in said if Intent.QUESTION in post.intents}
    held = held_until(event, events.follow_up(connection, event.id))
    named = nuggets.nuggets_by_id(connection, list(held))
    return Overview(
        posts=tuple(
            PostLine(row["posted_at"] or row["due_at"], row["form"].removeprefix("event_"), row["state"], row["text"])
            for row in rows
        ),
        said=len(said),
        questions=len(asked),
        answered=len(asked & answered(connection, event.id)),
        reading=tuple(reading(connection, event, now)),
        follow_up={f"{named[key].procedure}/{named[key].slug}": until for key, until in held.items()},
    )


def answered(connection: Connection, event_id: int) -> set[int]:
    """The rows (ids) of an event's posts that have an answer: a reply that is up, or one that a facilitator gave."""
    p, o, q = t.event_post.c, t.outbox.c, t.inquiry.c
    other = t.inquiry.alias("first")
    # A receipt says that somebody looks into it: no answer.
    up = and_(p.event_id == event_id, o.state == State.POSTED.value, o.form != "receipt")
    replied = select(o.inbound_id).join(t.event_post, p.inbound_id == o.inbound_id).where(up)
    found = set(connection.execute(replied).scalars())
    given = (
        select(q.inbound_id)
        .join(t.event_post, p.inbound_id == q.inbound_id)
        .outerjoin(other, other.c.id == q.similar_to)
        .where(p.event_id == event_id, or_(q.answer != "", and_(other.c.id.is_not(None), other.c.answer != "")))
    )
    return found | set(connection.execute(given).scalars())


def reading(connection: Connection, event: Event, now: datetime) -> Iterator[str]:
    """What is to be known of how far it was read, in sentences."""
    account_id = cohorts.cohort_by_id(connection, event.cohort_id).account_id
    if accounts.account_by_id(connection, account_id).protected:
        yield PROTECTED
    for begins, ends, why in backchannel.gaps(connection, event.id):
        yield f"Lost: what was said without a mention from {_written(begins)} to {_written(ends)} UTC ({why})."
    last = backchannel.last_read(connection, event)
    phase = event.phase(now)
    if phase in (Phase.OPEN, Phase.OVER) and event.swept_at is None:
        yield "Not searched yet." if last is None else f"Last searched {_written(last)} UTC; not read to its end yet."
    if event.swept_at is not None:
        yield f"Read to its end once more at {_written(event.swept_at)} UTC."
    if at_risk(connection, event, now):
        yield f"At risk: search reaches back {REACH.days} days. Run the daemon, or see what keeps it from reading."


def at_risk(connection: Connection, event: Event, now: datetime) -> bool:
    """Whether an event that is open, or not read to its end, was not read for longer than it bears."""
    if event.phase(now) not in (Phase.OPEN, Phase.OVER) or event.swept_at is not None:
        return False
    last = backchannel.last_read(connection, event) or event.opens_at
    return now - last >= AT_RISK[event.kind]


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
