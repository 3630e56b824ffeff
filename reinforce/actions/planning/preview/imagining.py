"""What a preview takes to be other than it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.plan_state import PlanSnapshot
from reinforce.store.planning.plan_snapshot import CohortFrame


@dataclass(frozen=True, slots=True)
class WhatIf:
    """For one cohort (`cohort_id`): it runs even if it does not; with `approved` all its texts have a yes; it has the
    cadence `cadence`, with at most `a_day` and `a_week` posts; nothing is posted on `days_off` (local dates), nor
    before `start`. None: as it is."""

    cohort_id: int | None = None
    approved: bool = False
    cadence: Cadence | None = None
    a_day: int | None = None
    a_week: int | None = None
    days_off: frozenset[date] = frozenset()
    start: date | None = None

    def of_frame(self, there: CohortFrame) -> CohortFrame:
        """A cohort as it would be."""
        if there.cohort.id != self.cohort_id:
            return there
        cadence = self.cadence or there.cadence
        caps = cadence.caps
        a_week = caps.a_week if self.a_week is None else self.a_week
        a_day = caps.a_day if self.a_day is None else self.a_day
        # A week that holds less than a day may would never let that day fill.
        caps = replace(caps, a_day=min(a_day, a_week) if self.a_day is None else a_day, a_week=max(a_week, a_day))
        cadence = replace(cadence, caps=caps, days_off=cadence.days_off | self.days_off)
        cohort = there.cohort
        if self.start is not None:
            cohort = replace(cohort, starts_on=self.start)
        return replace(there, cohort=cohort, cadence=cadence)

    def of_snapshot(self, there: PlanSnapshot, frame: CohortFrame) -> PlanSnapshot:
        """What is known of it, as it would be."""
        if there.cohort.id != self.cohort_id:
            return there
        approval = None if self.approved else there.approval
        return replace(there, cohort=frame.cohort, cadence=frame.cadence, approval=approval)


AS_IT_IS = WhatIf()
