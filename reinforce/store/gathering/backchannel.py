"""What was said in an event: which posts of the inbox belong to it, how far search was read, and what is lost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from reinforce.domain.gathering.backchannel import Feed, Membership, bears, tag_term, thread_term
from reinforce.domain.gathering.events import Event
from reinforce.domain.listening.inbound import Inbound, oldest_id_at
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.store import tables as t
from reinforce.store.listening import inbox
from reinforce.store.sending import outbox

_i, _p, _f, _o = t.inbound.c, t.event_post.c, t.event_feed.c, t.outbox.c
_BATCH = 500


def own_posts(connection: Connection, event: Event, *, under_way: bool = False) -> tuple[OutboxItem, ...]:
    """Our posts that speak of an event and are up, in order; with `under_way` those that may come up, too."""
    speaks = _o.occurrence.startswith(f"event/{event.id}/", autoescape=True)
    up = and_(_o.state == State.POSTED.value, _o.remote_id.is_not(None))
    if under_way:
        up = or_(up, _o.state.in_(sorted(state.value for state in outbox.UNDER_WAY)))
    return outbox.items_of(connection, select(t.outbox).where(speaks, up).order_by(_o.due_at, _o.id))


def found_again(connection: Connection, event: Event, account_id: int) -> tuple[OutboxItem, ...]:
    """Our posts with an event's hashtag that stand on the timeline and have no row of their own, since a backup was put
    back that knew nothing of them."""
    lost = and_(_o.account_id == account_id, _o.occurrence.startswith("found/"), _o.posted_at >= event.created_at)
    return tuple(
        one for one in outbox.items_of(connection, select(t.outbox).where(lost)) if bears(one.text, event.hashtag)
    )


def posts(connection: Connection, event_id: int) -> tuple[Inbound, ...]:
    """What was said in an event, in the order of X's ids."""
    query = select(t.inbound).join(t.event_post, _p.inbound_id == _i.id).where(_p.event_id == event_id)
    return inbox.rows(connection, query.order_by(_i.remote_id))


def membership(connection: Connection, event: Event) -> Membership:
    """What is known to belong to an event."""
    query = select(_i.remote_id).join(t.event_post, _p.inbound_id == _i.id).where(_p.event_id == event.id)
    known = set(connection.execute(query).scalars())
    return Membership(event, {item.remote_id for item in own_posts(connection, event) if item.remote_id}, known)


def match(connection: Connection, event: Event, account_id: int) -> int:
    """Hold what is in the inbox against an event, and take in what belongs to it; returns how many that were. Answers
    come after what they answer, so one walk in the order of ids is enough."""
    newest = int(connection.execute(select(func.max(_i.id)).where(_i.account_id == account_id)).scalar() or 0)
    if newest == event.matched_id:
        return 0
    there = membership(connection, event)
    within = and_(_i.remote_id >= oldest_id_at(event.opens_at), _i.remote_id < oldest_id_at(event.closes_at))
    known = select(_p.inbound_id).where(_p.event_id == event.id)
    query = select(t.inbound).where(_i.account_id == account_id, within, _i.id.not_in(known)).order_by(_i.remote_id)
    fresh = []
    for post in inbox.rows(connection, query):
        if there.belongs(post):
            there.posts.add(post.remote_id)
            fresh.append(post.id)
    for inbound_id in fresh:
        connection.execute(insert(t.event_post).values(event_id=event.id, inbound_id=inbound_id))
    connection.execute(update(t.event).where(t.event.c.id == event.id).values(matched_id=newest))
    return len(fresh)


# --- feeds --------------------------------------------------------------------------------------------------------


def feeds(connection: Connection, event: Event) -> tuple[Feed, ...]:
    """Every term of an event with how far it was read, those not read yet included: its hashtag, the conversations
    that we began, and those that participants began."""
    rows = connection.execute(select(t.event_feed).where(_f.event_id == event.id)).mappings()
    read = {row["term"]: row for row in rows}
    ours = {item.remote_id for item in own_posts(connection, event)}
    began = select(_i.remote_id).join(t.event_post, _p.inbound_id == _i.id)
    roots = began.where(_p.event_id == event.id, _i.in_reply_to.is_(None)).order_by(_i.remote_id)
    wanted = {tag_term(event): (oldest_id_at(event.opens_at), False)}
    wanted |= {thread_term(one): (one, True) for one in sorted(filter(None, ours))}
    wanted |= {thread_term(one): (one, False) for one in connection.execute(roots).scalars()}
    found = []
    for term, (since_id, is_ours) in wanted.items():
        row = read.get(term)
        if row is None:
            found.append(Feed(term, since_id, ours=is_ours))
        else:
            values = {name: row[name] for name in ("since_id", "top_id", "until_id", "at", "swept")}
            found.append(Feed(term, ours=is_ours, **values))
    return tuple(found)


def keep_feed(connection: Connection, event_id: int, feed: Feed) -> None:
    """Write down how far a term was read."""
    values: dict[str, Any] = {name: getattr(feed, name) for name in ("since_id", "top_id", "until_id", "at", "swept")}
    here = and_(_f.event_id == event_id, _f.term == feed.term)
    if connection.execute(update(t.event_feed).where(here).values(**values)).rowcount == 0:
        connection.execute(insert(t.event_feed).values(event_id=event_id, term=feed.term, **values))


def begin_sweep(connection: Connection, event: Event, now: datetime) -> None:
    """All of the event is to be read once more, from its beginning."""
    connection.execute(
        update(t.event_feed).where(_f.event_id == event.id).values(top_id=None, until_id=None, swept=False)
    )
    connection.execute(update(t.event).where(t.event.c.id == event.id).values(sweep_at=now, swept_at=None))


def last_read(connection: Connection, event: Event) -> datetime | None:
    """When the search for the event's hashtag last came to its end (programme time); None: it never did."""
    query = select(_f.at).where(_f.event_id == event.id, _f.term == tag_term(event))
    found: datetime | None = connection.execute(query).scalar()
    return found


# --- gaps ---------------------------------------------------------------------------------------------------------


def note_gap(connection: Connection, event_id: int, begins: datetime, ends: datetime, reason: str) -> None:
    """Put a stretch that can't be read any more on record; one that meets it grows instead."""
    g = t.event_gap.c
    meets = and_(g.event_id == event_id, g.begins <= ends, g.ends >= begins)
    row = connection.execute(select(g.id, g.begins, g.ends).where(meets).limit(1)).first()
    if row is None:
        connection.execute(insert(t.event_gap).values(event_id=event_id, begins=begins, ends=ends, reason=reason))
        return
    grown = {"begins": min(row.begins, begins), "ends": max(row.ends, ends)}
    connection.execute(update(t.event_gap).where(g.id == row.id).values(**grown))


def gaps(connection: Connection, event_id: int) -> tuple[tuple[datetime, datetime, str], ...]:
    """The stretches (from, to, why) that could not be read, in order."""
    g = t.event_gap.c
    query = select(g.begins, g.ends, g.reason).where(g.event_id == event_id).order_by(g.begins)
    return tuple((row.begins, row.ends, row.reason) for row in connection.execute(query))


def replies_to(connection: Connection, inbound_ids: Iterable[int]) -> tuple[OutboxItem, ...]:
    """Our replies to these posts that are up, in order."""
    wanted, found = sorted(set(inbound_ids)), list[OutboxItem]()
    for start in range(0, len(wanted), _BATCH):
        up = and_(_o.inbound_id.in_(wanted[start : start + _BATCH]), _o.state == State.POSTED.value)
        found += outbox.items_of(connection, select(t.outbox).where(up).order_by(_o.posted_at, _o.id))
    return tuple(found)


def answers_to(connection: Connection, inbound_ids: Iterable[int]) -> tuple[tuple[int, str, datetime], ...]:
    """What facilitators answered to these posts: (row, answer, when it was given), in order. One that asks the same as
    another has that one's answer."""
    q, first = t.inquiry.c, t.inquiry.alias("first")
    wanted, found = sorted(set(inbound_ids)), list[tuple[int, str, datetime]]()
    for start in range(0, len(wanted), _BATCH):
        query = (
            select(
                q.inbound_id, q.answer, q.answered_at, first.c.answer.label("other"), first.c.answered_at.label("then")
            )
            .outerjoin(first, first.c.id == q.similar_to)
            .where(q.inbound_id.in_(wanted[start : start + _BATCH]))
            .order_by(q.inbound_id)
        )
        for row in connection.execute(query):
            answer, at = (row.answer, row.answered_at) if row.answer else (row.other or "", row.then)
            if answer and at is not None:
                found.append((row.inbound_id, answer, at))
    return tuple(found)
