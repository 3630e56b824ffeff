"""The audit log: who did what to which opaque id. Rows are only ever added.

Each row's hash covers the one before it, so that a row that was changed, taken out or slipped in later is found by
`verify`. A handle, a name, an employee id or a text never goes in: `record` takes ids and counts, and refuses what
looks like prose.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import regex
from sqlalchemy import Connection, insert, select

from reinforce.store import tables as t
from reinforce.store.operating.locks import one_at_a_time

FIRST = "0" * 64
_BATCH = 1_000
_OPAQUE = regex.compile(r"[A-Za-z0-9][A-Za-z0-9:/._\-]{0,119}")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row. `subject` is "kind/id"; `detail` holds ids, counts and words of the product only."""

    id: int
    at: datetime
    actor: str
    verb: str
    subject: str
    detail: dict[str, Any]
    previous: str
    hash: str


def record(
    connection: Connection, actor: str, verb: str, subject: str, detail: Mapping[str, Any], now: datetime
) -> None:
    """Add a row, in the caller's write transaction: as its last act, since others wait for the log until it commits.

    `subject` is such as "learner/12" or "cohort/3". Raises ValueError where `subject` or a value of `detail` is not an
    id, a number, a flag, a list of them or one token without spaces: prose can hold a name.
    """
    _require_opaque(subject)
    for value in detail.values():
        _require_opaque(value)
    one_at_a_time(connection, "audit")  # two rows must never follow the same one
    previous = connection.execute(select(t.audit.c.hash).order_by(t.audit.c.id.desc()).limit(1)).scalar()
    row = {
        "at": now,
        "actor": actor,
        "verb": verb,
        "subject": subject,
        "detail": dict(detail),
        "previous": previous or FIRST,
    }
    connection.execute(insert(t.audit).values(**row, hash=_hash(row)))


def verify(connection: Connection) -> int | None:
    """The id of the first row that does not fit the chain, None if all do.

    Rows cut off at the end leave no trace in the chain itself: compare the last hash with a copy kept elsewhere.
    """
    previous = FIRST
    for entry in entries(connection):
        row = {name: getattr(entry, name) for name in ("at", "actor", "verb", "subject", "detail", "previous")}
        if entry.previous != previous or entry.hash != _hash(row):
            return entry.id
        previous = entry.hash
    return None


def entries(connection: Connection, *, subject: str | None = None) -> Iterator[AuditEntry]:
    """Every row in order, or those of one subject; read a batch at a time, so that no cursor stays open."""
    query = select(t.audit).order_by(t.audit.c.id).limit(_BATCH)
    if subject is not None:
        query = query.where(t.audit.c.subject == subject)
    last = 0
    while rows := connection.execute(query.where(t.audit.c.id > last)).mappings().all():
        yield from (AuditEntry(**row) for row in rows)
        last = rows[-1]["id"]


def _hash(row: Mapping[str, Any]) -> str:
    """SHA-256 over the row as canonical JSON (sorted keys, no spaces, ASCII), the previous hash included."""
    canonical = {**row, "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds")}
    return hashlib.sha256(json.dumps(canonical, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _require_opaque(value: Any) -> None:
    if isinstance(value, list | tuple):
        for one in value:
            _require_opaque(one)
    elif value not in (None, "") and not isinstance(value, int | float) and not _opaque(value):
        raise ValueError("the audit log takes opaque ids, numbers and single words only, never text")


def _opaque(value: Any) -> bool:
    return isinstance(value, str) and _OPAQUE.fullmatch(value) is not None
