"""The step that takes recalled posts off X, as the daemon does it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from reinforce.actions.revising.delete import delete_recalled
from reinforce.bootstrap import House
from reinforce.store.accounts import accounts
from reinforce.store.revising import recalls
from reinforce.telemetry import get_logger

log = get_logger("daemon")


def revising_steps(house: House) -> tuple[tuple[str, Callable[[], object]], ...]:
    """Names and verbs, in order."""
    return (("delete recalled posts", partial(_delete, house)),)


def _delete(house: House) -> None:
    with house.database.read() as connection:
        wanted = recalls.accounts_with_pending(connection)
        known = [one for one in accounts.accounts(connection) if one.id in wanted]
    for record in known:
        clock = house.clock
        outcome = delete_recalled(house.database, record, house.account(record), now=clock.now(), wall=clock.wall())
        for item, state in outcome.settled:
            log.info("recalled", item=item, state=state.value)
        if outcome.waits:
            log.warning("recalled posts are not deleted yet", account=record.name, reason=outcome.waits)
