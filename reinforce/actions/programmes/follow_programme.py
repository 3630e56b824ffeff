"""Hand a cohort over from phase to phase on its local dates, and let a programme end that is over.

A phase is begun once, by whoever stamps it first, in the transaction that gives the cohort its cadence: whatever was
killed, or however long nothing ran, the cohort has the cadence of its day, and each hand-over is on the audit log once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reinforce.domain.planning.slots import local_day
from reinforce.domain.programmes.runs import ItemState, RunState, is_over
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.programmes import runs
from reinforce.store.programmes.runs import Run
from reinforce.store.session import Database

_ACTOR = "daemon"


@dataclass(frozen=True, slots=True)
class Followed:
    """The run as it stands then; `begun` are the phases (names) that the cohort was handed over to, in order."""

    run: Run
    begun: tuple[str, ...] = ()
    finished: bool = False


def follow_programme(database: Database, run: Run, *, now: datetime) -> Followed:
    """Do what is due of a run at `now` (programme time)."""
    with database.read() as connection:
        cohort = cohorts.cohort_by_id(connection, run.cohort_id)
    today = local_day(now, cohort.zone)
    waits = any(phase.began_at is None and phase.dates.first_day <= today for phase in run.phases)
    if not waits and not is_over(run.dates, today):
        return Followed(run)
    with database.write() as connection:
        run = runs.run_by_id(connection, run.id, lock=True)
        if run.state is not RunState.RUNNING:
            return Followed(run)
        begun = [
            phase
            for phase in run.phases
            if phase.began_at is None and phase.dates.first_day <= today and runs.begin_phase(connection, phase, now)
        ]
        for phase in begun:
            detail = {"phase": phase.dates.number, "cohort": cohort.id, "day": phase.dates.first_day.isoformat()}
            audit.record(connection, _ACTOR, "programme.phase", f"programme-run/{run.id}", detail, now)
        if begun:
            cohorts.set_schedule(connection, cohort.id, begun[-1].schedule_id)
        finished = is_over(run.dates, today) and runs.end(connection, run.id, RunState.FINISHED, now)
        if finished:
            audit.record(connection, _ACTOR, "programme.finish", f"programme-run/{run.id}", {"cohort": cohort.id}, now)
        return Followed(runs.run_by_id(connection, run.id), tuple(one.dates.name for one in begun), finished)


def settle_item(database: Database, run: Run, item_id: int, state: ItemState, note: str, *, now: datetime) -> None:
    """Put on record what became of an event, quiz, poll or introduction of a run; `note` says it to a person."""
    with database.write() as connection:
        if runs.settle_item(connection, item_id, state, note, now) and state is not ItemState.WAITING:
            detail = {"item": item_id, "state": state.name.lower()}
            audit.record(connection, _ACTOR, "programme.item", f"programme-run/{run.id}", detail, now)
