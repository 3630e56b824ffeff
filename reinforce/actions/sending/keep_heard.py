"""Keep what an account's answers said besides what was asked: what is left of X's limits, and what was read."""

from __future__ import annotations

from reinforce.accounts.base import Account
from reinforce.clock import Clock
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.pacing import said_windows
from reinforce.store.sending import governor
from reinforce.store.session import Database


def keep_heard(database: Database, record: AccountRecord, account: Account, tariff: Tariff, clock: Clock) -> bool:
    """Write down what was said since it was last asked; False if nothing was."""
    heard = account.heard()
    if not heard:
        return False
    with database.write() as connection:
        windows = said_windows(heard.limits, heard.daily, tariff.limits, clock.wall())
        governor.keep(connection, record.id, windows, heard.read, clock.now())
    return True
