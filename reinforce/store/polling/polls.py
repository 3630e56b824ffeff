"""Polls of where a cohort stands: kept with the post that carries them, and the result that was read when it closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from reinforce.domain.errors import NotFound
from reinforce.domain.polling.poll import NewPoll, Poll
from reinforce.domain.sending.outbox import TERMINAL, State
from reinforce.store import tables as t

_p, _o = t.poll.c, t.outbox.c


def add(connection: Connection, cohort_id: int, outbox_id: int, new: NewPoll, now: datetime) -> int:
    """Keep a poll with the post that will carry it; `now` is programme time. Returns its id."""
    values = {
        "cohort_id": cohort_id,
        "outbox_id": outbox_id,
        "question": new.question,
        "options": list(new.options),
        "topics": list(new.topics or [""] * len(new.options)),
        "label": new.label,
        "minutes": new.minutes,
        "asked_at": now,
        "votes": [],
        "lost": "",
    }
    return int(connection.execute(insert(t.poll).values(**values).returning(_p.id)).scalar_one())


def poll(connection: Connection, poll_id: int) -> Poll:
    """One poll. Raises NotFound."""
    found = _polls(connection, _all().where(_p.id == poll_id))
    if not found:
        raise NotFound(f"there is no poll {poll_id}", "See what there is: reinforce poll list")
    return found[0]


def polls(connection: Connection, cohort_id: int | None = None) -> tuple[Poll, ...]:
    """All polls, or a cohort's, the newest first."""
    query = _all().order_by(_p.id.desc())
    return _polls(connection, query if cohort_id is None else query.where(_p.cohort_id == cohort_id))


def with_topics(connection: Connection, cohort_id: int) -> tuple[Poll, ...]:
    """A cohort's polls that have a result."""
    return _polls(connection, _all().where(_p.cohort_id == cohort_id, _p.closed_at.is_not(None)))


def undecided(connection: Connection) -> tuple[Poll, ...]:
    """Polls that have neither a result nor a reason to have none, whose post is out or will never be."""
    ended = [state.value for state in sorted(TERMINAL)]
    waiting = _all().where(_p.closed_at.is_(None), _p.lost == "", _o.state.in_(ended))
    return _polls(connection, waiting.order_by(_p.id))


def close(connection: Connection, poll_id: int, votes: Sequence[int], now: datetime) -> bool:
    """Write down the result of a poll that has closed, once and for good; False if it has one."""
    open_ = update(t.poll).where(_p.id == poll_id, _p.closed_at.is_(None))
    return connection.execute(open_.values(votes=list(votes), closed_at=now)).rowcount > 0


def give_up(connection: Connection, poll_id: int, why: str) -> bool:
    """Write down why a poll will have no result; False if it has one, or was given up."""
    open_ = update(t.poll).where(_p.id == poll_id, _p.closed_at.is_(None), _p.lost == "")
    return connection.execute(open_.values(lost=why)).rowcount > 0


def _all() -> Select[Any]:
    return (
        select(t.poll, t.cohort.c.slug.label("cohort"), _o.state, _o.posted_at)
        .join(t.cohort, t.cohort.c.id == _p.cohort_id)
        .join(t.outbox, _o.id == _p.outbox_id)
    )


def _polls(connection: Connection, query: Select[Any]) -> tuple[Poll, ...]:
    return tuple(
        Poll(
            **{name: row[name] for name in Poll.__dataclass_fields__ if name not in ("options", "topics", "votes")},
            options=tuple(row["options"]),
            topics=tuple(row["topics"]),
            votes=tuple(row["votes"]),
        )
        for row in connection.execute(query).mappings()
    )


def is_out(poll_: Poll) -> bool:
    """Whether the post that carries it stands on X, as far as is known."""
    return poll_.state == State.POSTED.value
