"""The audit log: who did what to which opaque id. Rows are only ever added.

Each row's hash covers the one before it, so that a row that was changed, taken out or slipped in later is found by
`verify`; the head (length and last hash) shows what was cut off at the end. A handle, a name, an employee id or a text
never goes in: `record` takes ids and counts, and refuses what looks like prose.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import regex
from sqlalchemy import CTE, Connection, Insert, String, bindparam, func, insert, select, text, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from reinforce.store import tables as t
from reinforce.store.session import Last, count_last, do_last, note_change

FIRST = "0" * 64
# Where the hash goes in a row's JSON: the last such key, since only a subject and a verb come after it.
_NO_PREVIOUS = '"previous":""'
_BATCH = 1_000
_h = t.audit_head.c


class sha256_hex(FunctionElement[str]):  # noqa: N801 - used like SQLAlchemy's own `func.now`
    """SHA-256 of a text as UTF-8, in hexadecimal digits, computed by the database."""

    type = String()
    inherit_cache = True


@compiles(sha256_hex, "sqlite")
def _sqlite_sha256(element: Any, compiler: Any, **more: Any) -> str:
    return f"sha256_hex({compiler.process(element.clauses, **more)})"  # which `Database` gives each connection


@compiles(sha256_hex, "postgresql")
def _postgres_sha256(element: Any, compiler: Any, **more: Any) -> str:
    return f"encode(sha256(convert_to({compiler.process(element.clauses, **more)}, 'UTF8')), 'hex')"


# The database itself chains the row to the head: who appends waits for others' transactions within this statement, and
# keeps others waiting for as little as can be.
_GROW = (
    update(t.audit_head)
    .where(_h.id == 1)
    .values(
        length=_h.length + 1,
        previous=_h.hash,
        hash=sha256_hex(bindparam("before", type_=String()) + _h.hash + bindparam("after", type_=String())),
    )
    .returning(_h.previous, _h.hash)
)
_ADDED = ("at", "actor", "verb", "subject", "detail")
_ADD = insert(t.audit)


def grow_and_add(parts: Sequence[CTE] = ()) -> Insert:
    """The head's move and the row that it makes, in one statement, with the parameters of `Row.parameters`.

    As a part of a larger one it comes last: it waits for all of `parts`, so that what they lock is locked before the
    log, as everywhere; and it is made only if the first of them changed one row."""
    counts = [select(func.count()).select_from(part).scalar_subquery() for part in parts]
    after = [counts[0] == 1, *(count >= 0 for count in counts[1:])] if counts else []
    grown = _GROW.where(*after).cte("grown")
    row = select(*(bindparam(f"added_{name}", type_=t.audit.c[name].type) for name in _ADDED), grown)
    return _ADD.from_select([*_ADDED, "previous", "hash"], row).add_cte(grown).returning(t.audit.c.id)


_GROW_AND_ADD = grow_and_add()
_BEGIN = text(
    f"INSERT INTO audit_head (id, length, previous, hash) VALUES (1, 0, '', '{FIRST}') ON CONFLICT (id) DO NOTHING"  # noqa: S608
)
_HEAD = select(_h.length, _h.hash).where(_h.id == 1)
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


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is to be added. Raises ValueError where `subject` or a value of `detail` is not an id, a number, a
    flag, a list of them or one token without spaces: prose can hold a name."""

    at: datetime
    actor: str
    verb: str
    subject: str
    detail: dict[str, Any]

    def __post_init__(self) -> None:
        for value in (self.subject, *self.detail.values()):
            _require_opaque(value)

    @property
    def values(self) -> dict[str, Any]:
        """What of it is not known to the database."""
        return {name: getattr(self, name) for name in _ADDED}

    @property
    def around(self) -> dict[str, str]:
        """Its JSON before and after the hash of the row before it."""
        before, _, after = _canonical({**self.values, "previous": ""}).rpartition(_NO_PREVIOUS)
        return {"before": f'{before}"previous":"', "after": f'"{after}'}

    @property
    def parameters(self) -> dict[str, Any]:
        """What `grow_and_add` is to be given."""
        return {f"added_{name}": value for name, value in self.values.items()} | self.around


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends: how many rows it has, and the hash of the last. Written "41:9f2c…"."""

    length: int
    hash: str

    def __str__(self) -> str:
        return f"{self.length}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What reading the whole chain found. `broken_at` is the first row that does not fit, `fault` says how; both are
    empty where the chain is whole. A log whose end was cut off has a fault and no row that shows it."""

    head: Head
    broken_at: int | None = None
    fault: str = ""

    @property
    def whole(self) -> bool:
        """True if nothing was found."""
        return not self.fault


EMPTY = Head(0, FIRST)


def record(
    connection: Connection, actor: str, verb: str, subject: str, detail: Mapping[str, Any], now: datetime
) -> None:
    """Add a row, in the caller's write transaction: as its last act, since others wait for the log until it commits.
    Not within a savepoint: what becomes of it is not known yet.

    `subject` is such as "learner/12" or "cohort/3". Raises ValueError as `Row` does.
    """
    add(connection, Row(now, actor, verb, subject, dict(detail)))


def add(connection: Connection, row: Row) -> None:
    """As `record`."""
    do_last(connection, Last.AUDIT, count_last(connection, Last.AUDIT), partial(_append, row))


def _append(row: Row, connection: Connection) -> None:
    # It follows the head, not the last row there is: where rows were cut off, the next one shows the gap.
    if not _chained(row, connection):
        connection.execute(_BEGIN)  # before the first row of all, which more than one may be about to write
        _chained(row, connection)


def _chained(row: Row, connection: Connection) -> bool:
    """Add the row and move the head to it; False if there is no head yet."""
    if connection.dialect.name == "postgresql":
        note_change(connection, _GROW)
        return connection.execute(_GROW_AND_ADD, row.parameters).first() is not None
    grown = connection.execute(_GROW, row.around).mappings().first()
    if grown is not None:
        connection.execute(_ADD, {**row.values, **grown})
    return grown is not None


def head(connection: Connection) -> Head:
    """Where the log ends, by its own account. Note it down elsewhere: `verify` compares the log with the note."""
    row = connection.execute(_HEAD).first()
    return EMPTY if row is None else Head(row.length, row.hash)


def verify(connection: Connection, noted: Head | None = None) -> Verification:
    """Read the whole chain and compare it with its head, and with a head that was `noted` earlier.

    A row that was changed, taken out or slipped in breaks the chain where it stood. Rows cut off at the end leave the
    chain whole but shorter than its head says; whoever cuts the head as well is found out by a noted one.
    """
    found, missing = EMPTY, noted
    for entry in entries(connection):
        missing = None if missing == found else missing
        if entry.previous != found.hash:
            return Verification(found, entry.id, "does not follow the row before it")
        row = {name: getattr(entry, name) for name in ("at", "actor", "verb", "subject", "detail", "previous")}
        if entry.hash != _hash(row):
            return Verification(found, entry.id, "was changed after it was written")
        found = Head(found.length + 1, entry.hash)
    said = head(connection)
    if found != said:
        return Verification(found, None, f"the log ends after {found.length} rows, and its head says {said.length}")
    if missing not in (None, found):
        return Verification(found, None, "the head that was noted is not in this log: it was cut off or written anew")
    return Verification(found)


def latest(
    connection: Connection, *, limit: int, subject: str | None = None, before: int | None = None
) -> tuple[AuditEntry, ...]:
    """The newest `limit` rows, the newest first; those of one subject, and from before a row, where these are given."""
    query = select(t.audit).order_by(t.audit.c.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(t.audit.c.subject == subject)
    if before is not None:
        query = query.where(t.audit.c.id < before)
    return tuple(AuditEntry(**row) for row in connection.execute(query).mappings())


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
    """SHA-256 over the row as canonical JSON, the previous hash included."""
    return hashlib.sha256(_canonical(row).encode()).hexdigest()


def _canonical(row: Mapping[str, Any]) -> str:
    """A row as JSON with sorted keys, without spaces, in ASCII."""
    canonical = {**row, "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds")}
    return json.dumps(canonical, sort_keys=True, separators=(",", ":"))


def _require_opaque(value: Any) -> None:
    if isinstance(value, list | tuple):
        for one in value:
            _require_opaque(one)
    elif value not in (None, "") and not isinstance(value, int | float) and not _opaque(value):
        raise ValueError("the audit log takes opaque ids, numbers and single words only, never text")


def _opaque(value: Any) -> bool:
    return isinstance(value, str) and _OPAQUE.fullmatch(value) is not None
