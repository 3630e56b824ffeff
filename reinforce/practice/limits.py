"""Rate limits: fixed windows that begin with their first request, counted on machine time.

Machine time, because the reset is an epoch second that a client compares with its own clock. The windows are kept in
memory: a restarted practice account begins new ones.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from reinforce.practice.auth import Caller
from reinforce.practice.endpoints import DAY, QUARTER_HOUR, Endpoint


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a limit after this request. `reset` is an epoch second of machine time."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool
    daily: bool = False

    def headers(self) -> dict[str, str]:
        """The headers X sends on every answer; a limit by the day has its own names beside the usual ones."""
        headers = {
            "x-rate-limit-limit": str(self.limit),
            "x-rate-limit-remaining": str(self.remaining),
            "x-rate-limit-reset": str(self.reset),
        }
        if self.daily:
            headers |= {
                "x-app-limit-24hour-limit": str(self.limit),
                "x-app-limit-24hour-remaining": str(self.remaining),
                "x-app-limit-24hour-reset": str(self.reset),
            }
        return headers


@dataclass(slots=True)
class Limiter:
    """Counts requests. Safe under threads."""

    _windows: dict[tuple[str, str], _Window] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, endpoint: Endpoint, caller: Caller, wall: float, overrides: Mapping[str, int]) -> Standing | None:
        """Count one request at machine time `wall`; None where nothing limits it. People's own apps are not limited."""
        if caller.kind == "person":
            return None
        user_limit = overrides.get(endpoint.name, endpoint.user_limit)
        standings = []
        with self._lock:
            if caller.user_id is not None and user_limit is not None:
                key = (endpoint.name, str(caller.user_id))
                standings.append(self._count(key, user_limit, QUARTER_HOUR, wall))
            if endpoint.app_limit is not None:
                app_limit = endpoint.app_limit
                if caller.user_id is None:
                    app_limit = overrides.get(endpoint.name, app_limit)
                standings.append(self._count((endpoint.name, "app"), app_limit, endpoint.app_window, wall))
        exceeded = [standing for standing in standings if standing.exceeded]
        tightest = exceeded or standings
        return min(tightest, key=lambda standing: standing.remaining, default=None)

    def forget(self) -> None:
        """Begin all windows anew."""
        with self._lock:
            self._windows.clear()

    def _count(self, key: tuple[str, str], limit: int, length: float, wall: float) -> Standing:
        window = self._windows.get(key)
        if window is None or wall >= window.ends:
            window = self._windows[key] = _Window(ends=wall + length)
        exceeded = window.used >= limit
        window.used += not exceeded
        reset = math.ceil(window.ends)
        return Standing(limit, max(limit - window.used, 0), reset, exceeded, daily=length == DAY)
