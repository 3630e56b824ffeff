"""Connecting an account, against the practice account: who it is comes first, and nothing is stored otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select

from reinforce.accounts.base import Account, Draft
from reinforce.accounts.x import XAccount
from reinforce.actions.operating.connect import NewAccount, connect
from reinforce.clock import Clock
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.accounts.base_url import X
from reinforce.domain.accounts.credentials import Credentials, OAuth1Keys
from reinforce.domain.errors import Conflict, NotAllowed, ReinforceError
from reinforce.domain.nugget import Confidentiality
from reinforce.practice.running import PracticeThread
from reinforce.secrets import Keyring
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.accounts import credentials as stored
from reinforce.store.operating import audit, workspace
from reinforce.store.session import Database

WALL_CLOCK = Clock()
STEPPED_TO = datetime(2026, 3, 2, 8, 55, tzinfo=UTC)
KEYRING = Keyring([Fernet.generate_key().decode()], "the test")
WRONG = OAuth1Keys("a", "b", "1-c", "d")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeThread]:
    """The practice account."""
    with PracticeThread(tmp_path_factory.mktemp("practice"), WALL_CLOCK) as running:
        yield running


@pytest.fixture
def keys(server: PracticeThread) -> OAuth1Keys:
    """Its keys."""
    return OAuth1Keys(**server.credentials["oauth1"])


Connect = Callable[..., AccountRecord]


def _open(credentials: Credentials, base_url: str) -> Account:
    assert isinstance(credentials, OAuth1Keys)
    return XAccount(credentials, WALL_CLOCK, base_url=base_url, read_seconds=20)


@pytest.fixture
def connect_it(database: Database, server: PracticeThread, keys: OAuth1Keys) -> Connect:
    """Connects the practice account; keyword arguments change what is asked for."""
    with database.write() as connection:
        workspace.create(connection, rehearsal=False, now=STEPPED_TO)

    def start(clock: Clock = WALL_CLOCK, **changed: object) -> AccountRecord:
        asked = NewAccount(**{"name": "acme", "credentials": keys, "base_url": server.url, **changed})  # type: ignore[arg-type]
        return connect(database, asked, KEYRING, _open, clock, "uid/1")

    return start


def _rows(database: Database) -> int:
    with database.read() as connection:
        return sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (t.account, t.credential, t.cursor)
        )


def test_an_account_is_stored_as_it_says_it_is(
    database: Database, server: PracticeThread, keys: OAuth1Keys, connect_it: Connect
) -> None:
    record = connect_it()
    assert record.handle == server.credentials["handle"]
    assert str(record.remote_user_id) == server.credentials["user_id"]
    assert (record.protected, record.confidentiality) == (False, Confidentiality.PUBLIC)
    with database.read() as connection:
        assert stored.load(connection, record.id, KEYRING) == keys
        assert [entry.verb for entry in audit.entries(connection)] == ["connect_account"]


def test_what_stands_on_its_timeline_is_known_from_the_start(
    database: Database, keys: OAuth1Keys, connect_it: Connect, server: PracticeThread
) -> None:
    made = _open(keys, server.url).post(Draft(f"before {database.engine.url!r}"[:200]), timeout=5)
    record = connect_it()
    with database.read() as connection:
        assert accounts.newest_known_post(connection, record.id) == made


def test_wrong_keys_store_nothing_and_are_not_shown(database: Database, connect_it: Connect) -> None:
    with pytest.raises(ReinforceError, match="refused these credentials") as caught:
        connect_it(credentials=WRONG)
    assert caught.value.advice
    assert _rows(database) == 0


def test_a_service_that_does_not_answer_stores_nothing(
    database: Database, server: PracticeThread, connect_it: Connect
) -> None:
    server.fault("GET /2/*", "unavailable_before")
    with pytest.raises(ReinforceError, match="did not say who"):
        connect_it()
    assert _rows(database) == 0


def test_a_rehearsal_is_never_connected_to_x(database: Database, keys: OAuth1Keys) -> None:
    with database.write() as connection:
        workspace.create(connection, rehearsal=True, now=STEPPED_TO)
    with pytest.raises(NotAllowed, match="rehearsal"):
        connect(database, NewAccount("acme", keys, X), KEYRING, _open, WALL_CLOCK, "uid/1")
    assert _rows(database) == 0


def test_x_is_not_connected_at_an_accelerated_time(tmp_path: Path, connect_it: Connect) -> None:
    clock = Clock(tmp_path / "clock.json")
    clock.step_to(STEPPED_TO)
    with pytest.raises(NotAllowed, match="accelerated"):
        connect_it(clock, base_url=X)
    assert connect_it(clock).name == "acme"


def test_keys_are_not_sent_in_the_clear(connect_it: Connect) -> None:
    with pytest.raises(ReinforceError, match="unencrypted"):
        connect_it(base_url="http://example.com")


def test_a_public_account_is_not_connected_for_internal_procedures(database: Database, connect_it: Connect) -> None:
    with pytest.raises(NotAllowed, match="is public"):
        connect_it(confidentiality=Confidentiality.INTERNAL)
    assert _rows(database) == 0


def test_a_protected_account_is_connected_for_internal_procedures(server: PracticeThread, connect_it: Connect) -> None:
    server.control("POST", "/account", {"protected": True})
    try:
        record = connect_it()
        assert (record.protected, record.confidentiality) == (True, Confidentiality.INTERNAL)
        assert connect_it(confidentiality=Confidentiality.PUBLIC).confidentiality is Confidentiality.PUBLIC
    finally:
        server.control("POST", "/account", {"protected": False})


def test_connecting_again_renews_the_keys_of_the_same_account(
    database: Database, server: PracticeThread, keys: OAuth1Keys, connect_it: Connect
) -> None:
    first = connect_it()
    with database.write() as connection:
        stored.save(connection, first.id, WRONG, KEYRING, STEPPED_TO)
    again = connect_it(base_url=server.url.replace("127.0.0.1", "localhost"))
    assert again.id == first.id
    assert "localhost" in again.base_url
    with database.read() as connection:
        assert stored.load(connection, first.id, KEYRING) == keys


def test_one_x_user_is_not_two_accounts(connect_it: Connect) -> None:
    connect_it()
    with pytest.raises(Conflict):
        connect_it(name="another")


def test_a_name_is_not_given_to_another_x_user(database: Database, connect_it: Connect) -> None:
    with database.write() as connection:
        accounts.add_account(connection, name="acme", base_url=X, remote_user_id=12)
    with pytest.raises(Conflict, match="another account"):
        connect_it()
    with database.read() as connection:
        assert accounts.account_by_name(connection, "acme").remote_user_id == 12
