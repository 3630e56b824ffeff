"""What an account is reached with, encrypted, and the lease under which a single-use refresh token is exchanged.

Three rows an account: "keys" (OAuth 1.0a), or "app" and "tokens" (OAuth 2).

Exactly one process may exchange a refresh token, and the network call must not sit inside a transaction (on SQLite
that would stop every writer of the house). So the right to exchange is a lease in the "tokens" row: `claim_renewal`
takes it in one short transaction, the call is made, `replace_tokens` stores the new pair in another, before anybody
uses it. A lease that ran out (its process died) may be taken by the next. What protects the pair itself is not the
lease but the comparison in `replace_tokens`: it stores only in place of the very tokens that were exchanged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, or_, select, update

from reinforce.domain.accounts.credentials import Credentials, OAuth1Keys, OAuth2App, OAuth2Keys, OAuth2Tokens
from reinforce.domain.errors import NotFound
from reinforce.store import tables as t
from reinforce.store.operating.locks import one_at_a_time
from reinforce.store.session import database_now

_KEYS, _APP, _TOKENS = "keys", "app", "tokens"
# Asked for each call, so made once.
_STORED = select(t.credential.c.name, t.credential.c.ciphertext).where(
    t.credential.c.account_id == bindparam("account")
)


class Cipher(Protocol):
    """Encrypts and decrypts (secrets.Keyring); a protocol because rooms do not know each other."""

    def seal(self, plain: bytes) -> bytes:
        """`plain`, encrypted."""

    def unseal(self, sealed: bytes) -> bytes:
        """The inverse of `seal`."""


def save(connection: Connection, account_id: int, credentials: Credentials, cipher: Cipher, now: datetime) -> None:
    """Store `credentials` in place of whatever the account had. `now` is machine time."""
    lock(connection)
    connection.execute(update(t.account).where(t.account.c.id == account_id).values(connected_at=now))
    connection.execute(delete(t.credential).where(t.credential.c.account_id == account_id))
    if isinstance(credentials, OAuth1Keys):
        _insert(connection, account_id, _KEYS, cipher, credentials.as_mapping(), None, now)
        return
    app = {"client_id": credentials.app.client_id, "client_secret": credentials.app.client_secret}
    _insert(connection, account_id, _APP, cipher, app, None, now)
    tokens = credentials.tokens
    _insert(connection, account_id, _TOKENS, cipher, tokens.as_mapping(), tokens.expires_at, now)


def load(connection: Connection, account_id: int, cipher: Cipher) -> Credentials:
    """The account's credentials, decrypted. Raises NotFound if it has none."""
    rows = connection.execute(_STORED, {"account": account_id})
    stored = {row.name: _opened(cipher, row.ciphertext) for row in rows}
    if _KEYS in stored:
        return OAuth1Keys(**stored[_KEYS])
    if _APP in stored and _TOKENS in stored:
        return OAuth2Keys(OAuth2App(**stored[_APP]), OAuth2Tokens.from_mapping(stored[_TOKENS]))
    raise NotFound("this account has no stored credentials", "Connect it: reinforce account connect.")


def claim_renewal(connection: Connection, account_id: int, owner: str, lease: timedelta) -> bool:
    """Take the right to exchange the refresh token for `lease`; False while another process holds it.

    `owner` must differ from one attempt to the next. Time is the database's.
    """
    now = database_now(connection)
    claimed = connection.execute(
        update(t.credential)
        .where(*_tokens_of(account_id), _free(now, lease))
        .values(lease_owner=owner, lease_until=now + lease)
    )
    return claimed.rowcount == 1


def _free(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Nobody holds the right: its lease is over, or was given before the database's clock was set back.

    One that was given after we looked at the clock, and before we got at the row, ends later than `lease` from `now`,
    and is somebody's: only one that ends later than twice that is taken for an old one.
    """
    until = t.credential.c.lease_until
    return or_(until.is_(None), until <= now, until > now + 2 * lease)


def release_renewal(connection: Connection, account_id: int, owner: str) -> None:
    """Give the right back, if `owner` still holds it."""
    connection.execute(
        update(t.credential)
        .where(*_tokens_of(account_id), t.credential.c.lease_owner == owner)
        .values(lease_owner="", lease_until=None)
    )


def replace_tokens(
    connection: Connection,
    account_id: int,
    old: OAuth2Tokens,
    new: OAuth2Tokens,
    cipher: Cipher,
    now: datetime,
) -> bool:
    """Store what `old` was exchanged for, and end the lease; False if `old` is no longer what is stored.

    Needs a write transaction. `now` is machine time.
    """
    lock(connection)
    query = select(t.credential.c.ciphertext).where(*_tokens_of(account_id)).with_for_update()
    sealed = connection.execute(query).scalar()
    if sealed is None or OAuth2Tokens.from_mapping(_opened(cipher, sealed)) != old:
        return False
    connection.execute(
        update(t.credential)
        .where(*_tokens_of(account_id))
        .values(
            ciphertext=_sealed(cipher, new.as_mapping()),
            expires_at=new.expires_at,
            updated_at=now,
            lease_owner="",
            lease_until=None,
        )
    )
    return True


def lock(connection: Connection) -> None:
    """Keep every other transaction from sealing anything until this one ends.

    Whoever seals takes it first: else something could be sealed with a key that a rotation has found to be in no use.
    """
    one_at_a_time(connection, "credentials")


def reseal(connection: Connection, cipher: Cipher) -> int:
    """Encrypt everything anew, with the key that encrypts now; returns how many rows. Needs `lock`.

    Raises what `cipher` raises for a row that none of its keys opens.
    """
    rows = list(sealed(connection))
    for account_id, name, ciphertext in rows:
        connection.execute(
            update(t.credential)
            .where(t.credential.c.account_id == account_id, t.credential.c.name == name)
            .values(ciphertext=cipher.seal(cipher.unseal(ciphertext)))
        )
    return len(rows)


def sealed(connection: Connection) -> Iterator[tuple[int, str, bytes]]:
    """Everything that is stored encrypted: (account, name of the row, ciphertext)."""
    c = t.credential.c
    for row in connection.execute(select(c.account_id, c.name, c.ciphertext).order_by(c.account_id, c.name)).all():
        yield row.account_id, row.name, bytes(row.ciphertext)


def _tokens_of(account_id: int) -> tuple[Any, Any]:
    return (t.credential.c.account_id == account_id, t.credential.c.name == _TOKENS)


def _insert(
    connection: Connection,
    account_id: int,
    name: str,
    cipher: Cipher,
    content: dict[str, Any],
    expires_at: datetime | None,
    now: datetime,
) -> None:
    connection.execute(
        insert(t.credential).values(
            account_id=account_id,
            name=name,
            ciphertext=_sealed(cipher, content),
            expires_at=expires_at,
            lease_owner="",
            updated_at=now,
        )
    )


def _sealed(cipher: Cipher, content: dict[str, Any]) -> bytes:
    return cipher.seal(json.dumps(content).encode())


def _opened(cipher: Cipher, sealed: bytes) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(cipher.unseal(bytes(sealed)))
    return content
