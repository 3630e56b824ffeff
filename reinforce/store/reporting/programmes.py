"""Programmes and their runs, as people look at them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from reinforce.domain.planning.slots import local_day
from reinforce.domain.programmes.programme import Programme
from reinforce.domain.programmes.runs import RunState, dated, phase_on
from reinforce.store.people import cohorts
from reinforce.store.programmes import runs
from reinforce.store.programmes.runs import Run

Row = dict[str, Any]
# Any date at all: only the days between count.
_DAY_ONE = date(2001, 1, 1)


def plan_document(programme: Programme) -> Row:
    """A programme by its own days: from the first day, which is 1."""
    found: list[Row] = []
    dates = dated(programme, _DAY_ONE).phases
    for phase, there in zip(programme.phases, dates, strict=True):
        first = (there.first_day - _DAY_ONE).days + 1
        found.append(
            {
                "phase": phase.name,
                "from_day": first,
                "to_day": None if phase.days is None else first + phase.days - 1,
                "cadence": phase.cadence["name"],
                "a_week": phase.cadence["caps"]["a_week"],
                "goal": phase.goal,
                "recall": phase.recall,
                "assessment_day": None if phase.assessment is None else first + phase.assessment - 1,
                "items": [
                    {"kind": one.kind.value, "name": one.name, "day": first + one.day - 1, "at": f"{one.at:%H:%M}"}
                    for one in phase.items
                ],
            }
        )
    plain = ("slug", "title", "about", "audience", "completes", "join_days")
    return {**{name: getattr(programme, name) for name in plain}, "phases": found}


def run_document(connection: Connection, run: Run, now: datetime) -> Row:
    """A run with its dates, where it stands at `now` (programme time), and what became of its items."""
    cohort = cohorts.cohort_by_id(connection, run.cohort_id)
    here = phase_on(run.dates, local_day(now, cohort.zone)) if run.state is RunState.RUNNING else None
    phases = [
        {
            "phase": phase.dates.name,
            "first_day": phase.dates.first_day,
            "last_day": phase.dates.last_day,
            "cadence": planned.cadence["name"],
            "a_week": planned.cadence["caps"]["a_week"],
            "goal": phase.goal,
            "recall": phase.recall,
            "began_at": phase.began_at,
            "now": here is not None and here.number == phase.dates.number,
        }
        for phase, planned in zip(run.phases, run.programme.phases, strict=True)
    ]
    items = [
        {
            "day": one.day,
            "at": f"{one.at:%H:%M}",
            "kind": one.kind.value,
            "name": one.name,
            "phase": run.phases[one.phase - 1].dates.name,
            "state": one.state.value,
            "note": one.note,
        }
        for one in runs.items(connection, run.id)
    ]
    return {
        "programme": run.programme.slug,
        "title": run.programme.title,
        "cohort": cohort.slug,
        "zone": cohort.zone,
        "state": run.state.value,
        "starts_on": run.starts_on,
        "last_day": run.last_day,
        "assessment": cohort.assessment,
        "phases": phases,
        "items": items,
    }


def standing(connection: Connection, cohort_id: int, now: datetime) -> Row | None:
    """Where a cohort's programme stands, in one line; None if none runs on it."""
    there = runs.running(connection, cohort_id)
    if not there:
        return None
    run = there[0]
    document = run_document(connection, run, now)
    current = next((phase for phase in document["phases"] if phase["now"]), None)
    ahead = next((phase for phase in document["phases"] if phase["began_at"] is None and not phase["now"]), None)
    return {
        "programme": run.programme.slug,
        "phase": current and current["phase"],
        "until": current and current["last_day"],
        "goal": current and current["goal"],
        "recall": current and current["recall"],
        "next": ahead and {"phase": ahead["phase"], "from": ahead["first_day"]},
    }


def standing_words(there: Row) -> str:
    """`standing` as a sentence."""
    told = f"programme {there['programme']}: "
    if there["phase"] is not None:
        told += f"{there['phase']} until {there['until'] or 'it is finished'}"
        told += f" ({there['goal'].rstrip('.')})" if there["goal"] else ""
    else:
        told += "not begun" if there["next"] is not None else "over"
    return told + (f", then {there['next']['phase']} from {there['next']['from']}" if there["next"] else "")
