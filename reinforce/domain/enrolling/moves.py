"""How an enrollment may move, and which moves are due by a cohort's dates.

    invited → enrolled → active → completed | withdrawn | lapsed

Somebody is *enrolled* once their X account is linked, and *active* from then on, or from the cohort's first day if that
comes later: most people read and say nothing, so nobody has to say anything to be active. They *complete* it when the
cohort is over for those who took part, or when a person says so. They *withdraw* by a person's word: "stop" is no
withdrawal, it ends what we send and grade, and their own "start" takes it back. They *lapse* where they had not joined
when the window closed or the cohort ended, took no part any more when it ended, or were not heard for as long as the
cohort says. A roster says who has left and who has completed. What ended can be taken up again: by a person always, by
a roster only after a lapse or where a roster ended it (`may_return`), by a word of the learner's own only after a lapse
for silence. A roster that is taken back puts everybody back to where they were.

An open cohort (`joining`) has no roster: people come in enrolled, by their own word. There "stop" is leaving, since
nothing else had made them part of it; who left by their own word comes back by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from reinforce.domain.cohort import LIVE, Cause, Cohort, Completes, EnrollmentState

INVITED, ENROLLED, ACTIVE = EnrollmentState.INVITED, EnrollmentState.ENROLLED, EnrollmentState.ACTIVE
COMPLETED, WITHDRAWN, LAPSED = EnrollmentState.COMPLETED, EnrollmentState.WITHDRAWN, EnrollmentState.LAPSED

_LEAVING = frozenset({Cause.PERSON, Cause.MOVED, Cause.ROSTER, Cause.UNDONE})
_OWN_LEAVING = _LEAVING | {Cause.LEFT}
_BACK = frozenset({Cause.PERSON, Cause.MOVED, Cause.UNDONE})
_SAID = frozenset({Cause.PERSON, Cause.ROSTER})
_UNDONE = frozenset({Cause.UNDONE})

# Every move there is, and what may cause it.
MOVES: Mapping[tuple[EnrollmentState, EnrollmentState], frozenset[Cause]] = {
    (INVITED, ENROLLED): frozenset({Cause.LINKED}),
    (INVITED, LAPSED): frozenset({Cause.CLOSED, Cause.ENDED}) | _UNDONE,
    (INVITED, WITHDRAWN): _LEAVING,
    (INVITED, COMPLETED): _SAID,
    (ENROLLED, ACTIVE): frozenset({Cause.STARTED}),
    (ENROLLED, COMPLETED): frozenset({Cause.ENDED}) | _SAID,
    (ENROLLED, LAPSED): frozenset({Cause.ENDED}) | _UNDONE,
    (ENROLLED, WITHDRAWN): _OWN_LEAVING,
    (ACTIVE, COMPLETED): frozenset({Cause.ENDED}) | _SAID,
    (ACTIVE, LAPSED): frozenset({Cause.ENDED, Cause.UNHEARD}) | _UNDONE,
    (ACTIVE, WITHDRAWN): _OWN_LEAVING,
    (LAPSED, INVITED): _BACK | {Cause.ROSTER},
    (LAPSED, ENROLLED): _BACK | {Cause.ROSTER, Cause.HEARD, Cause.JOINED},
    (LAPSED, COMPLETED): _SAID,
    (LAPSED, WITHDRAWN): frozenset({Cause.PERSON}),
    (WITHDRAWN, INVITED): _BACK | {Cause.ROSTER},
    (WITHDRAWN, ENROLLED): _BACK | {Cause.ROSTER, Cause.JOINED},
    (WITHDRAWN, ACTIVE): _UNDONE,
    (COMPLETED, INVITED): _BACK,
    (COMPLETED, ENROLLED): _BACK,
    (COMPLETED, ACTIVE): _UNDONE,
    (COMPLETED, LAPSED): _UNDONE,
}


def allowed(was: EnrollmentState, to: EnrollmentState, cause: Cause) -> bool:
    """Whether `cause` may move an enrollment from `was` to `to`."""
    return cause in MOVES.get((was, to), frozenset())


def entered(*, linked: bool) -> EnrollmentState:
    """The state in which somebody comes into a cohort, or comes back."""
    return ENROLLED if linked else INVITED


def may_return(state: EnrollmentState, cause: Cause) -> bool:
    """Whether a roster that lists somebody takes them back whose enrollment ended so: what they or a person decided
    is not undone by a file."""
    return state is LAPSED or (state is WITHDRAWN and cause in {Cause.ROSTER, Cause.UNDONE})


def restored(was: EnrollmentState, *, linked: bool) -> EnrollmentState:
    """Where somebody is put back to who was in `was` when a roster moved them."""
    if was not in LIVE:
        return was
    return (ENROLLED if was is INVITED else was) if linked else INVITED


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an enrollment stands. `since` and `heard` are local dates of the cohort: from when on it is in this state,
    and when the learner last wrote, or came back from an absence or a hold (None: never)."""

    state: EnrollmentState
    cause: Cause
    since: date
    linked: bool = True
    stopped: bool = False
    away: bool = False
    heard: date | None = None


def due_move(there: Standing, cohort: Cohort, today: date) -> tuple[EnrollmentState, Cause] | None:
    """The move that the cohort's dates ask for on the local date `today`, if any; the next look may find another.

    What a person did after a date had passed is not undone by that date.
    """
    if there.state not in LIVE:
        return None if _is_over(cohort, today) else _heard_again(there)
    over = _passed(cohort.last_day, there.since, today)
    if over and cohort.completes is not Completes.HAND:
        takes_part = there.linked and not there.stopped and there.state is not INVITED
        return (COMPLETED, Cause.ENDED) if takes_part else (LAPSED, Cause.ENDED)
    if there.state is INVITED:
        return (LAPSED, Cause.CLOSED) if _passed(cohort.closes_on, there.since, today) else None
    if there.state is ENROLLED:
        begun = cohort.starts_on is None or today >= cohort.starts_on
        return (ACTIVE, Cause.STARTED) if begun and there.linked else None
    return _unheard(there, cohort, today)


def _passed(day: date | None, since: date, today: date) -> bool:
    return day is not None and since <= day < today


def _is_over(cohort: Cohort, today: date) -> bool:
    return cohort.last_day is not None and cohort.last_day < today and cohort.completes is not Completes.HAND


def _heard_again(there: Standing) -> tuple[EnrollmentState, Cause] | None:
    by_silence = there.state is LAPSED and there.cause is Cause.UNHEARD
    back = by_silence and there.linked and not there.stopped and there.heard is not None and there.heard > there.since
    return (ENROLLED, Cause.HEARD) if back else None


def _unheard(there: Standing, cohort: Cohort, today: date) -> tuple[EnrollmentState, Cause] | None:
    if not cohort.lapse_after or there.away or there.stopped:
        return None
    last = max(there.since, there.heard or there.since)
    return (LAPSED, Cause.UNHEARD) if today - last > timedelta(days=cohort.lapse_after) else None


def to_look_at(cohort: Cohort, today: date) -> frozenset[EnrollmentState]:
    """The states in which an enrollment may be due to move by the cohort's dates on `today`."""
    if _is_over(cohort, today):
        return LIVE
    found = set()
    if cohort.starts_on is None or cohort.starts_on <= today:
        found.add(ENROLLED)
    if cohort.closes_on is not None and cohort.closes_on < today:
        found.add(INVITED)
    if cohort.lapse_after:
        found |= {ACTIVE, LAPSED}
    return frozenset(found)
