"""The step of a tick that takes posts off X: a withdrawn course's, a recall's."""

from __future__ import annotations

from reinforce.actions.sending.take_down import take_down
from reinforce.bootstrap import House
from reinforce.store.accounts import accounts
from reinforce.store.sending import deletions
from reinforce.telemetry import get_logger

log = get_logger("daemon")


def take_posts_down(house: House) -> None:
    """Work off what is to be deleted; an account that can't be reached keeps none of the others waiting."""
    with house.database.read() as connection:
        asked = deletions.accounts_asked(connection)
        known = [one for one in accounts.accounts(connection) if one.id in asked] if asked else []
    failed: Exception | None = None
    for record in known:
        try:
            done = take_down(house.database, record, house.account(record), house.send_policy(record), house.clock)
        except Exception as error:
            failed = failed or error
            continue
        if done.gone:
            log.info("taken down", account=record.id, posts=done.gone, waiting=done.waiting)
    if failed is not None:
        raise failed
