"""The steps of a tick that ask X what came in, and how what we posted fares: each account in its own time."""

from __future__ import annotations

from datetime import datetime, timedelta

from reinforce.actions.listening.hear_quotes import QUOTES, hear_quotes
from reinforce.actions.listening.listen import OVERLAP, listen
from reinforce.actions.listening.measure import measure
from reinforce.bootstrap import House
from reinforce.domain.accounts.account import AccountRecord
from reinforce.store.sending.permission import may_read

MENTIONS = "GET /2/users/:id/mentions"
# Whose turn it is to be counted is looked up so often, in programme time: a poll is over for a minute by then.
MEASURE_EVERY = timedelta(minutes=1)


class Hearing:
    """When each account was last asked is kept in memory: who starts anew asks at once."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._listened: dict[int, datetime] = {}
        self._measured: dict[int, datetime] = {}

    def listen(self, account: AccountRecord) -> None:
        """Read an account's mentions, if it is time."""
        house, now = self._house, self._house.clock.now()
        if not _is_time(self._listened.get(account.id), now, timedelta(seconds=house.settings.listen_seconds)):
            return
        if not self._may_read(account, MENTIONS):
            return
        listen(
            house.database,
            account,
            house.account(account),
            now=now,
            # What X may show late, it shows some minutes late by anybody's clock but the programme's.
            overlap=OVERLAP * max(house.clock.speed, 1.0),
            keyed=house.keyed_hash,
            checkpoint=house.checkpoint,
        )
        self._listened[account.id] = now

    def measure(self, account: AccountRecord) -> None:
        """Count what became of an account's posts, and read who quoted them, if it is time."""
        now = self._house.clock.now()
        if _is_time(self._measured.get(account.id), now, MEASURE_EVERY):
            measure(self._house.database, account, self._house.account(account), now=now)
            self.hear_quotes(account)
            self._measured[account.id] = now

    def hear_quotes(self, account: AccountRecord) -> None:
        """Read who quoted an account's posts, where the counts say that somebody did."""
        house = self._house
        hear_quotes(
            house.database,
            account,
            house.account(account),
            now=house.clock.now(),
            keyed=house.keyed_hash,
            may_read=lambda: self._may_read(account, QUOTES),
        )

    def _may_read(self, account: AccountRecord, endpoint: str) -> bool:
        house = self._house
        with house.database.read() as connection:
            return may_read(connection, account.id, endpoint, house.tariff, house.clock.wall())


def _is_time(last: datetime | None, now: datetime, every: timedelta) -> bool:
    """Also where programme time was set back."""
    return last is None or not timedelta() <= now - last < every
