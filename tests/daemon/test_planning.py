"""When a cohort is looked at by the planner: when something changed, or half a minute has passed."""

from __future__ import annotations

from reinforce.daemon.planning import LOOK_AGAIN, Planning
from reinforce.domain.cohort import Cohort
from reinforce.store.people import cohorts
from tests.daemon.conftest import Crew


def _cohorts(crew: Crew) -> tuple[Cohort, ...]:
    with crew.house.database.read() as connection:
        return cohorts.cohorts(connection)


def test_a_cohort_with_nothing_due_is_left_alone_until_it_changes_or_time_has_passed(sqlite_crew: Crew) -> None:
    crew = sqlite_crew
    planning = Planning(crew.house)
    (cohort,) = _cohorts(crew)
    planning.plan(cohort)
    assert len(planning.to_look_at(_cohorts(crew))) == 1, "a slot was planned, and there may be another"
    planning.plan(_cohorts(crew)[0])
    assert planning.to_look_at(_cohorts(crew)) == ()
    with crew.house.database.write() as connection:
        cohorts.raise_version(connection, cohort.id)
    assert len(planning.to_look_at(_cohorts(crew))) == 1
    planning.plan(_cohorts(crew)[0])
    assert planning.to_look_at(_cohorts(crew)) == ()
    crew.step(seconds=LOOK_AGAIN.total_seconds())
    assert len(planning.to_look_at(_cohorts(crew))) == 1
    crew.step(seconds=-1)
    assert len(planning.to_look_at(_cohorts(crew))) == 0
    crew.step(hours=-1)
    assert len(planning.to_look_at(_cohorts(crew))) == 1, "a clock that was set back keeps nobody waiting"
