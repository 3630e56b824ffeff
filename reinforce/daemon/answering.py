"""The steps of a tick that answer what learners ask."""

from __future__ import annotations

from collections.abc import Callable

from reinforce.actions.answering.deliver import deliver
from reinforce.actions.answering.notify import notify
from reinforce.actions.answering.take_up import take_up
from reinforce.bootstrap import House
from reinforce.telemetry import get_logger

log = get_logger("daemon")


def answering_steps(house: House) -> tuple[tuple[str, Callable[[], object]], ...]:
    """Names and verbs, in order."""
    return (
        ("take up questions", lambda: take_up(house.database, house.renderer, house.tariff, now=house.clock.now())),
        ("deliver answers", lambda: deliver(house.database, house.renderer, house.tariff, now=house.clock.now())),
        ("notify facilitators", lambda: _notify(house)),
    )


def _notify(house: House) -> None:
    outcome = notify(house.database, house.messenger, now=house.clock.now())
    for words in outcome.failures:
        log.warning("a facilitator could not be told", error=words)
