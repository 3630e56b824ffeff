"""Enrollments, and the one function by which they move (`domain/enrolling/moves.py` says which moves there are)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from reinforce.domain.cohort import LIVE, Cause, EnrollmentState
from reinforce.domain.enrolling.moves import allowed, entered
from reinforce.domain.errors import Conflict, NotAllowed
from reinforce.store import tables as t
from reinforce.store.operating import audit
from reinforce.store.people import cohorts

# SQLite takes some thousands of parameters in one statement, and a line of the audit log should stay readable.
_BATCH = 500
_e = t.enrollment.c


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A learner's place in a cohort: in `state` since `moved_at`, for `cause`. `team` is the roster's, "" for none.
    Times are programme time; `ended_at` is None while it is live."""

    id: int
    cohort_id: int
    learner_id: int
    state: EnrollmentState
    joined_at: datetime
    team: str = ""
    cause: Cause = Cause.ROSTER
    moved_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def since(self) -> datetime:
        """From when on it is in its state."""
        return self.moved_at or self.joined_at


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A learner who comes into a cohort."""

    learner_id: int
    linked: bool = False
    team: str = ""


def enrollments(connection: Connection, cohort_id: int) -> dict[int, Enrollment]:
    """Every enrollment of a cohort, whatever its state, by learner id."""
    query = _enrollments().where(_e.cohort_id == cohort_id).order_by(_e.id)
    return {one.learner_id: one for one in _read(connection, query)}


def of_learner(connection: Connection, learner_id: int) -> tuple[Enrollment, ...]:
    """Every enrollment of a learner, whatever its state."""
    return _read(connection, _enrollments().where(_e.learner_id == learner_id).order_by(_e.id))


def in_cohort(connection: Connection, cohort_id: int, learner_id: int) -> Enrollment | None:
    """A learner's enrollment in a cohort, whatever its state; None if they never had one."""
    query = _enrollments().where(_e.cohort_id == cohort_id, _e.learner_id == learner_id)
    return next(iter(_read(connection, query)), None)


def by_ids(connection: Connection, ids: Collection[int]) -> dict[int, Enrollment]:
    """Those of these enrollments that are there, by id."""
    found: dict[int, Enrollment] = {}
    for batch in _batches(ids):
        found |= {one.id: one for one in _read(connection, _enrollments().where(_e.id.in_(batch)))}
    return found


def live_elsewhere(connection: Connection, cohort_id: int, learner_ids: Collection[int]) -> dict[int, list[Enrollment]]:
    """The live enrollments of these learners in other cohorts with a roster, by learner id."""
    found: dict[int, list[Enrollment]] = defaultdict(list)
    open_ones = select(t.cohort.c.id).where(t.cohort.c.hashtag.is_not(None))
    live = (_e.cohort_id != cohort_id, _e.cohort_id.not_in(open_ones), _e.state.in_([state.value for state in LIVE]))
    for batch in _batches(learner_ids):
        for one in _read(connection, _enrollments().where(_e.learner_id.in_(batch), *live).order_by(_e.id)):
            found[one.learner_id].append(one)
    return found


def came_too_late(connection: Connection, learner_id: int) -> bool:
    """Whether a joining window closed on a learner, or they are in no cohort any more."""
    there = of_learner(connection, learner_id)
    return any(one.cause is Cause.CLOSED for one in there) or not any(one.state in LIVE for one in there)


def enter(
    connection: Connection,
    cohort_id: int,
    newcomers: Sequence[Newcomer],
    *,
    cause: Cause = Cause.ROSTER,
    actor: str,
    now: datetime,
) -> tuple[int, ...]:
    """Put learners who never were in a cohort into it; returns the enrollments' ids, in their order."""
    ids = []
    for one in newcomers:
        row = {"cohort_id": cohort_id, "learner_id": one.learner_id, "team": one.team, "cause": cause.value}
        row |= {"state": entered(linked=one.linked).value, "joined_at": now, "moved_at": now, "ended_at": None}
        ids.append(int(connection.execute(insert(t.enrollment).values(**row).returning(_e.id)).scalar_one()))
    if ids:
        _note(connection, cohort_id, "entered", cause, ids, actor, now)
    return tuple(ids)


def move(
    connection: Connection,
    these: Collection[Enrollment],
    to: EnrollmentState,
    cause: Cause,
    *,
    actor: str,
    now: datetime,
) -> tuple[Enrollment, ...]:
    """Move enrollments to `to`, as they were read; returns those that were still so, and have moved.

    Beside the state it writes since when, why, when it ended, and what lay between an end and a return; says so in the
    audit log, with ids only; and gives each cohort a new version, so that plans under way choose again. Who withdraws
    can't use a code of theirs any more. Raises NotAllowed if there is no such move.
    """
    for one in these:
        if not allowed(one.state, to, cause):
            raise NotAllowed(f"an enrollment that is {one.state.value} does not become {to.value} ({cause.value})")
    by_cohort: dict[int, list[Enrollment]] = defaultdict(list)
    for one in _moved(connection, these, to, cause, now):
        by_cohort[one.cohort_id].append(one)
    for cohort_id, of_cohort in sorted(by_cohort.items()):
        _note(connection, cohort_id, to.value, cause, [one.id for one in of_cohort], actor, now)
    moved = tuple(one for of_cohort in by_cohort.values() for one in of_cohort)
    if to in LIVE:
        _keep_gaps(connection, moved, now)
    elif to is EnrollmentState.WITHDRAWN:
        _void_codes(connection, moved)
    return moved


def _moved(
    connection: Connection, these: Collection[Enrollment], to: EnrollmentState, cause: Cause, now: datetime
) -> Iterator[Enrollment]:
    """Those of `these` that were as they were read; as they were."""
    by_state: dict[EnrollmentState, dict[int, Enrollment]] = defaultdict(dict)
    for one in these:
        by_state[one.state][one.id] = one
    values = {"state": to.value, "cause": cause.value, "moved_at": now, "ended_at": None if to in LIVE else now}
    for was, found in by_state.items():
        for ids in _batches(found):
            as_read = update(t.enrollment).where(_e.id.in_(ids), _e.state == was.value)
            changed = connection.execute(as_read.values(**values).returning(_e.id)).scalars().all()
            yield from (found[key] for key in sorted(changed))


def _note(
    connection: Connection, cohort_id: int, verb: str, cause: Cause, ids: list[int], actor: str, now: datetime
) -> None:
    for batch in _batches(ids):
        detail = {"cause": cause.value, "enrollments": batch}
        audit.record(connection, actor, f"enrollment.{verb}", f"cohort/{cohort_id}", detail, now)
    cohorts.raise_version(connection, cohort_id)


def _keep_gaps(connection: Connection, came_back: Collection[Enrollment], now: datetime) -> None:
    """What was posted between an end and a return was not for them: silence then tells nothing of what they know."""
    for one in came_back:
        if one.ended_at is not None and one.ended_at < now:
            gap = insert(t.enrollment_gap).values(enrollment_id=one.id, since=one.ended_at, until=now)
            connection.execute(gap)


def _void_codes(connection: Connection, left: Collection[Enrollment]) -> None:
    i = t.invitation.c
    for ids in _batches([one.id for one in left]):
        codes = update(t.invitation).where(i.enrollment_id.in_(ids), i.used_at.is_(None))
        connection.execute(codes.values(expires_at=_LONG_AGO))


def take_over(
    connection: Connection, left: Enrollment, cohort_id: int, newcomer: Newcomer, *, actor: str, now: datetime
) -> int:
    """A learner leaves one cohort for another, and keeps their code; returns the enrollment in the other. Raises
    NotAllowed if there is no such move, Conflict if they are in the other already."""
    before = enrollments(connection, cohort_id).get(newcomer.learner_id)
    if before is not None and before.state in LIVE:
        raise Conflict("they are in the other cohort already", "Withdraw them from one of the two.")
    move(connection, [left], EnrollmentState.WITHDRAWN, Cause.MOVED, actor=actor, now=now)
    if before is None:
        (new,) = enter(connection, cohort_id, [newcomer], cause=Cause.MOVED, actor=actor, now=now)
    else:
        new = before.id
        move(connection, [before], entered(linked=newcomer.linked), Cause.MOVED, actor=actor, now=now)
    hand_on_codes(connection, left.id, new)
    return new


def hand_on_codes(connection: Connection, enrollment_id: int, to: int) -> None:
    """The codes of an enrollment are good for another one of the same learner from now on."""
    codes = update(t.invitation).where(t.invitation.c.enrollment_id == enrollment_id)
    connection.execute(codes.values(enrollment_id=to))


def set_team(connection: Connection, enrollment_id: int, team: str) -> None:
    """Put a learner of a cohort on a team of the roster, or with "" on none; rounds under way keep theirs."""
    connection.execute(update(t.enrollment).where(_e.id == enrollment_id).values(team=team))


def _enrollments() -> Select[Any]:
    plain = (_e.id, _e.cohort_id, _e.learner_id, _e.joined_at, _e.team, _e.moved_at, _e.ended_at)
    return select(*plain, _e.state, _e.cause)


def _read(connection: Connection, query: Select[Any]) -> tuple[Enrollment, ...]:
    return tuple(
        Enrollment(**{**row, "state": EnrollmentState(row["state"]), "cause": Cause(row["cause"])})
        for row in connection.execute(query).mappings()
    )


def _batches(ids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]


_LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
