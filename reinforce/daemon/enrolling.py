"""The step of a tick that follows cohorts' dates: enrollments move, and the dates are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from reinforce.actions.enrolling.follow_dates import follow_dates
from reinforce.actions.enrolling.plan_updates import plan_updates
from reinforce.bootstrap import House
from reinforce.daemon import journal
from reinforce.domain.cohort import Cohort, CohortState
from reinforce.store.people import cohorts
from reinforce.store.people.roster_version import roster_version
from reinforce.telemetry import get_logger

log = get_logger("daemon")


class Enrolling:
    """For which dates, local hour and roster of a cohort nothing was due is kept in memory: who starts anew looks at
    all. A post or an answer changes none of these, though it raises the cohort's version."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._settled: dict[int, tuple[Cohort, datetime, int]] = {}

    def follow(self) -> None:
        """Move the enrollments that a cohort's dates ask for, and plan what is to be said of them; each cohort fails on
        its own."""
        with self._house.database.read() as connection:
            there, roster = cohorts.cohorts(connection), roster_version(connection)
        failed: Exception | None = None
        for cohort in there:
            try:
                self._follow(cohort, roster)
            except Exception as error:
                failed = failed or error
        if failed is not None:
            raise failed

    def _follow(self, cohort: Cohort, roster: int) -> None:
        house, now = self._house, self._house.clock.now()
        hour = now.astimezone(ZoneInfo(cohort.zone)).replace(minute=0, second=0, microsecond=0)
        seen = (replace(cohort, version=0), hour, roster)
        if cohort.state is CohortState.FINISHED or self._settled.get(cohort.id) == seen:
            return
        moved = follow_dates(house.database, cohort.id, now=now)
        for state, count in moved.items():
            log.info("enrollments moved", cohort=cohort.id, state=state.value, count=count)
        told = plan_updates(house.database, cohort.id, house.renderer, house.tariff, now=now)
        journal.told(told.planned, told.let_go)
        if not moved and not told.changed:
            self._settled[cohort.id] = seen
