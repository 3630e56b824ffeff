"""The steps of a tick that look after people's data."""

from __future__ import annotations

from collections.abc import Callable

from reinforce.bootstrap import House
from reinforce.upkeep import retain


def privacy_steps(house: House) -> tuple[tuple[str, Callable[[], object]], ...]:
    """Names and verbs, in order."""
    return (("delete what was kept long enough", lambda: retain(house)),)
