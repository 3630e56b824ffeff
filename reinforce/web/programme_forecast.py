"""The forecast of a cohort's programme, kept for as long as it holds: it takes seconds, and people reload pages."""

from __future__ import annotations

import threading
from datetime import date

from reinforce.actions.planning.forecast import forecast
from reinforce.clock import Clock
from reinforce.domain.planning.capacity import CohortForecast
from reinforce.domain.sending.budget import Tariff
from reinforce.rendering.posts import PostRenderer
from reinforce.store.session import Database


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

    def kept_today(self, cohort_id: int) -> CohortForecast | None:
        """The forecast of a cohort that was made today, at whatever version, for pages that are about something else
        and can't wait for one; None if none was."""
        kept = self._kept.get(cohort_id)
        return kept[1] if kept is not None and kept[0][1] == self._clock.now().date() else None
