"""The forecast of a cohort's programme, kept for as long as it holds: it takes seconds, and people reload pages."""

from __future__ import annotations

from reinforce.actions.planning.forecast import forecast
from reinforce.clock import Clock
from reinforce.domain.planning.capacity import CohortForecast
from reinforce.domain.sending.budget import Tariff
from reinforce.rendering.posts import PostRenderer
from reinforce.store.session import Database
from reinforce.web.kept import Kept


class ProgrammeForecast:
    """Forecasts as `reinforce forecast` makes them; one holds for its cohort's version and the day. Safe under
    threads."""

    def __init__(self, database: Database, clock: Clock, renderer: PostRenderer, tariff: Tariff) -> None:
        self._database = database
        self._clock = clock
        self._renderer = renderer
        self._tariff = tariff
        self._kept: Kept[int, CohortForecast] = Kept()

    def at_hand(self, cohort_id: int, version: int) -> CohortForecast | None:
        """The forecast of a cohort at its `version`, if it is known already. Never waits."""
        return self._kept.at_hand(cohort_id, (version, self._clock.now().date()))

    def of(self, cohort_id: int, version: int) -> CohortForecast:
        """The forecast of a cohort at its `version`, worked out now if it has to be: that takes seconds. Raises as
        `forecast` does."""
        now = self._clock.now()
        means = (self._renderer, self._tariff)
        return self._kept.of(
            cohort_id, (version, now.date()), lambda: forecast(self._database, cohort_id, *means, now=now)
        )

    def kept_today(self, cohort_id: int) -> CohortForecast | None:
        """The forecast of a cohort that was made today, at whatever version, for pages that are about something else
        and can't wait for one; None if none was."""
        found = self._kept.latest(cohort_id)
        return found if found is not None and found.start.date() == self._clock.now().date() else None
