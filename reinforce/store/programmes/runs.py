"""Runs of programmes on cohorts: their phases, and what has its place in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, select, update

from reinforce.domain.cohort import Cohort
from reinforce.domain.errors import NotFound
from reinforce.domain.programmes.programme import ItemKind, Programme
from reinforce.domain.programmes.runs import ItemState, PhaseDates, RunState
from reinforce.store import tables as t

_r, _p, _i, _c = t.programme_run.c, t.programme_phase.c, t.programme_item.c, t.cohort_cadence.c
# Before any day that anybody looks at: what a cohort had before its first programme.
_EVER = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class RunPhase:
    """A phase of a run. `schedule_id` is its cadence's, `began_at` when the cohort was handed over to it."""

    id: int
    dates: PhaseDates
    schedule_id: int
    goal: str
    recall: int | None
    began_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunItem:
    """An event, quiz, poll or introduction of a run. `phase` is its phase's number, `lead` as in `programme.Item`."""

    id: int
    run_id: int
    phase: int
    kind: ItemKind
    name: str
    day: date
    at: time
    content: Mapping[str, Any]
    lead: int
    state: ItemState
    note: str
    tried_at: datetime | None


@dataclass(frozen=True, slots=True)
class Run:
    """A programme on a cohort. `was` and `shifts` as on its row; `phases` by their number."""

    id: int
    cohort_id: int
    programme: Programme
    state: RunState
    starts_on: date
    was: Mapping[str, Any]
    shifts: Mapping[str, Any]
    agreed: bool
    started_at: datetime
    ended_at: datetime | None
    phases: tuple[RunPhase, ...]

    @property
    def dates(self) -> tuple[PhaseDates, ...]:
        """The dates of its phases."""
        return tuple(phase.dates for phase in self.phases)

    @property
    def last_day(self) -> date | None:
        """Of its last phase; None if that goes on."""
        return self.phases[-1].dates.last_day


@dataclass(frozen=True, slots=True)
class NewPhase:
    """A phase about to be put on record."""

    dates: PhaseDates
    schedule_id: int
    goal: str
    recall: int | None


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item about to be put on record."""

    phase: int
    kind: ItemKind
    name: str
    day: date
    at: time
    content: Mapping[str, Any]
    lead: int


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run about to be put on record."""

    programme_id: int
    programme: Programme
    cohort_id: int
    phases: Sequence[NewPhase]
    items: Sequence[NewItem]
    was: Mapping[str, Any]
    agreed: bool


def add(connection: Connection, new: NewRun, now: datetime) -> Run:
    """Put a run on record; nothing of it has begun."""
    row = {
        "programme_id": new.programme_id,
        "cohort_id": new.cohort_id,
        "content": new.programme.as_content(),
        "state": RunState.RUNNING.value,
        "starts_on": new.phases[0].dates.first_day,
        "was": dict(new.was),
        "shifts": {},
        "agreed": new.agreed,
        "started_at": now,
    }
    run_id = int(connection.execute(insert(t.programme_run).values(**row).returning(_r.id)).scalar_one())
    for one in new.phases:
        plain = {"run_id": run_id, "schedule_id": one.schedule_id, "goal": one.goal, "recall": one.recall}
        connection.execute(insert(t.programme_phase).values(**plain, **_columns(one.dates)))
    for item in new.items:
        values = {"content": {**item.content, "lead": item.lead}, "kind": item.kind.value, "at": f"{item.at:%H:%M}"}
        plain = {"phase": item.phase, "name": item.name, "day": item.day, "state": ItemState.WAITING.value}
        connection.execute(insert(t.programme_item).values(run_id=run_id, note="", **plain, **values))
    return run_by_id(connection, run_id)


def run_by_id(connection: Connection, run_id: int, *, lock: bool = False) -> Run:
    """One run, which must be there. With `lock` nobody else changes it until this transaction ends."""
    query = select(t.programme_run).where(_r.id == run_id)
    return _runs(connection, query.with_for_update() if lock else query)[0]


def running(connection: Connection, cohort_id: int | None = None) -> tuple[Run, ...]:
    """The runs that are under way or to come, of one cohort or of all."""
    query = select(t.programme_run).where(_r.state == RunState.RUNNING.value).order_by(_r.id)
    return _runs(connection, query if cohort_id is None else query.where(_r.cohort_id == cohort_id))


def running_on(connection: Connection, cohort: Cohort, *, lock: bool = False) -> Run:
    """The run of a cohort that is under way or to come. Raises NotFound."""
    found = running(connection, cohort.id)
    if not found:
        advice = f"See what there is: reinforce programme list; start one with --cohort {cohort.slug}"
        raise NotFound(f"no programme runs on {cohort.slug}", advice)
    return run_by_id(connection, found[0].id, lock=lock)


def watched(connection: Connection) -> tuple[tuple[int, int], ...]:
    """The ids of the runs that are under way or to come, each with its cohort's version."""
    query = select(_r.id, t.cohort.c.version).join(t.cohort, t.cohort.c.id == _r.cohort_id)
    found = connection.execute(query.where(_r.state == RunState.RUNNING.value).order_by(_r.id))
    return tuple((row.id, row.version) for row in found)


def latest(connection: Connection, cohort_id: int) -> Run | None:
    """The cohort's last run that was not undone; None if there was none."""
    newest = select(func.max(_r.id)).where(_r.cohort_id == cohort_id, _r.state != RunState.STOPPED.value)
    found = _runs(connection, select(t.programme_run).where(_r.id == newest.scalar_subquery()))
    return found[0] if found else None


def runs_of(connection: Connection, slug: str) -> tuple[Run, ...]:
    """Every run of a programme (slug), the newest first."""
    query = select(t.programme_run).join(t.programme, t.programme.c.id == _r.programme_id)
    return _runs(connection, query.where(t.programme.c.slug == slug).order_by(_r.id.desc()))


def end(connection: Connection, run_id: int, state: RunState, now: datetime) -> bool:
    """Let a running run end; False if it was not running. What waits for its day is cancelled."""
    ended = connection.execute(
        update(t.programme_run)
        .where(_r.id == run_id, _r.state == RunState.RUNNING.value)
        .values(state=state.value, ended_at=now)
    )
    if ended.rowcount != 1:
        return False
    waiting = (_i.run_id == run_id, _i.state == ItemState.WAITING.value)
    note = f"the programme was {state.value} before"
    connection.execute(update(t.programme_item).where(*waiting).values(state=ItemState.CANCELLED.value, note=note))
    return True


def begin_phase(connection: Connection, phase: RunPhase, now: datetime) -> bool:
    """Stamp a phase as begun; False if somebody did before."""
    there = update(t.programme_phase).where(_p.id == phase.id, _p.began_at.is_(None))
    return connection.execute(there.values(began_at=now)).rowcount == 1


def move(connection: Connection, run: Run, phases: Sequence[PhaseDates], shifts: Mapping[str, Any]) -> None:
    """Give a run's phases other dates, and keep which hold moved them."""
    for there, dates in zip(run.phases, phases, strict=True):
        connection.execute(update(t.programme_phase).where(_p.id == there.id).values(**_columns(dates)))
    starts = {"starts_on": phases[0].first_day, "shifts": dict(shifts)}
    connection.execute(update(t.programme_run).where(_r.id == run.id).values(**starts))


# --- which cadence on which day -----------------------------------------------------------------------------------


def set_cadences(connection: Connection, cohort_id: int, since: date, cadences: Mapping[date, int], was: int) -> None:
    """From `since` on a cohort has these cadences (first day → id), whatever was planned before; before its first
    programme it had `was`."""
    here = _c.cohort_id == cohort_id
    connection.execute(delete(t.cohort_cadence).where(here, _c.first_day >= since))
    if connection.execute(select(_c.first_day).where(here).limit(1)).first() is None:
        cadences = {_EVER: was, **cadences}
    for first_day, schedule_id in cadences.items():
        row = {"cohort_id": cohort_id, "first_day": first_day, "schedule_id": schedule_id}
        connection.execute(insert(t.cohort_cadence).values(**row))


# --- items --------------------------------------------------------------------------------------------------------


def items(connection: Connection, run_id: int, *, waiting: bool = False) -> tuple[RunItem, ...]:
    """The items of a run in the order of their days; with `waiting` those that wait for it."""
    query = select(t.programme_item).where(_i.run_id == run_id).order_by(_i.day, _i.at, _i.id)
    if waiting:
        query = query.where(_i.state == ItemState.WAITING.value)
    return tuple(_item(row) for row in connection.execute(query).mappings())


def settle_item(connection: Connection, item_id: int, state: ItemState, note: str, now: datetime) -> bool:
    """Say what became of a waiting item; False if it does not wait any more."""
    there = update(t.programme_item).where(_i.id == item_id, _i.state == ItemState.WAITING.value)
    return connection.execute(there.values(state=state.value, note=note, tried_at=now)).rowcount == 1


def move_items(connection: Connection, days: Mapping[int, date]) -> None:
    """Give items (by id) other days."""
    for item_id, day in sorted(days.items()):
        connection.execute(update(t.programme_item).where(_i.id == item_id).values(day=day))


def _columns(dates: PhaseDates) -> dict[str, Any]:
    return {name: getattr(dates, name) for name in ("number", "name", "first_day", "last_day")}


def _runs(connection: Connection, query: Select[Any]) -> tuple[Run, ...]:
    rows = connection.execute(query).mappings().all()
    phases: dict[int, list[RunPhase]] = {row["id"]: [] for row in rows}
    of_these = select(t.programme_phase).where(_p.run_id.in_(phases)).order_by(_p.run_id, _p.number)
    for row in connection.execute(of_these).mappings():
        dates = PhaseDates(row["number"], row["name"], row["first_day"], row["last_day"])
        phase = RunPhase(row["id"], dates, row["schedule_id"], row["goal"], row["recall"], row["began_at"])
        phases[row["run_id"]].append(phase)
    return tuple(_run(row, tuple(phases[row["id"]])) for row in rows)


def _run(row: RowMapping, phases: tuple[RunPhase, ...]) -> Run:
    same = ("id", "cohort_id", "starts_on", "was", "shifts", "agreed", "started_at", "ended_at")
    programme, state = Programme.from_content(row["content"]), RunState(row["state"])
    return Run(programme=programme, state=state, phases=phases, **{name: row[name] for name in same})


def _item(row: RowMapping) -> RunItem:
    same = ("id", "run_id", "phase", "name", "day", "note", "tried_at")
    return RunItem(
        kind=ItemKind(row["kind"]),
        at=time.fromisoformat(row["at"]),
        content=row["content"],
        lead=row["content"]["lead"],
        state=ItemState(row["state"]),
        **{name: row[name] for name in same},
    )
