"""What there is to find a procedure's parameters by: how much came back, its nuggets' logs, its graded answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from reinforce.domain.nugget import Form
from reinforce.domain.planning.exposure import EvidenceKind, NuggetLog
from reinforce.domain.planning.plan_context import day_number
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.planning.event_log import read_log
from reinforce.store.revising import recalls

_r, _n, _o = t.review.c, t.nugget.c, t.outbox.c
_GRADED = [EvidenceKind.ANSWER.value, EvidenceKind.NOT_SURE.value]
# Nuggets whose logs are read: with more of them the estimate would hardly move, and the daemon would be held up.
_NUGGETS = 60


@dataclass(frozen=True, slots=True)
class Amount:
    """How many graded answers there are on a procedure, and posts of it that went out."""

    answers: int = 0
    posts: int = 0


def amounts(connection: Connection) -> dict[int, Amount]:
    """By procedure; those of which nothing went out and nothing came back are absent."""
    posts: dict[int, int] = dict(
        connection.execute(
            select(_n.procedure_id, func.count())
            .join(t.outbox, _o.nugget_id == _n.id)
            .where(_o.state == State.POSTED.value, _o.form.in_([form.value for form in Form]))
            .group_by(_n.procedure_id)
        ).all()
    )
    graded_each = _graded(_n.procedure_id, func.count()).group_by(_n.procedure_id)
    answers: dict[int, int] = dict(connection.execute(graded_each).all())
    return {key: Amount(answers.get(key, 0), posts.get(key, 0)) for key in sorted({*posts, *answers})}


def logs(connection: Connection, procedure_id: int, now: datetime) -> tuple[NuggetLog, ...]:
    """The logs of a procedure's nuggets as of `now`; of a procedure with many nuggets those of some, evenly chosen."""
    log = read_log(connection, now)
    known = set(connection.execute(select(_n.id).where(_n.procedure_id == procedure_id)).scalars())
    reviewed = select(_r.nugget_id).where(_r.nugget_id.in_(sorted(known))).distinct()
    ids = sorted(known & {*log.posts, *connection.execute(reviewed).scalars()})
    return tuple(log.of(connection, nugget_id) for nugget_id in ids[:: -(-len(ids) // _NUGGETS) or 1])


def graded(connection: Connection, procedure_id: int) -> list[tuple[int, int, float, int]]:
    """Every graded answer on a procedure, by all learners: (learner, nugget, day since 1970, rating 1 to 4)."""
    query = _graded(_r.learner_id, _r.nugget_id, _r.at, _r.rating).where(_n.procedure_id == procedure_id)
    return [(learner, nugget, day_number(at), rating) for learner, nugget, at, rating in connection.execute(query)]


def slugs(connection: Connection) -> dict[int, str]:
    """The name of each procedure."""
    return dict(connection.execute(select(t.procedure.c.id, t.procedure.c.slug)).all())


def _graded(*columns: Any) -> Select[Any]:
    query = select(*columns).select_from(t.review).join(t.nugget, _n.id == _r.nugget_id)
    # What was answered before a nugget was learnt anew was about something else.
    anew = recalls.last_reset(_r.nugget_id)
    return query.where(_r.voided_at.is_(None), _r.evidence.in_(_GRADED), or_(anew.is_(None), _r.at > anew))
