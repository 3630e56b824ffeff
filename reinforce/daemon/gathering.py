"""The steps of events and introductions, as the daemon does them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from reinforce.actions.announcing.tell import tell
from reinforce.actions.gathering.announce import announce
from reinforce.actions.gathering.gather import SEARCH, gather
from reinforce.actions.gathering.introduce import gather_introductions
from reinforce.bootstrap import House
from reinforce.daemon import journal
from reinforce.domain.accounts.account import AccountRecord
from reinforce.store.accounts import accounts
from reinforce.store.sending.permission import may_read
from reinforce.telemetry import get_logger

log = get_logger("daemon")


def gathering_steps(house: House) -> tuple[tuple[str, Callable[[], object]], ...]:
    """Events are read before they are spoken of: whoever answers is answered to what was said last."""
    return (
        ("gather events", partial(_gather, house)),
        ("gather introductions", lambda: gather_introductions(house.database, now=house.clock.now())),
        ("announce events", partial(_announce, house)),
        ("tell news", partial(_tell, house)),
    )


def _gather(house: House) -> None:
    """Read every account's events; an account that can't be read keeps none of the others waiting."""
    with house.database.read() as connection:
        known = accounts.accounts(connection)
    failed: Exception | None = None
    for record in known:
        try:
            _gather_account(house, record)
        except Exception as error:
            failed = failed or error
    if failed is not None:
        raise failed


def _gather_account(house: House, record: AccountRecord) -> None:
    def may_search() -> bool:
        with house.database.read() as connection:
            return may_read(connection, record.id, SEARCH, house.tariff, house.clock.wall())

    outcome = gather(
        house.database,
        record,
        partial(house.account, record),
        now=house.clock.now(),
        speed=house.clock.speed,
        keyed=house.keyed_hash,
        may_search=may_search,
    )
    for slug in outcome.lost:
        log.warning("a stretch of an event can't be searched any more", slug=slug, look=f"reinforce event show {slug}")


def _tell(house: House) -> None:
    outcome = tell(house.database, house.tariff, now=house.clock.now())
    journal.told(outcome.planned, outcome.let_go)


def _announce(house: House) -> None:
    outcome = announce(house.database, house.renderer, house.tariff, now=house.clock.now())
    journal.told(outcome.planned, outcome.let_go)
