"""The steps of a tick that plan: each cohort when something changed that could change its plan, or time has passed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from reinforce.actions.planning.plan import PlanResult, plan_cohort
from reinforce.actions.planning.reveal import plan_reveals
from reinforce.bootstrap import House
from reinforce.daemon import journal
from reinforce.domain.cohort import Cohort
from reinforce.domain.planning.slot_queue import AHEAD

# A slot is planned minutes ahead of its time, so to look again so much later (programme time) makes no post late.
LOOK_AGAIN = AHEAD / 10


class Planning:
    """Which version of a cohort had nothing to plan, and when, is kept in memory: who starts anew looks at all."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._idle: dict[int, tuple[int, datetime]] = {}

    def to_look_at(self, cohorts: Iterable[Cohort]) -> tuple[Cohort, ...]:
        """Those whose plan may have changed since it was looked at: with fifty cohorts a tick would else do little
        but find that nothing is due, while posts wait for the processor."""
        now = self._house.clock.now()
        return tuple(one for one in cohorts if not self._is_idle(one, now))

    def plan(self, cohort: Cohort) -> None:
        """Plan the cohort's next slot, if it is due."""
        house, now = self._house, self._house.clock.now()
        outcome = plan_cohort(
            house.database, cohort.id, house.renderer, house.tariff, now=now, checkpoint=house.checkpoint
        )
        journal.planned(outcome)
        if outcome.result is PlanResult.NOTHING_DUE:
            self._idle[cohort.id] = (cohort.version, now)

    def plan_reveals(self, cohort: Cohort) -> None:
        """Plan the answers under the cohort's questions that are due."""
        house, now = self._house, self._house.clock.now()
        journal.revealed(plan_reveals(house.database, cohort.id, house.renderer, house.tariff, now=now))

    def _is_idle(self, cohort: Cohort, now: datetime) -> bool:
        version, at = self._idle.get(cohort.id, (None, now))
        return version == cohort.version and timedelta() <= now - at < LOOK_AGAIN
