"""The steps of a tick that look after open cohorts: who asks to join is found, and taken in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from reinforce.accounts.base import Account
from reinforce.actions.enrolling.find_joins import find_joins
from reinforce.actions.enrolling.take_in import take_in
from reinforce.actions.gathering.gather import SEARCH
from reinforce.bootstrap import House
from reinforce.domain.accounts.account import AccountRecord
from reinforce.store.accounts import accounts
from reinforce.store.sending import spending
from reinforce.store.sending.permission import may_read, room
from reinforce.telemetry import get_logger

log = get_logger("daemon")


def joining_steps(house: House) -> tuple[tuple[str, Callable[[], object]], ...]:
    """What search finds is read in the next tick, and dealt with then."""
    return (("take in", partial(_take_in, house)), ("find joins", partial(_find, house)))


def _take_in(house: House) -> None:
    done = take_in(house.database, house.lexicon, now=house.clock.now(), keyed=house.keyed_hash)
    for outcome, count in done.outcomes.items():
        log.info("asked to join", outcome=outcome.value, count=count)
    if done.left:
        log.info("left open cohorts", count=done.left)
    for slug in done.crowded:
        log.warning("more ask to join than are let in in an hour", cohort=slug, look=f"reinforce joining show {slug}")


def _find(house: House) -> None:
    """Search for every account's open cohorts; an account that can't be read keeps none of the others waiting."""
    with house.database.read() as connection:
        known = [one for one in accounts.accounts(connection) if one.open_cohorts]
    failed: Exception | None = None
    for record in known:
        try:
            _find_on(house, record)
        except Exception as error:
            failed = failed or error
    if failed is not None:
        raise failed


def _find_on(house: House, record: AccountRecord) -> None:
    def opened() -> Account | None:
        """The account, if X's limits allow it and the month's money is not spent."""
        now = house.clock.now()
        with house.database.read() as connection:
            allowance = spending.allowance(connection, record.id, house.tariff, now)
            left = room(allowance.bounds, allowance.spent).micros
            paid = left is None or left > 0
            able = paid and may_read(connection, record.id, SEARCH, house.tariff, house.clock.wall())
        return house.account(record) if able else None

    found = find_joins(
        house.database,
        record,
        opened,
        house.lexicon,
        now=house.clock.now(),
        speed=house.clock.speed,
        keyed=house.keyed_hash,
    )
    for tag in found.flooded:
        log.warning("a hashtag has more posts than are read for those who want to join", hashtag=tag)
