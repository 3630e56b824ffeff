"""Which slots are to be planned now: the next one, late ones within their grace, and those that were missed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.slots import SlotTime, in_quiet_hours

# How far ahead of its time a slot is planned: far enough that the post is ready, near enough that the last evidence
# counts.
AHEAD = timedelta(minutes=5)
# How far back missed slots are put on record; what nothing ran for longer than that says nothing any more.
_LOOK_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SlotQueue:
    """`due` is the slot to plan, if any; `missed` those that are too late, each with the reason."""

    due: SlotTime | None
    missed: tuple[tuple[SlotTime, str], ...]


def stretch(created_at: datetime, now: datetime) -> tuple[datetime, datetime]:
    """From when to when slots are looked at: (start, end]."""
    return max(created_at, now - _LOOK_BACK), now + AHEAD


def queue(slots: Iterable[SlotTime], cadence: Cadence, zone: str, now: datetime) -> SlotQueue:
    """Sort the slots that nothing was decided for yet (in order of time).

    A slot may be served until its grace ends. Of several such only the latest is: posts are never bunched. One whose
    post could only go out in quiet hours now is missed, too.
    """
    waiting = list(slots)
    missed = [(slot, "it passed while nothing ran") for slot in waiting if slot.at + cadence.grace < now]
    open_still = [slot for slot in waiting if slot.at + cadence.grace >= now]
    passed = [slot for slot in open_still if slot.at <= now]
    ahead = [slot for slot in open_still if slot.at > now]
    missed += [(slot, "a later slot has come, and posts are never bunched") for slot in passed[:-1]]
    if not passed:
        return SlotQueue(ahead[0] if ahead else None, tuple(missed))
    if passed[-1].at < now and not passed[-1].off and in_quiet_hours(now, cadence, zone):
        missed.append((passed[-1], "it passed while nothing ran, and quiet hours have begun"))
        return SlotQueue(ahead[0] if ahead else None, tuple(missed))
    return SlotQueue(passed[-1], tuple(missed))
