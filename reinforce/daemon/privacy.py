"""The steps of a tick that look after people's data."""

from __future__ import annotations

from collections.abc import Callable

from reinforce.actions.privacy.catch_up import CatchUpOutcome, catch_up
from reinforce.bootstrap import House
from reinforce.upkeep import retain


def privacy_steps(house: House) -> tuple[tuple[str, Callable[[], object]], ...]:
    """Names and verbs, in order."""
    return (
        ("answer who wants to catch up", lambda: _catch_up(house)),
        ("delete what was kept long enough", lambda: retain(house)),
    )


def _catch_up(house: House) -> CatchUpOutcome:
    return catch_up(house.database, house.renderer, house.tariff, now=house.clock.now())
