"""Introductions as rows: what participants answered to a cohort's prompts, and the nuggets each is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, insert, or_, select

from reinforce.domain.errors import NotFound
from reinforce.domain.gathering.introducing import PROMPT, is_only_a_wish, without_address
from reinforce.domain.listening.intents import Intent
from reinforce.store import tables as t

_n, _g, _i, _o = t.introduction.c, t.introduction_tag.c, t.inbound.c, t.outbox.c


@dataclass(frozen=True, slots=True)
class Introduction:
    """What somebody answered to a prompt of a cohort. `name` is the learner's, "" for who is not on its roster; for
    facilitators alone. `tags` are nuggets ("procedure/slug")."""

    id: int
    cohort: str
    inbound_id: int
    learner_id: int | None
    name: str
    handle: str
    text: str
    at: datetime
    tags: tuple[str, ...] = ()


def gather(connection: Connection, now: datetime) -> tuple[int, ...]:
    """Take in what answers a prompt, was read, and is no introduction yet; the cohorts (ids) that got some."""
    taken = select(_n.inbound_id)
    query = (
        select(_i.id, _i.read_as, _o.cohort_id)
        .join(t.outbox, _o.id == _i.outbox_id)
        .where(_o.form == PROMPT, _o.cohort_id.is_not(None), _i.graded_at.is_not(None), _i.id.not_in(taken))
        .where(_i.gone_at.is_(None), _i.purged_at.is_(None))
        .order_by(_i.remote_id)
    )
    found = [row for row in connection.execute(query).all() if not is_only_a_wish(_intents(row.read_as))]
    for row in found:
        connection.execute(insert(t.introduction).values(cohort_id=row.cohort_id, inbound_id=row.id, gathered_at=now))
    return tuple(row.cohort_id for row in found)


def introductions(
    connection: Connection, *, cohort_id: int | None = None, introduction_id: int | None = None
) -> tuple[Introduction, ...]:
    """Every introduction, a cohort's, or one, in the order they were written. What X shows no more, and what a person
    has read otherwise since, is left out."""
    c, person = t.cohort.c, t.learner.c
    query = (
        select(
            _n.id,
            _n.inbound_id,
            c.slug.label("cohort"),
            _i.learner_id,
            person.name,
            _i.author_handle,
            _i.text,
            _i.created_at,
            _i.read_as,
        )
        .join(t.cohort, c.id == _n.cohort_id)
        .join(t.inbound, _i.id == _n.inbound_id)
        .outerjoin(t.learner, person.id == _i.learner_id)
        .where(_i.gone_at.is_(None), _i.purged_at.is_(None))
        .order_by(_i.created_at, _i.remote_id)
    )
    if cohort_id is not None:
        query = query.where(_n.cohort_id == cohort_id)
    if introduction_id is not None:
        query = query.where(_n.id == introduction_id)
    rows = [row for row in connection.execute(query).all() if not is_only_a_wish(_intents(row.read_as))]
    tags = _tags(connection, {row.id for row in rows})
    return tuple(
        Introduction(
            id=row.id,
            cohort=row.cohort,
            inbound_id=row.inbound_id,
            learner_id=row.learner_id,
            name=row.name or "",
            handle=row.author_handle,
            text=without_address(row.text),
            at=row.created_at,
            tags=tuple(tags[row.id]),
        )
        for row in rows
    )


def introduction(connection: Connection, introduction_id: int) -> Introduction:
    """One introduction. Raises NotFound."""
    found = introductions(connection, introduction_id=introduction_id)
    if not found:
        advice = "See what there is: reinforce introductions list COHORT"
        raise NotFound(f"there is no introduction with the number {introduction_id}", advice)
    return found[0]


def tag(connection: Connection, introduction_id: int, nugget_ids: Collection[int]) -> None:
    """Say that an introduction is about these nuggets, too; said twice counts once."""
    there = select(_g.nugget_id).where(_g.introduction_id == introduction_id)
    known = set(connection.execute(there).scalars())
    for nugget_id in sorted(set(nugget_ids) - known):
        connection.execute(insert(t.introduction_tag).values(introduction_id=introduction_id, nugget_id=nugget_id))


def untag(connection: Connection, introduction_id: int, nugget_ids: Collection[int]) -> None:
    """Take back that it is about these nuggets."""
    those = and_(_g.introduction_id == introduction_id, or_(*(_g.nugget_id == one for one in nugget_ids)))
    connection.execute(delete(t.introduction_tag).where(those))


def _tags(connection: Connection, ids: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    wanted, n, p = sorted(ids), t.nugget.c, t.procedure.c
    for start in range(0, len(wanted), 500):
        query = (
            select(_g.introduction_id, n.slug, p.slug.label("procedure"))
            .join(t.nugget, n.id == _g.nugget_id)
            .join(t.procedure, p.id == n.procedure_id)
            .where(_g.introduction_id.in_(wanted[start : start + 500]))
            .order_by(p.slug, n.position)
        )
        for row in connection.execute(query):
            found[row.introduction_id].append(f"{row.procedure}/{row.slug}")
    return found


def _intents(read_as: Collection[str]) -> set[Intent]:
    return {Intent(one) for one in read_as}
