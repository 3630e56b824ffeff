"""The step of recalls, as the daemon does it; what is to be deleted is deleted with what else is to go."""

from __future__ import annotations

from collections.abc import Callable

from reinforce.actions.revising.catch_late import catch_late
from reinforce.bootstrap import House


def revising_steps(house: House) -> tuple[tuple[str, Callable[[], object]], ...]:
    """Names and verbs, in order."""
    return (("catch recalled posts", lambda: catch_late(house.database, now=house.clock.now())),)
