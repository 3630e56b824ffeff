"""Asks a service what time it is, without credentials and without cost: every answer carries a Date, a 404 too."""

from __future__ import annotations

from urllib.parse import urlsplit

from reinforce.accounts import wire
from reinforce.accounts.calling import MachineClock
from reinforce.accounts.meter import Meter

SECONDS = 5.0


def clock_skew(base_url: str, clock: MachineClock, seconds: float = SECONDS) -> float | None:
    """By how many seconds the service's clock is ahead of this machine's; None if it does not answer in time."""
    address, meter = urlsplit(base_url), Meter(clock.wall)
    deadline = wire.Deadline(seconds, clock.monotonic)
    request = wire.Request("GET", f"{address.path}/", {"Connection": "close", "Accept-Encoding": "identity"}, b"")
    try:
        answer = wire.exchange(address, request, deadline)
    except (wire.NothingSent, wire.Broken):
        return None
    meter.observe("GET", "/", answer, deadline.elapsed())
    return meter.skew
