"""The audit log as the console lists it: newest first, narrowed by who, what, to what, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from reinforce.store import tables as t
from reinforce.store.operating.audit import AuditEntry

PAGE = 50
# The verbs of so many rows are offered to choose from: nobody waits while a long log is read through for them.
_LOOKED_AT = 20_000
_BATCH = 2_000
_a = t.audit.c


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows; empty parts don't narrow. `verb` is a verb or the part before its dot, `subject` a subject such as
    "outbox/12" or its kind ("outbox"). Rows of [since, until), UTC; `before` is the row the list goes on from."""

    actor: str = ""
    verb: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page of the log, the newest row first."""

    entries: tuple[AuditEntry, ...]
    more: bool


def audit_page(connection: Connection, wanted: AuditFilter, *, limit: int = PAGE) -> AuditPage:
    """At most `limit` of the rows that are wanted."""
    query = select(t.audit).where(*_narrowed(wanted)).order_by(_a.id.desc()).limit(limit + 1)
    rows = connection.execute(query).mappings().all()
    return AuditPage(tuple(AuditEntry(**row) for row in rows[:limit]), len(rows) > limit)


def audit_rows(connection: Connection, wanted: AuditFilter, *, limit: int) -> Iterator[AuditEntry]:
    """The newest `limit` of the rows that are wanted; read a batch at a time."""
    query, last, left = select(t.audit).where(*_narrowed(wanted)).order_by(_a.id.desc()), None, limit
    while left:
        batch = query if last is None else query.where(_a.id < last)
        rows = connection.execute(batch.limit(min(_BATCH, left))).mappings().all()
        if not rows:
            return
        yield from (AuditEntry(**row) for row in rows)
        last, left = rows[-1]["id"], left - len(rows)


def verbs(connection: Connection) -> tuple[str, ...]:
    """The verbs of the newest rows, by name."""
    newest = select(_a.verb).order_by(_a.id.desc()).limit(_LOOKED_AT).subquery()
    return tuple(sorted(connection.execute(select(newest.c.verb).distinct()).scalars()))


def _narrowed(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    narrow: list[ColumnElement[bool]] = []
    if wanted.actor:
        narrow.append(_a.actor == wanted.actor)
    if wanted.verb:
        whole = "." in wanted.verb
        narrow.append(_a.verb == wanted.verb if whole else _a.verb.startswith(f"{wanted.verb}.", autoescape=True))
    if wanted.subject:
        whole = "/" in wanted.subject
        narrow.append(
            _a.subject == wanted.subject if whole else _a.subject.startswith(f"{wanted.subject}/", autoescape=True)
        )
    if wanted.since is not None:
        narrow.append(_a.at >= wanted.since)
    if wanted.until is not None:
        narrow.append(_a.at < wanted.until)
    if wanted.before is not None:
        narrow.append(_a.id < wanted.before)
    return narrow
