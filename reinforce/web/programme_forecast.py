"""The forecast of a cohort's programme, kept for as long as it holds: it takes seconds, and people reload pages."""

from __future__ import annotations

import threading
from datetime import date

from reinforce.actions.planning.forecast import forecast
from reinforce.clock import Clock
from reinforce.domain.errors import ReinforceError
from reinforce.domain.planning.capacity import CohortForecast
from reinforce.domain.sending.budget import Tariff
from reinforce.rendering.posts import PostRenderer
from reinforce.store.session import Database

# So many pairs of learner and nugget are forecast while somebody waits for a page.
AT_ONCE = 2_000


class ProgrammeForecast:
    """Forecasts as `reinforce forecast` makes them; one holds for its cohort's version and the day. Safe under
    threads."""

    def __init__(self, database: Database, clock: Clock, renderer: PostRenderer, tariff: Tariff) -> None:
        self._database = database
        self._clock = clock
        self._renderer = renderer
        self._tariff = tariff
        self._lock = threading.Lock()
        self._kept: dict[int, tuple[tuple[int, date], CohortForecast]] = {}

    def of(self, cohort_id: int, version: int) -> CohortForecast:
        """The forecast of a cohort at its `version`. Raises as `forecast` does."""
        now = self._clock.now()
        basis = (version, now.date())
        # One at a time: two would only take twice as long.
        with self._lock:
            kept = self._kept.get(cohort_id)
            if kept is None or kept[0] != basis:
                kept = (basis, forecast(self._database, cohort_id, self._renderer, self._tariff, now=now))
                self._kept[cohort_id] = kept
        return kept[1]

    def at_hand(self, cohort_id: int, version: int, pairs: int) -> CohortForecast | None:
        """The forecast of a cohort for a page that is about something else: one that was made today, at whatever
        version; of a small cohort one that is made now. None where it would take long, or nothing can be forecast."""
        kept = self.kept_today(cohort_id)
        if kept is not None:
            return kept
        if pairs > AT_ONCE:
            return None
        try:
            return self.of(cohort_id, version)
        except ReinforceError:
            return None

    def kept_today(self, cohort_id: int) -> CohortForecast | None:
        """The forecast of a cohort that was made today, at whatever version; None if none was."""
        kept = self._kept.get(cohort_id)
        return kept[1] if kept is not None and kept[0][1] == self._clock.now().date() else None
