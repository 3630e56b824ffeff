"""What an account is called with just now; OAuth 2 tokens are kept fresh.

A refresh token is good once, so exactly one process may exchange it (store/accounts/credentials.py says how).
What is left is a process that dies, or an answer that is lost, between X's side of the exchange and ours: then the
stored refresh token is used up, and the account has to be connected again. Nothing can mend that from here; renewing
ten minutes ahead gives the operator that long before a post is late.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from reinforce.accounts.base import AccountError, BadCredentials, NotSent, OutOfCredit, Throttled
from reinforce.domain.accounts.credentials import OAuth1Keys, OAuth2Keys, OAuth2Tokens
from reinforce.domain.errors import ReinforceError
from reinforce.store.accounts import credentials as stored
from reinforce.store.accounts.credentials import Cipher
from reinforce.store.session import Database

# Longer than the exchange's own deadline, so that a second process starts only after the first has given up.
LEASE = timedelta(seconds=60)

Exchange = Callable[[OAuth2Keys], OAuth2Tokens]


def current_keys(
    database: Database, account_id: int, cipher: Cipher, exchange: Exchange, now: datetime
) -> OAuth1Keys | str:
    """What the account is called with just now: its OAuth 1.0a keys, or an OAuth 2 access token that works at `now`.

    `now` is machine time. Raises AccountError only: BadCredentials where none are stored or they can't be decrypted.
    """
    try:
        with database.glance() as connection:
            keys = stored.load(connection, account_id, cipher)
    except ReinforceError as error:
        raise BadCredentials(f"{error.message}. {error.advice}") from None
    if isinstance(keys, OAuth1Keys):
        return keys
    return fresh_tokens(database, account_id, cipher, exchange, now).access_token


def fresh_tokens(
    database: Database, account_id: int, cipher: Cipher, exchange: Exchange, now: datetime
) -> OAuth2Tokens:
    """Tokens whose access token works at `now` (machine time), renewed through `exchange` when they are about to end.

    `exchange` is called outside any transaction; what it returns is stored before it is returned here. Raises NotSent
    when there is no working token yet (another process is exchanging, or the exchange failed in passing): nothing was
    sent, try again later; BadCredentials when a person has to connect the account again.
    """
    keys = _load(database, account_id, cipher)
    if not keys.tokens.is_due(now):
        return keys.tokens
    owner = uuid.uuid4().hex
    with database.write() as connection:
        claimed = stored.claim_renewal(connection, account_id, owner, LEASE)
    if not claimed:
        return _still_good(keys.tokens, now, NotSent("another process is renewing the account's tokens"))
    try:
        return _renewed(database, account_id, cipher, exchange, now)
    finally:
        with database.write() as connection:
            stored.release_renewal(connection, account_id, owner)


def _renewed(database: Database, account_id: int, cipher: Cipher, exchange: Exchange, now: datetime) -> OAuth2Tokens:
    """Exchange under the lease. Reads again first: somebody may have renewed between our look and our claim."""
    keys = _load(database, account_id, cipher)
    if not keys.tokens.is_due(now):
        return keys.tokens
    try:
        fresh = exchange(keys)
    except AccountError as error:
        return _still_good(_load(database, account_id, cipher).tokens, now, _for_the_caller(error))
    with database.write() as connection:
        kept = stored.replace_tokens(connection, account_id, keys.tokens, fresh, cipher, now)
    # Not kept: the account was connected anew meanwhile, and those tokens are the ones that count.
    return fresh if kept else _load(database, account_id, cipher).tokens


def _load(database: Database, account_id: int, cipher: Cipher) -> OAuth2Keys:
    with database.read() as connection:
        keys = stored.load(connection, account_id, cipher)
    if not isinstance(keys, OAuth2Keys):
        raise TypeError("only OAuth 2 tokens are renewed; OAuth 1.0a keys don't expire")
    return keys


def _still_good(tokens: OAuth2Tokens, now: datetime, otherwise: AccountError) -> OAuth2Tokens:
    """The access token lives on for minutes after it is due: only when it has ended is the failure anybody's."""
    if tokens.is_good(now):
        return tokens
    raise otherwise


def _for_the_caller(error: AccountError) -> AccountError:
    """Whatever became of the exchange, the caller's own request was not sent."""
    if isinstance(error, BadCredentials | Throttled | OutOfCredit | NotSent):
        return error
    return NotSent(f"the account's tokens could not be renewed: {error}")
