"""Programmes as loaded."""

from __future__ import annotations

import difflib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from reinforce.domain.errors import NotFound
from reinforce.domain.programmes.programme import Programme
from reinforce.domain.programmes.runs import RunState
from reinforce.store import tables as t

_p = t.programme.c


def save(connection: Connection, programme: Programme, content_hash: str, now: datetime) -> tuple[int, str]:
    """Keep a programme under its slug; its id, and "added", "changed" or "unchanged". Runs under way go on with what
    they were started with."""
    row = connection.execute(select(_p.id, _p.content_hash).where(_p.slug == programme.slug)).first()
    values = {"title": programme.title, "content": programme.as_content(), "content_hash": content_hash}
    if row is None:
        new = insert(t.programme).values(slug=programme.slug, **values, loaded_at=now).returning(_p.id)
        return int(connection.execute(new).scalar_one()), "added"
    if row.content_hash == content_hash:
        return row.id, "unchanged"
    connection.execute(update(t.programme).where(_p.id == row.id).values(**values, loaded_at=now))
    return row.id, "changed"


def hash_of(connection: Connection, slug: str) -> str | None:
    """The hash of what is loaded under a slug; None if nothing is."""
    return connection.execute(select(_p.content_hash).where(_p.slug == slug)).scalar()


def programme_by_slug(connection: Connection, slug: str) -> tuple[int, Programme]:
    """A loaded programme with its id. Raises NotFound, which names the nearest there is."""
    row = connection.execute(select(_p.id, _p.content).where(_p.slug == slug)).first()
    if row is not None:
        return row.id, Programme.from_content(row.content)
    near = difflib.get_close_matches(slug, connection.execute(select(_p.slug)).scalars().all(), n=1)
    advice = f"Did you mean {near[0]}?" if near else "See what there is: reinforce programme list"
    raise NotFound(f"there is no programme {slug}", advice)


def programme_rows(connection: Connection) -> list[dict[str, Any]]:
    """Every loaded programme, by slug, with how many cohorts run it."""
    r = t.programme_run.c
    running = select(func.count()).where(r.programme_id == _p.id, r.state == RunState.RUNNING.value).scalar_subquery()
    query = select(_p.slug, _p.title, _p.content, _p.loaded_at, running.label("running")).order_by(_p.slug)
    found = []
    for row in connection.execute(query):
        phases = Programme.from_content(row.content).phases
        told = " → ".join(phase.name if phase.days is None else f"{phase.name} {phase.days} d" for phase in phases)
        found.append({"programme": row.slug, "title": row.title, "phases": told, "running": row.running})
    return found
