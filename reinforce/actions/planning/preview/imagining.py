"""What a preview takes to be other than it is."""

from __future__ import annotations

from collections.abc import Mapping
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
        cohort = there.cohort if self.start is None else replace(there.cohort, starts_on=self.start)
        phases = () if self.cadence is not None else there.phases
        return replace(
            there,
            cohort=cohort,
            cadence=self._capped(self.cadence or there.cadence),
            phases=tuple(replace(one, cadence=self._capped(one.cadence)) for one in phases),
        )

    def of_holidays(self, cohort_id: int, holidays: Mapping[date, str]) -> Mapping[date, str]:
        """A cohort's holidays, the supposed ones among them."""
        if cohort_id != self.cohort_id or not self.days_off:
            return holidays
        return {**dict.fromkeys(sorted(self.days_off), "supposed"), **holidays}

    def _capped(self, cadence: Cadence) -> Cadence:
        caps = cadence.caps
        a_day = caps.a_day if self.a_day is None else self.a_day
        a_week = max(caps.a_week, a_day) if self.a_week is None else self.a_week
        # A week that holds less than a day may would never let that day fill.
        return replace(cadence, caps=replace(caps, a_day=min(a_day, a_week), a_week=a_week))

    def of_snapshot(self, there: PlanSnapshot, frame: CohortFrame) -> PlanSnapshot:
        """What is known of it, as it would be."""
        if there.cohort.id != self.cohort_id:
            return there
        approval = None if self.approved else there.approval
        cohort, cadence, phases = frame.cohort, frame.cadence, frame.phases
        return replace(there, cohort=cohort, cadence=cadence, phases=phases, approval=approval)

    @property
    def changes(self) -> bool:
        """Whether anything is other than it is."""
        return self != WhatIf(self.cohort_id)


AS_IT_IS = WhatIf()
