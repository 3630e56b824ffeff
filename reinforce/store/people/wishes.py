"""What learners wished by reply: kept with what became of it, and done where it is a matter of their own row."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, insert, select, update

from reinforce.domain.cohort import ConsentKind
from reinforce.domain.listening.preferences import Wish, WishKind, zone_named
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.people import people

_w = t.wish.c
# How the outcome of a wish begins that was answered by a post of ours.
ANSWERED = "answered by post"
_ABOUT_NAMING = (WishKind.NAMING.value, WishKind.NO_NAMING.value)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a wish, in words; `for_a_person`: it could not be done."""

    words: str
    for_a_person: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A wish that is not dealt with yet."""

    id: int
    inbound_id: int
    learner_id: int
    at: datetime


def keep(
    connection: Connection,
    learner_id: int,
    inbound_id: int,
    wish: Wish,
    source: str,
    zones: Collection[str],
    now: datetime,
) -> Kept:
    """Write down what a linked learner wished in a reply, and do it. `source` is the reply as a consent names it,
    `zones` the names of time zones there are. Catching up is left to `actions.privacy.catch_up`."""
    there = exists().where(_w.inbound_id == inbound_id, _w.kind == wish.kind.value)
    if connection.execute(select(there)).scalar():
        return Kept("wished before")
    waits = wish.kind is WishKind.CATCH_UP
    kept = Kept("it asks for what was missed") if waits else _do(connection, learner_id, wish, source, zones, now)
    row = {"inbound_id": inbound_id, "learner_id": learner_id, "kind": wish.kind.value, "value": wish.value, "at": now}
    done = {"dealt_at": None if waits else now, "outcome": "" if waits else kept.words}
    connection.execute(insert(t.wish).values(**row, **done))
    return kept


def _do(
    connection: Connection, learner_id: int, wish: Wish, source: str, zones: Collection[str], now: datetime
) -> Kept:
    if wish.kind is WishKind.NAMING:
        people.give_consent(connection, learner_id, ConsentKind.NAMING, source, now)
        return Kept("may be named from now on")
    if wish.kind is WishKind.NO_NAMING:
        people.withdraw_consent(connection, learner_id, ConsentKind.NAMING, now)
        return Kept("is not to be named any more")
    if wish.kind is WishKind.LANGUAGE:
        people.set_language(connection, learner_id, wish.value)
        return Kept(f"is written to in {wish.value} from now on")
    zone = zone_named(wish.value, zones)
    if not zone:
        return Kept("names no time zone that is known: put it into the roster", for_a_person=True)
    people.set_own_zone(connection, learner_id, zone)
    return Kept(f"lives by the time of {zone} from now on")


def take_back_naming(connection: Connection, learner_id: int, inbound_id: int, source: str, now: datetime) -> None:
    """A reply did not mean that the learner may be named: end the consent that was read in it."""
    c = t.consent.c
    live = (
        c.learner_id == learner_id,
        c.kind == ConsentKind.NAMING.value,
        c.source == source,
        c.withdrawn_at.is_(None),
    )
    connection.execute(update(t.consent).where(*live).values(withdrawn_at=now))
    connection.execute(t.wish.delete().where(_w.inbound_id == inbound_id, _w.kind.in_(_ABOUT_NAMING)))


def own_word_on_naming(connection: Connection, learner_ids: Collection[int]) -> dict[int, bool]:
    """Of these learners, those who said themselves whether they may be named, and what they said last."""
    said: dict[int, bool] = {}
    ids = sorted(learner_ids)
    for start in range(0, len(ids), 500):
        query = select(_w.learner_id, _w.kind).where(_w.kind.in_(_ABOUT_NAMING))
        for row in connection.execute(query.where(_w.learner_id.in_(ids[start : start + 500])).order_by(_w.id)):
            said[row.learner_id] = row.kind == WishKind.NAMING.value
    return said


def waiting(connection: Connection, kind: WishKind, limit: int) -> tuple[Waiting, ...]:
    """Wishes of one kind that are not dealt with, the oldest first."""
    query = select(_w.id, _w.inbound_id, _w.learner_id, _w.at).where(_w.kind == kind.value, _w.dealt_at.is_(None))
    return tuple(Waiting(*row) for row in connection.execute(query.order_by(_w.id).limit(limit)))


def refused(connection: Connection, form: str) -> tuple[Waiting, ...]:
    """Wishes that were answered by a reply of this form, which X did not take; said once, until they are dealt with
    anew."""
    o = t.outbox.c
    not_taken = exists().where(o.inbound_id == _w.inbound_id, o.form == form, o.state == State.REFUSED.value)
    query = select(_w.id, _w.inbound_id, _w.learner_id, _w.at).where(_w.outcome.startswith(ANSWERED), not_taken)
    return tuple(Waiting(*row) for row in connection.execute(query.order_by(_w.id)))


def hand_over(connection: Connection, wish_id: int, outcome: str) -> None:
    """What was done of a wish came to nothing: it is a person's now."""
    connection.execute(update(t.wish).where(_w.id == wish_id).values(outcome=outcome))


def deal(connection: Connection, wish_id: int, outcome: str, now: datetime) -> bool:
    """Write down what became of a wish; False if somebody else has dealt with it."""
    open_one = update(t.wish).where(_w.id == wish_id, _w.dealt_at.is_(None))
    return connection.execute(open_one.values(dealt_at=now, outcome=outcome)).rowcount == 1
