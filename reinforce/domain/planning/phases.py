"""A cohort whose cadence changes on certain days: which one holds on a day, and the slots across the changes.

A programme's phases are such days (domain/programmes). A cadence begins at the start of its first local day; a cohort
without any has one cadence, whatever the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from heapq import merge

from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.slots import SlotTime, slot_times


@dataclass(frozen=True, slots=True)
class PhaseCadence:
    """From the local date `first_day` on, until the next one's, this cadence holds."""

    first_day: date
    cadence: Cadence


# In order of their first days.
Phases = Sequence[PhaseCadence]


def cadence_on(phases: Phases, day: date, otherwise: Cadence) -> Cadence:
    """The cadence of a local date; `otherwise` on days before the first phase, and where there is none."""
    found = otherwise
    for one in phases:
        if one.first_day > day:
            break
        found = one.cadence
    return found


def slots_across(
    phases: Phases,
    otherwise: Cadence,
    zone: str,
    holidays: Mapping[date, str],
    start: datetime,
    end: datetime,
) -> Iterator[SlotTime]:
    """As `slots.slot_times`, each local date with the slots of its own cadence (`cadence_on`)."""
    if not phases:
        yield from slot_times(otherwise, zone, holidays, start, end)
        return
    bounds = [date.min, *(one.first_day for one in phases), date.max]
    cadences = [otherwise, *(one.cadence for one in phases)]
    yield from merge(
        *(
            (one for one in slot_times(cadence, zone, holidays, start, end) if first <= one.day < after)
            for cadence, first, after in zip(cadences, bounds, bounds[1:], strict=True)
            if first < after
        ),
        key=lambda one: (one.at, one.slot),
    )
