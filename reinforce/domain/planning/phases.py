"""A cohort whose cadence changes on certain days: which one holds on a day, and the slots across the changes.

A programme's phases are such days (domain/programmes). A cadence begins at the start of its first local day; a cohort
without any has one cadence, whatever the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.slots import SlotTime, slot_times

_DAY = timedelta(days=1)


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
    # A day more on either side: a local date may begin fourteen hours before, or end as long after, UTC's.
    first, last = start.date() - 2 * _DAY, end.date() + 2 * _DAY
    begins = [first, *(one.first_day for one in phases)]
    ends = [*(one.first_day for one in phases), last]
    cadences = [otherwise, *(one.cadence for one in phases)]
    found = [
        slot
        for cadence, begin, after in zip(cadences, begins, ends, strict=True)
        if begin < after and begin < last and first < after
        for slot in slot_times(cadence, zone, holidays, start, end)
        if begin <= slot.day < after
    ]
    yield from sorted(found, key=lambda one: (one.at, one.slot))
