"""Take the last roster of a cohort back: everybody it moved goes to where they were."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.cohort import LIVE, Cause, EnrollmentState
from reinforce.domain.enrolling.moves import restored
from reinforce.store.operating import audit
from reinforce.store.operating.locks import one_at_a_time
from reinforce.store.people import cohorts, enrollments, people, roster_imports
from reinforce.store.people.enrollments import Enrollment
from reinforce.store.people.roster_imports import ImportMove
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking a roster back did: how many came back, how many of the newcomers were withdrawn, and how many are
    left as they are, because they have moved on since."""

    cohort: str
    imported_at: datetime
    back: int
    withdrawn: int
    left: int

    def __str__(self) -> str:
        """The report in a few lines for a terminal."""
        told = f"{self.cohort}: the roster of {self.imported_at:%Y-%m-%d %H:%M} UTC is taken back: "
        told += f"{self.back} are back where they were, {self.withdrawn} newcomers withdrawn"
        moved_on = f"\n  {self.left} have moved on since, and were left as they are" if self.left else ""
        return f"{told}{moved_on}\n  Names, handles, zones, roles and teams stay: enroll the roster before it again."


def undo_enroll(database: Database, cohort_slug: str, *, actor: str, now: datetime) -> Undone:
    """Take back the moves of the cohort's last roster. It lifts no stop, and codes that it made void stay void.

    Raises NotFound for the cohort, or where there is no roster to take back.
    """
    with about_people(database) as connection:
        one_at_a_time(connection, "enroll")
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        last = roster_imports.last(connection, cohort.id, cohort_slug)
        there = enrollments.by_ids(connection, [one.enrollment_id for one in last.moves])
        linked = _linked(connection, list(there.values()))
        targets: dict[EnrollmentState, list[Enrollment]] = {}
        for one in last.moves:
            now_there = there.get(one.enrollment_id)
            if now_there is not None and _is_as_left(now_there, one, last.at):
                was = one.was or EnrollmentState.WITHDRAWN
                to = restored(was, linked=now_there.learner_id in linked)
                targets.setdefault(to, []).append(now_there)
        for to, these in targets.items():
            enrollments.move(connection, these, to, Cause.UNDONE, actor=actor, now=now)
        roster_imports.undo(connection, last.id, now)
        counts = Counter({to: len(these) for to, these in targets.items()})
        withdrawn = counts[EnrollmentState.WITHDRAWN]
        back = counts.total() - withdrawn
        detail = {"import": last.id, "back": back, "withdrawn": withdrawn}
        audit.record(connection, actor, "enroll.undo", f"cohort/{cohort.id}", detail, now)
        return Undone(cohort_slug, last.at, back, withdrawn, len(last.moves) - counts.total())


def _is_as_left(there: Enrollment, by: ImportMove, at: datetime) -> bool:
    """Whether an enrollment is still where the import put it: those it took out, exactly so; those it took in may have
    linked their account or begun meanwhile."""
    if by.to in LIVE:
        return there.state in LIVE
    return there.state is by.to and there.since == at


def _linked(connection: Connection, these: list[Enrollment]) -> set[int]:
    cohort_ids = sorted({one.cohort_id for one in these})
    everybody = (people.learners_of(connection, cohort_id, live=False) for cohort_id in cohort_ids)
    return {learner.id for of_cohort in everybody for learner in of_cohort if learner.linked}
