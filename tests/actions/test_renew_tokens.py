"""A refresh token is good once: however many ask at the same time, one exchange is made, and it is stored first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from reinforce.accounts.base import AccountError, BadCredentials, NotSent, Throttled, UnknownOutcome
from reinforce.accounts.oauth import TokenEndpoint
from reinforce.actions.operating.renew_tokens import current_keys, fresh_tokens
from reinforce.clock import Clock
from reinforce.domain.accounts.credentials import Credentials, OAuth1Keys, OAuth2App, OAuth2Keys, OAuth2Tokens
from reinforce.practice.running import PracticeThread
from reinforce.secrets import Keyring
from reinforce.store.accounts import accounts
from reinforce.store.accounts import credentials as stored
from reinforce.store.session import Database
from tests.warm import Nursery

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
APP = OAuth2App("client-1")
NEWER = OAuth2Tokens("access-new", "refresh-new", NOW + timedelta(hours=2))
KEY = Fernet.generate_key().decode()


@pytest.fixture
def keyring() -> Keyring:
    """The key of these tests."""
    return Keyring([KEY], "the test")


@pytest.fixture
def connect(database: Database, keyring: Keyring) -> Callable[[Credentials], int]:
    """Stores credentials for an account; gives its id."""

    def store(credentials: Credentials) -> int:
        with database.write() as connection:
            record = accounts.add_account(connection, name="acme", base_url="http://127.0.0.1:1")
            stored.save(connection, record.id, credentials, keyring, NOW)
        return record.id

    return store


def _ending(after: timedelta) -> OAuth2Keys:
    return OAuth2Keys(APP, OAuth2Tokens("access-old", "refresh-old", NOW + after))


def _exchange(calls: list[OAuth2Keys]) -> Callable[[OAuth2Keys], OAuth2Tokens]:
    def exchange(keys: OAuth2Keys) -> OAuth2Tokens:
        calls.append(keys)
        return NEWER

    return exchange


def _failing(error: AccountError) -> Callable[[OAuth2Keys], OAuth2Tokens]:
    def exchange(_keys: OAuth2Keys) -> OAuth2Tokens:
        raise error

    return exchange


def _stored(database: Database, account_id: int, keyring: Keyring) -> OAuth2Tokens:
    with database.read() as connection:
        keys = stored.load(connection, account_id, keyring)
    assert isinstance(keys, OAuth2Keys)
    return keys.tokens


def test_tokens_that_last_are_not_renewed(
    database: Database, keyring: Keyring, connect: Callable[[Credentials], int]
) -> None:
    calls: list[OAuth2Keys] = []
    account = connect(_ending(timedelta(minutes=11)))
    assert fresh_tokens(database, account, keyring, _exchange(calls), NOW).access_token == "access-old"
    assert calls == []


def test_tokens_that_are_about_to_end_are_renewed_and_stored(
    database: Database, keyring: Keyring, connect: Callable[[Credentials], int]
) -> None:
    calls: list[OAuth2Keys] = []
    account = connect(_ending(timedelta(minutes=9)))
    assert fresh_tokens(database, account, keyring, _exchange(calls), NOW) == NEWER
    assert _stored(database, account, keyring) == NEWER
    assert fresh_tokens(database, account, keyring, _exchange(calls), NOW) == NEWER
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (UnknownOutcome("lost"), NotSent),
        (NotSent("no connection"), NotSent),
        (BadCredentials("no longer good"), BadCredentials),
        (Throttled(NOW), Throttled),
    ],
)
def test_a_renewal_that_fails_matters_only_once_the_old_token_has_ended(
    database: Database,
    keyring: Keyring,
    connect: Callable[[Credentials], int],
    error: AccountError,
    expected: type[AccountError],
) -> None:
    account = connect(_ending(timedelta(minutes=5)))
    assert fresh_tokens(database, account, keyring, _failing(error), NOW).access_token == "access-old"
    with pytest.raises(expected):
        fresh_tokens(database, account, keyring, _failing(error), NOW + timedelta(minutes=5))
    # The lease was given back: the next try is not kept out.
    assert fresh_tokens(database, account, keyring, _exchange([]), NOW + timedelta(minutes=5)) == NEWER


def test_while_another_process_renews_the_old_token_serves_as_long_as_it_lasts(
    database: Database, keyring: Keyring, connect: Callable[[Credentials], int]
) -> None:
    account = connect(_ending(timedelta(minutes=5)))
    with database.write() as connection:
        stored.claim_renewal(connection, account, "somebody else", timedelta(minutes=1))
    assert fresh_tokens(database, account, keyring, _exchange([]), NOW).access_token == "access-old"
    with pytest.raises(NotSent, match="another process"):
        fresh_tokens(database, account, keyring, _exchange([]), NOW + timedelta(minutes=5))


def test_what_was_connected_anew_during_the_exchange_is_what_counts(
    database: Database, keyring: Keyring, connect: Callable[[Credentials], int]
) -> None:
    account = connect(_ending(timedelta()))
    connected = OAuth2Keys(APP, OAuth2Tokens("access-by-hand", "refresh-by-hand", NOW + timedelta(hours=2)))

    def exchange(_keys: OAuth2Keys) -> OAuth2Tokens:
        with database.write() as connection:
            stored.save(connection, account, connected, keyring, NOW)
        return NEWER

    assert fresh_tokens(database, account, keyring, exchange, NOW) == connected.tokens
    assert _stored(database, account, keyring) == connected.tokens


def test_eight_threads_at_once_make_one_exchange(
    database: Database, keyring: Keyring, connect: Callable[[Credentials], int]
) -> None:
    account = connect(_ending(timedelta(minutes=5)))
    calls: list[OAuth2Keys] = []
    found: list[str] = []
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        found.append(fresh_tokens(database, account, keyring, _exchange(calls), NOW).access_token)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert len(found) == 8
    assert set(found) <= {"access-old", "access-new"}
    assert _stored(database, account, keyring) == NEWER


ASK = """
import sys
from pathlib import Path
from reinforce.accounts.base import NotSent
from reinforce.accounts.oauth import TokenEndpoint
from reinforce.accounts.x import XAccount
from reinforce.actions.operating.renew_tokens import current_keys
from reinforce.clock import Clock
from reinforce.secrets import Keyring
from reinforce.store.session import Database

database_url, account_id, base_url = sys.argv[1:]
database, clock = Database(database_url), Clock()
keyring = Keyring.load(Path("no-such-file"))
exchange = TokenEndpoint(clock, base_url=base_url).renew
end = clock.monotonic() + 20
while clock.monotonic() < end:
    try:
        token = current_keys(database, int(account_id), keyring, exchange, clock.wall())
        print(XAccount(lambda: token, clock, base_url=base_url).identity().handle)
        break
    except NotSent:
        pass
"""


def test_processes_that_ask_at_once_with_an_ended_token_exchange_it_once_and_all_get_in(
    database: Database, keyring: Keyring, connect: Callable[[Credentials], int], nursery: Nursery, tmp_path: Path
) -> None:
    """On the practice account a refresh token that is used twice ends every token that came from it."""
    with PracticeThread(tmp_path / "practice", Clock()) as server:
        given = server.credentials["oauth2"]
        ended = OAuth2Tokens("ended", given["refresh_token"], Clock.wall() - timedelta(minutes=1))
        account = connect(OAuth2Keys(OAuth2App(given["client_id"]), ended))
        url = database.engine.url.render_as_string(hide_password=False)
        script = tmp_path / "ask.py"
        script.write_text(ASK, "utf-8")
        arguments = (url, str(account), server.url)
        asking = [nursery.run(script, *arguments, folder=tmp_path, REINFORCE_SECRET_KEY=KEY) for _ in range(3)]
        answers = [process.said() for process in asking]
        assert answers == [server.credentials["handle"]] * 3
        kept = _stored(database, account, keyring)
        # The stored pair is alive: had a token been used twice, the service would have ended them all.
        endpoint = TokenEndpoint(Clock(), base_url=server.url)
        assert endpoint.renew(OAuth2Keys(OAuth2App(given["client_id"]), kept)).access_token


def test_oauth_1_keys_are_given_as_they_are(
    database: Database, keyring: Keyring, connect: Callable[[Credentials], int]
) -> None:
    keys = OAuth1Keys("a", "b", "c", "d")
    assert current_keys(database, connect(keys), keyring, _exchange([]), NOW) == keys


def test_credentials_that_can_not_be_decrypted_are_a_matter_for_a_person(
    database: Database, connect: Callable[[Credentials], int]
) -> None:
    account = connect(OAuth1Keys("a", "b", "c", "d"))
    other = Keyring([Fernet.generate_key().decode()], "another key")
    with pytest.raises(BadCredentials, match="another key"):
        current_keys(database, account, other, _exchange([]), NOW)
