"""Rosters that were taken in: which enrollments each moved, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from reinforce.domain.cohort import EnrollmentState
from reinforce.domain.errors import NotFound
from reinforce.store import tables as t

_i = t.roster_import.c


@dataclass(frozen=True, slots=True)
class ImportMove:
    """An enrollment that an import moved; `was` is None where it made it."""

    enrollment_id: int
    was: EnrollmentState | None
    to: EnrollmentState


@dataclass(frozen=True, slots=True)
class RosterImport:
    """A roster that was taken in at `at` (programme time)."""

    id: int
    at: datetime
    moves: tuple[ImportMove, ...]


def keep(connection: Connection, cohort_id: int, moves: Sequence[ImportMove], now: datetime) -> int:
    """Remember what an import moved; returns its id."""
    plain = [[one.enrollment_id, one.was.value if one.was else "", one.to.value] for one in moves]
    new = insert(t.roster_import).values(cohort_id=cohort_id, moves=plain, at=now, undone_at=None)
    return int(connection.execute(new.returning(_i.id)).scalar_one())


def last(connection: Connection, cohort_id: int, slug: str) -> RosterImport:
    """The last import of a cohort that was not taken back. Raises NotFound."""
    query = select(_i.id, _i.at, _i.moves).where(_i.cohort_id == cohort_id, _i.undone_at.is_(None))
    row = connection.execute(query.order_by(_i.id.desc()).limit(1)).first()
    if row is None:
        advice = f"See who is there: reinforce enrollment list {slug}"
        raise NotFound(f"no roster was taken into {slug} that could be taken back", advice)
    moves = (ImportMove(key, EnrollmentState(was) if was else None, EnrollmentState(to)) for key, was, to in row.moves)
    return RosterImport(row.id, row.at, tuple(moves))


def undo(connection: Connection, import_id: int, now: datetime) -> None:
    """Remember that an import was taken back."""
    connection.execute(update(t.roster_import).where(_i.id == import_id).values(undone_at=now))
