"""The step that finds out what X shows no more of what came in."""

from __future__ import annotations

from collections.abc import Callable

from reinforce.actions.listening.look_again import look_again
from reinforce.bootstrap import House
from reinforce.store.accounts import accounts
from reinforce.store.sending.permission import may_read

_LOOKUP = "GET /2/tweets"


def vanishing_steps(house: House) -> tuple[tuple[str, Callable[[], object]], ...]:
    """Before the words of what is gone are taken out, in the same tick."""
    return (("look again at what came in", lambda: _look(house)),)


def _look(house: House) -> None:
    """Ask for every account; one that can't be asked keeps none of the others waiting."""
    with house.database.read() as connection:
        known = accounts.accounts(connection)
        wall = house.clock.wall()
        able = [one for one in known if may_read(connection, one.id, _LOOKUP, house.tariff, wall)]
    failed: Exception | None = None
    for record in able:
        try:
            look_again(house.database, record, house.account(record), now=house.clock.now())
        except Exception as error:
            failed = failed or error
    if failed is not None:
        raise failed
