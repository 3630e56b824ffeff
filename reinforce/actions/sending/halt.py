"""Stop all sending at once, and let it go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.accounts.account import AccountRecord, AccountState
from reinforce.domain.sending.breaker import Breaker
from reinforce.domain.sending.outbox import State
from reinforce.store.accounts import accounts
from reinforce.store.operating import audit
from reinforce.store.sending import governor, outbox
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class HaltOutcome:
    """`accounts` are the names concerned. `under_way` posts were being sent when the halt came: it came too late for
    them. `unproven` accounts go on waiting, whatever a person resumes."""

    accounts: tuple[str, ...]
    under_way: int = 0
    unproven: tuple[str, ...] = ()


def halt(database: Database, account_name: str | None, *, actor: str, now: datetime) -> HaltOutcome:
    """Send nothing from the account (None: from any). When this returns, no further attempt to send begins.

    Raises NotFound for a name there is not.
    """
    with database.write() as connection:
        chosen = _chosen(connection, account_name)
        accounts.halt(connection, None if account_name is None else chosen[0].id, now)
        for account in chosen:
            audit.record(connection, actor, "account.halt", f"account/{account.id}", {}, now)
        under_way = [outbox.in_state(connection, account.id, State.SENDING) for account in chosen]
    return HaltOutcome(tuple(account.name for account in chosen), under_way=sum(map(len, under_way)))


def resume(database: Database, account_name: str | None, *, actor: str, now: datetime) -> HaltOutcome:
    """Take back a halt, and the pause of an account that has been mended. Raises NotFound for a name there is not."""
    with database.write() as connection:
        chosen = _chosen(connection, account_name)
        accounts.unhalt(connection, None if account_name is None else chosen[0].id)
        for account in chosen:
            accounts.resume_account(connection, account.id)
            governor.keep_breaker(connection, account.id, Breaker())
            audit.record(connection, actor, "account.resume", f"account/{account.id}", {}, now)
    unproven = tuple(account.name for account in chosen if account.state is AccountState.UNPROVEN)
    return HaltOutcome(tuple(account.name for account in chosen), unproven=unproven)


def _chosen(connection: Connection, account_name: str | None) -> tuple[AccountRecord, ...]:
    if account_name is None:
        return accounts.accounts(connection)
    return (accounts.account_by_name(connection, account_name),)
