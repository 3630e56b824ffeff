"""Stored credentials, and the right to exchange a refresh token, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.accounts.credentials import Credentials, OAuth1Keys, OAuth2App, OAuth2Keys, OAuth2Tokens
from reinforce.domain.errors import NotFound, ReinforceError
from reinforce.secrets import Keyring
from reinforce.store import tables as t
from reinforce.store.accounts import credentials as stored
from reinforce.store.session import Database

WALL = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FIRST = OAuth1Keys("ck-11111", "cs-22222", "at-33333", "as-44444")
TOKENS = OAuth2Tokens("access-5", "refresh-6", WALL + timedelta(hours=2), ("tweet.read", "tweet.write"))
SECOND = OAuth2Keys(OAuth2App("client-7", "secret-8"), TOKENS)
LEASE = timedelta(seconds=60)


@pytest.fixture
def keyring() -> Keyring:
    """A fresh key."""
    return Keyring([Fernet.generate_key().decode()], "the test")


def _save(database: Database, sender: AccountRecord, credentials: Credentials, keyring: Keyring) -> None:
    with database.write() as connection:
        stored.save(connection, sender.id, credentials, keyring, WALL)


def _load(database: Database, sender: AccountRecord, keyring: Keyring) -> Credentials:
    with database.read() as connection:
        return stored.load(connection, sender.id, keyring)


@pytest.mark.parametrize("credentials", [FIRST, SECOND])
def test_credentials_come_back_as_they_were(
    database: Database, sender: AccountRecord, keyring: Keyring, credentials: Credentials
) -> None:
    _save(database, sender, credentials, keyring)
    assert _load(database, sender, keyring) == credentials


def test_new_credentials_take_the_place_of_the_old_ones_whatever_their_kind(
    database: Database, sender: AccountRecord, keyring: Keyring
) -> None:
    _save(database, sender, FIRST, keyring)
    _save(database, sender, SECOND, keyring)
    assert _load(database, sender, keyring) == SECOND
    _save(database, sender, FIRST, keyring)
    assert _load(database, sender, keyring) == FIRST


def test_no_secret_stands_in_the_database_readable(database: Database, sender: AccountRecord, keyring: Keyring) -> None:
    _save(database, sender, SECOND, keyring)
    with database.read() as connection:
        rows = connection.execute(select(t.credential)).all()
    assert len(rows) == 2
    assert not [secret for secret in SECOND.secret_values() if any(secret in repr(tuple(row)) for row in rows)]


def test_another_key_does_not_open_them(database: Database, sender: AccountRecord, keyring: Keyring) -> None:
    _save(database, sender, FIRST, keyring)
    with pytest.raises(ReinforceError, match="can't be decrypted"):
        _load(database, sender, Keyring([Fernet.generate_key().decode()], "another"))


def test_an_account_without_credentials_says_so(database: Database, sender: AccountRecord, keyring: Keyring) -> None:
    with pytest.raises(NotFound):
        _load(database, sender, keyring)


def test_one_process_at_a_time_may_exchange_the_refresh_token(
    database: Database, sender: AccountRecord, keyring: Keyring
) -> None:
    _save(database, sender, SECOND, keyring)
    with database.write() as connection:
        assert stored.claim_renewal(connection, sender.id, "one", LEASE)
    with database.write() as connection:
        assert not stored.claim_renewal(connection, sender.id, "two", LEASE)
        stored.release_renewal(connection, sender.id, "two")  # what isn't its own it can't give back
        assert not stored.claim_renewal(connection, sender.id, "two", LEASE)
        stored.release_renewal(connection, sender.id, "one")
        assert stored.claim_renewal(connection, sender.id, "two", LEASE)


def test_a_lease_that_ran_out_may_be_taken(database: Database, sender: AccountRecord, keyring: Keyring) -> None:
    _save(database, sender, SECOND, keyring)
    with database.write() as connection:
        assert stored.claim_renewal(connection, sender.id, "died", timedelta(seconds=-1))
        assert stored.claim_renewal(connection, sender.id, "next", LEASE)


def test_oauth_1_keys_have_nothing_to_renew(database: Database, sender: AccountRecord, keyring: Keyring) -> None:
    _save(database, sender, FIRST, keyring)
    with database.write() as connection:
        assert not stored.claim_renewal(connection, sender.id, "one", LEASE)


def test_new_tokens_take_the_place_of_those_they_were_exchanged_for_and_of_no_others(
    database: Database, sender: AccountRecord, keyring: Keyring
) -> None:
    _save(database, sender, SECOND, keyring)
    newer = OAuth2Tokens("access-9", "refresh-10", WALL + timedelta(hours=4), TOKENS.scopes)
    with database.write() as connection:
        stored.claim_renewal(connection, sender.id, "one", LEASE)
        assert stored.replace_tokens(connection, sender.id, TOKENS, newer, keyring, WALL)
        assert stored.claim_renewal(connection, sender.id, "two", LEASE), "storing ends the lease"
        assert not stored.replace_tokens(connection, sender.id, TOKENS, TOKENS, keyring, WALL)
    assert _load(database, sender, keyring) == OAuth2Keys(SECOND.app, newer)
