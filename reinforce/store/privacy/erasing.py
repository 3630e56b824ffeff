"""Take a person out of every table, by the register (holdings.py).

`collect` finds out what is held of somebody and changes nothing; `take_out` does it, in the same transaction or in
another one that has looked again. Rows that point at what goes are found until nothing more is, so a new table needs
its line in the register and no code here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    Text,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)  # fmt: skip

from reinforce.domain.errors import Conflict
from reinforce.domain.privacy.striking import hints, strike
from reinforce.domain.sending.outbox import State
from reinforce.domain.texts.naming_guard import NamingGuard, PersonMarks
from reinforce.store import tables as t
from reinforce.store.operating.locks import one_at_a_time
from reinforce.store.people import cohorts
from reinforce.store.planning import memories
from reinforce.store.planning.packing import SHARD, DamagedBelief, without
from reinforce.store.privacy import meanwhile
from reinforce.store.privacy.holdings import HOLDINGS, Fate
from reinforce.store.sending import outbox

_BATCH = 500
WITHDRAWN = "somebody it was for, or about, was erased"
_WAITING = frozenset({State.PLANNED.value, State.LEASED.value, State.HELD.value})
_ON_ITS_WAY = frozenset({State.SENDING.value, State.UNKNOWN.value})
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be erased: on the roster, or known only by what they wrote to us. `marks` is all that names them,
    former handles included."""

    learner_ids: tuple[int, ...]
    remote_ids: tuple[int, ...]
    marks: tuple[PersonMarks, ...]
    employee_id: str = ""
    handle: str = ""
    stopped: bool = False

    @property
    def known_as(self) -> str:
        """What a person types to confirm: the employee id, else the handle."""
        return self.employee_id or f"@{self.handle}"


@dataclass(slots=True)
class Held:
    """What is held of a person, by table: keys of rows that go, of rows that lose their words, and what other rows are
    to say without the person's name (`struck`: key → column → new value)."""

    gone: dict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))
    emptied: dict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))
    struck: dict[str, dict[Key, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    cut: dict[str, dict[str, set[Key]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    beliefs: dict[Key, bytes | None] = field(default_factory=dict)
    # Outbox ids: waiting to go out to, or about, the person; and being sent at this moment.
    waiting: tuple[int, ...] = ()
    on_its_way: tuple[int, ...] = ()

    def counts(self) -> dict[str, int]:
        """How many rows of each table are concerned."""
        found = {name: len(rows) for name, rows in self.gone.items()}
        for rows_of in (self.emptied, self.struck):
            for name, rows in rows_of.items():
                found[name] = found.get(name, 0) + len(rows)
        if self.beliefs:
            found["memory"] = len(self.beliefs)
        return {name: count for name, count in sorted(found.items()) if count}


def person_on_roster(connection: Connection, *, employee_id: str = "", handle: str = "") -> Person | None:
    """The learner with this employee id, or with this handle; None if there is none."""
    p = t.learner.c
    named = p.employee_id == employee_id if employee_id else func.lower(p.handle) == handle.lower()
    row = connection.execute(select(t.learner).where(named).order_by(p.id)).mappings().first()
    return None if row is None else _person(connection, row)


def person_linked(connection: Connection, remote_user_id: int) -> Person | None:
    """The learner whom this X user id is linked to."""
    row = connection.execute(select(t.learner).where(t.learner.c.remote_user_id == remote_user_id)).mappings().first()
    return None if row is None else _person(connection, row)


def person_by_learner(connection: Connection, learner_id: int) -> Person | None:
    """The learner with this row id."""
    row = connection.execute(select(t.learner).where(t.learner.c.id == learner_id)).mappings().first()
    return None if row is None else _person(connection, row)


def _person(connection: Connection, row: Any) -> Person:
    remote = () if row["remote_user_id"] is None else (row["remote_user_id"],)
    i = t.inbound.c
    theirs = or_(i.learner_id == row["id"], i.author_remote_id.in_(remote))
    handles = {row["handle"], *connection.execute(select(i.author_handle).where(theirs).distinct()).scalars()}
    marks = [PersonMarks(row["id"], row["name"], "", row["employee_id"])]
    return Person(
        (row["id"],), remote, _marks(row["id"], marks, handles, remote), row["employee_id"], row["handle"],
        row["stopped_at"] is not None,
    )  # fmt: skip


def stranger(connection: Connection, *, handle: str = "", remote_id: int | None = None) -> Person | None:
    """Somebody who is on no roster but wrote to us, by handle or X user id; None if nobody did."""
    i = t.inbound.c
    named = i.author_remote_id == remote_id if remote_id is not None else func.lower(i.author_handle) == handle.lower()
    ids = tuple(connection.execute(select(i.author_remote_id).where(named).distinct()).scalars())
    if not ids:
        return None
    rows = connection.execute(select(i.author_handle, i.read_as).where(i.author_remote_id.in_(ids))).all()
    handles = {row.author_handle for row in rows}
    stopped = any("stop" in row.read_as for row in rows)
    known_as = handle or max(handles, default="")
    return Person((), ids, _marks(0, [], handles, ids), "", known_as, stopped)


def _marks(
    learner_id: int, marks: Sequence[PersonMarks], handles: Collection[str], remote_ids: Collection[int]
) -> tuple[PersonMarks, ...]:
    more = [PersonMarks(learner_id, "", handle) for handle in sorted(handles) if handle]
    return (*marks, *more, *(PersonMarks(learner_id, "", "", str(one)) for one in remote_ids))


# --- finding ------------------------------------------------------------------------------------------------------


def collect(connection: Connection, person: Person) -> Held:
    """Everything that is held of `person`."""
    held = Held()
    _collect_own(connection, person, held)
    while _follow(connection, held):
        pass
    _collect_remote(connection, person, held)
    _collect_struck(connection, person, held)
    _collect_beliefs(connection, person, held)
    concerned = {key[0] for key in (*held.emptied["outbox"], *held.struck["outbox"])}
    held.waiting = _in_states(connection, concerned, _WAITING)
    held.on_its_way = _in_states(connection, concerned, _ON_ITS_WAY)
    for item_id in held.on_its_way:
        # What is just being sent has to be compared with the timeline, whole; `tidy` empties it later.
        held.emptied["outbox"].discard((item_id,))
        held.emptied["attempt"] -= set(_pointing(connection, t.attempt, t.attempt.c.outbox_id, {item_id}))
        held.struck["outbox"].pop((item_id,), None)
    return held


def _collect_own(connection: Connection, person: Person, held: Held) -> None:
    for name, holding in HOLDINGS.items():
        table = t.metadata.tables[name]
        for fate, ids in ((Fate.WHOSE, person.learner_ids), (Fate.AUTHOR, person.remote_ids)):
            for column in holding.named(fate) if ids else ():
                held.gone[name] |= _keys(connection, table, table.c[column].in_(ids))


def _follow(connection: Connection, held: Held) -> bool:
    """One step along all references; False if it found nothing new."""
    found = False
    for name, holding in HOLDINGS.items():
        table = t.metadata.tables[name]
        for column, one in holding.columns.items():
            if one.fate not in (Fate.WITH, Fate.ABOUT, Fate.CUT):
                continue
            targets = {key[0] for key in held.gone[one.of] | held.emptied[one.of]}
            new = set(_pointing(connection, table, table.c[column], targets)) - held.gone[name]
            into = (
                held.gone[name] if one.fate is Fate.WITH
                else held.emptied[name] if one.fate is Fate.ABOUT else held.cut[name][column]
            )  # fmt: skip
            found |= bool(new - into)
            into |= new
    return found


def _collect_remote(connection: Connection, person: Person, held: Held) -> None:
    """Where the rows of others hold the X id of the person, or of a post of theirs."""
    i = t.inbound.c
    ids = sorted(key[0] for key in held.gone["inbound"])
    posts = {
        one
        for batch in _batches(ids)
        for one in connection.execute(select(i.remote_id).where(i.id.in_(batch))).scalars()
    }
    for name, holding in HOLDINGS.items():
        table = t.metadata.tables[name]
        for fate, targets in ((Fate.TO_USER, set(person.remote_ids)), (Fate.TO_POST, posts)):
            for column in holding.named(fate):
                found = set(_pointing(connection, table, table.c[column], targets)) - held.gone[name]
                if found:
                    held.cut[name][column] |= found


def _collect_struck(connection: Connection, person: Person, held: Held) -> None:
    guard, pieces = NamingGuard(person.marks), hints(person.marks)
    for name, holding in HOLDINGS.items():
        columns = holding.named(Fate.SEARCHED)
        table = t.metadata.tables[name]
        if not (columns and pieces):
            continue
        cells = [func.lower(cast(table.c[column], Text)) for column in columns]
        holds = or_(*(cell.contains(piece, autoescape=True) for cell in cells for piece in pieces))
        query = select(*table.primary_key, *(table.c[column] for column in columns)).where(holds)
        for row in connection.execute(query).mappings():
            key = tuple(row[column.name] for column in table.primary_key)
            if key in held.gone[name]:
                continue
            new = {column: strike(row[column], guard) for column in columns}
            changed = {column: value for column, value in new.items() if value is not row[column]}
            if changed:
                held.struck[name][key] = changed


def _collect_beliefs(connection: Connection, person: Person, held: Held) -> None:
    m = t.memory.c
    for learner_id in person.learner_ids:
        shard, place = divmod(learner_id, SHARD)
        rows = connection.execute(select(m.nugget_id, m.shard, m.packed).where(m.shard == shard))
        for nugget_id, number, blob in rows.all():
            key = (nugget_id, number)
            try:
                packed = without(held.beliefs.get(key) or blob, place)
            except DamagedBelief:
                held.beliefs[key] = None  # computed again from the log
                continue
            if packed is not None:
                held.beliefs[key] = packed


def _in_states(connection: Connection, ids: Collection[int], states: Collection[str]) -> tuple[int, ...]:
    o = t.outbox.c
    found = (
        key
        for batch in _batches(sorted(ids))
        for key in connection.execute(select(o.id).where(o.id.in_(batch), o.state.in_(sorted(states)))).scalars()
    )
    return tuple(sorted(found))


# --- taking out ---------------------------------------------------------------------------------------------------


def lock(connection: Connection, person: Person) -> None:
    """Keep others from writing about the person, and from saving beliefs that were computed with them in it, until the
    transaction ends. To be called before `collect`."""
    meanwhile.alone(connection)
    one_at_a_time(connection, memories.SAVING)
    if person.learner_ids and connection.dialect.name != "sqlite":
        connection.execute(select(t.learner.c.id).where(t.learner.c.id.in_(person.learner_ids)).with_for_update())


def take_out(connection: Connection, held: Held) -> None:
    """Do what `collect` found, in the transaction in which it did. Raises Conflict if a post that waited has been taken
    up meanwhile: look again."""
    cohort_ids = _cohorts_of(connection, held)
    for item_id in held.waiting:
        if outbox.skip(connection, outbox.item(connection, item_id), WITHDRAWN) is None:
            raise Conflict("a post to the person is being sent at this moment", "Try again in a minute.")
    _rewrite(connection, held)
    for table in reversed(t.metadata.sorted_tables):
        _delete(connection, table, held.gone[table.name])
    if "passage" in held.counts() and connection.dialect.name == "sqlite":
        # FTS5 keeps what was deleted until it merges its segments.
        connection.execute(text("INSERT INTO passage_words(passage_words) VALUES ('rebuild')"))
    memories.outdate(connection)
    for cohort_id in cohort_ids:
        cohorts.raise_version(connection, cohort_id)


def _rewrite(connection: Connection, held: Held) -> None:
    """What rows that stay say from now on."""
    for name, changes in held.struck.items():
        for key, values in changes.items():
            _update(connection, t.metadata.tables[name], {key}, values)
    for name, keys in held.emptied.items():
        _update(connection, t.metadata.tables[name], keys - held.gone[name], HOLDINGS[name].emptied)
    for name, columns in held.cut.items():
        for column, keys in columns.items():
            _update(connection, t.metadata.tables[name], keys - held.gone[name], {column: None})
    for key, blob in held.beliefs.items():
        _save_belief(connection, key, blob)


def tidy(connection: Connection, limit: int = _BATCH) -> int:
    """Empty replies of ours whose addressee was erased while they were being sent, now that they are settled. Returns
    how many."""
    o, i = t.outbox.c, t.inbound.c
    lost = o.inbound_id.is_not(None) & ~exists().where(i.id == o.inbound_id)
    settled = o.state.not_in(sorted(_ON_ITS_WAY | _WAITING))
    ids = connection.execute(select(o.id).where(lost, settled, o.text != "").limit(limit)).scalars().all()
    keys: set[Key] = {(one,) for one in ids}
    _update(connection, t.outbox, keys, HOLDINGS["outbox"].emptied)
    attempts = set(_pointing(connection, t.attempt, t.attempt.c.outbox_id, set(ids)))
    _update(connection, t.attempt, attempts, HOLDINGS["attempt"].emptied)
    return len(ids)


def _cohorts_of(connection: Connection, held: Held) -> tuple[int, ...]:
    e = t.enrollment.c
    ids = {key[0] for key in held.gone["enrollment"]}
    found = {
        cohort_id
        for batch in _batches(sorted(ids))
        for cohort_id in connection.execute(select(e.cohort_id).where(e.id.in_(batch))).scalars()
    }
    return tuple(sorted(found))


def _save_belief(connection: Connection, key: Key, blob: bytes | None) -> None:
    m = t.memory.c
    here = (m.nugget_id == key[0]) & (m.shard == key[1])
    if blob is None:
        connection.execute(delete(t.memory).where(here))
    else:
        connection.execute(update(t.memory).where(here).values(packed=blob))


# --- keys ---------------------------------------------------------------------------------------------------------


def _keys(connection: Connection, table: Table, which: ColumnElement[bool]) -> set[Key]:
    return {tuple(row) for row in connection.execute(select(*table.primary_key).where(which))}


def _pointing(connection: Connection, table: Table, column: ColumnElement[Any], targets: set[Any]) -> Iterator[Key]:
    for batch in _batches(sorted(targets)):
        yield from _keys(connection, table, column.in_(batch))


def _is_one_of(table: Table, keys: Sequence[Key]) -> ColumnElement[bool]:
    columns = list(table.primary_key)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(keys)


def _update(connection: Connection, table: Table, keys: set[Key], values: Any) -> None:
    for batch in _batches(sorted(keys)) if values else ():
        connection.execute(update(table).where(_is_one_of(table, batch)).values(**values))


def _delete(connection: Connection, table: Table, keys: set[Key]) -> None:
    for batch in _batches(sorted(keys)):
        connection.execute(delete(table).where(_is_one_of(table, batch)))


def _batches(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """SQLite takes some thousands of parameters in one statement."""
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]
