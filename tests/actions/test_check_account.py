"""The check-up: what is good, what a person should look at, what must be done before anything can go out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from reinforce.accounts.base import Account, Draft, Identity
from reinforce.accounts.x import XAccount
from reinforce.actions.operating.check_account import check_account
from reinforce.clock import Clock
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.accounts.credentials import OAuth1Keys
from reinforce.domain.finding import Finding
from reinforce.domain.nugget import Confidentiality
from reinforce.practice.running import PracticeThread
from reinforce.store.accounts import accounts
from reinforce.store.session import Database


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeThread]:
    """The practice account."""
    with PracticeThread(tmp_path_factory.mktemp("practice"), Clock()) as running:
        yield running


class SkewedClock:
    """A machine whose clock is wrong by `off`."""

    def __init__(self, off: timedelta) -> None:
        self._off = off

    def wall(self) -> datetime:
        """The wrong time."""
        return Clock.wall() + self._off

    def monotonic(self) -> float:
        """Right as ever."""
        return Clock.monotonic()


@pytest.fixture
def account(server: PracticeThread) -> Iterator[XAccount]:
    """Our account on it."""
    keys = OAuth1Keys(**server.credentials["oauth1"])
    yield XAccount(keys, Clock(), base_url=server.url, read_seconds=2)
    server.control("DELETE", "/faults")


@pytest.fixture
def record(database: Database, server: PracticeThread) -> AccountRecord:
    """Its row, connected as public."""
    with database.write() as connection:
        return accounts.add_account(
            connection,
            name="acme",
            base_url=server.url,
            remote_user_id=int(server.credentials["user_id"]),
            confidentiality=Confidentiality.PUBLIC,
        )


Profile = Callable[..., None]


@pytest.fixture
def profile(server: PracticeThread) -> Iterator[Profile]:
    """Changes the account's profile, and puts it back."""
    before = server.control("POST", "/account", {})

    def change(**changed: object) -> None:
        server.control("POST", "/account", changed)

    yield change
    change(**{name: before[name] for name in ("name", "description", "protected", "automated", "pinned_post_id")})


def _of(findings: tuple[Finding, ...], what: str) -> Finding:
    (found,) = [finding for finding in findings if finding.what.startswith(what)]
    return found


def test_a_good_account_has_nothing_that_must_be_done(
    database: Database, record: AccountRecord, account: XAccount
) -> None:
    findings = check_account(database, record, account)
    assert {finding.level for finding in findings} <= {"ok", "warn"}
    for what in ("credentials", "permission to post", "confidentiality", "profile", "reading mentions", "clock"):
        assert _of(findings, what).level == "ok"
    assert any("GET /2/users/me" in finding.what for finding in findings)


def test_everything_that_is_not_good_says_what_to_do(
    database: Database, record: AccountRecord, account: XAccount
) -> None:
    findings = check_account(database, record, account)
    assert [finding for finding in findings if finding.level != "ok"]
    assert all(finding.advice for finding in findings if finding.level != "ok")


def test_what_x_says_of_the_account_is_saved(database: Database, record: AccountRecord, account: XAccount) -> None:
    assert record.protected is None
    check_account(database, record, account)
    with database.read() as connection:
        saved = accounts.account_by_id(connection, record.id)
    assert (saved.protected, saved.handle) == (False, account.identity().handle)


def test_keys_that_are_refused_are_the_only_thing_to_see_to(
    database: Database, record: AccountRecord, server: PracticeThread
) -> None:
    stranger = XAccount(OAuth1Keys("a", "b", "1-c", "d"), Clock(), base_url=server.url)
    findings = check_account(database, record, stranger)
    assert (findings[0].level, findings[0].what) == ("fail", "credentials: refused: Unauthorized")


def test_a_clock_that_is_minutes_off_is_named(
    database: Database, record: AccountRecord, server: PracticeThread
) -> None:
    token = server.credentials["oauth2"]["access_token"]
    late = XAccount(lambda: token, SkewedClock(timedelta(minutes=-10)), base_url=server.url)
    finding = _of(check_account(database, record, late), "clock")
    assert finding.level == "fail"
    assert "behind" in finding.what


def test_a_clock_so_far_off_that_keys_are_refused_is_what_is_named(
    database: Database, record: AccountRecord, server: PracticeThread, account: XAccount
) -> None:
    server.fault("GET /2/users/me", "unauthorized")
    keys = OAuth1Keys(**server.credentials["oauth1"])
    late = XAccount(keys, SkewedClock(timedelta(minutes=-10)), base_url=server.url)
    assert "NTP" in check_account(database, record, late)[0].advice


def test_an_internal_account_that_turned_public_is_a_failure(
    database: Database, record: AccountRecord, account: XAccount
) -> None:
    internal = replace(record, confidentiality=Confidentiality.INTERNAL)
    assert _of(check_account(database, internal, account), "confidentiality").level == "fail"


def test_a_protected_account_connected_as_public_is_worth_a_look(
    database: Database, record: AccountRecord, account: XAccount, profile: Profile
) -> None:
    profile(protected=True)
    assert _of(check_account(database, record, account), "confidentiality").level == "warn"


def test_a_profile_that_does_not_say_it_is_automated_is_worth_a_look(
    database: Database, record: AccountRecord, account: XAccount, profile: Profile
) -> None:
    profile(description="Acme news")
    assert _of(check_account(database, record, account), "profile").level == "warn"
    profile(description="")
    assert _of(check_account(database, record, account), "profile").what == "profile: it is empty"


def test_a_pinned_post_is_seen(database: Database, record: AccountRecord, account: XAccount, profile: Profile) -> None:
    assert _of(check_account(database, record, account), "pinned").level == "warn"
    made = account.post(Draft(f"Start here. {database.engine.dialect.name}"), timeout=5)
    profile(pinned_post_id=str(made))
    assert _of(check_account(database, record, account), "pinned").level == "ok"


def test_mentions_that_can_not_be_read_are_a_failure(
    database: Database, record: AccountRecord, account: XAccount, server: PracticeThread
) -> None:
    server.fault("GET /2/users/*/mentions", "unavailable_before")
    assert _of(check_account(database, record, account), "reading mentions").level == "fail"


def test_keys_of_another_account_are_a_failure(database: Database, record: AccountRecord, account: XAccount) -> None:
    other = replace(record, remote_user_id=12)
    assert check_account(database, other, account)[0].level == "fail"


@pytest.mark.parametrize(
    ("scopes", "level"),
    [(("tweet.read", "tweet.write"), "ok"), (("tweet.read",), "fail"), ((), "warn"), (None, "warn")],
)
def test_permission_to_post_on_x_is_told_as_far_as_it_can_be(
    database: Database, record: AccountRecord, account: XAccount, scopes: tuple[str, ...] | None, level: str
) -> None:
    on_x = replace(record, base_url="https://api.twitter.com")
    assert _of(check_account(database, on_x, cast("Account", Wordless(account)), scopes), "permission").level == level


class Wordless:
    """An account whose service does not say how much its keys may do, as X does not for every kind of key."""

    def __init__(self, account: XAccount) -> None:
        self._account = account

    def identity(self) -> Identity:
        """Who it is, and nothing of its rights."""
        return replace(self._account.identity(), access_level="")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._account, name)


def test_a_limit_that_is_nearly_used_up_is_worth_a_look(
    database: Database, record: AccountRecord, account: XAccount, server: PracticeThread
) -> None:
    server.control("POST", "/limits/reset")
    server.control("POST", "/rules", {"limits": {"GET /2/users/me": 1}})
    try:
        finding = _of(check_account(database, record, account), "limit: GET /2/users/me")
    finally:
        server.control("POST", "/rules", {"limits": {}})
        server.control("POST", "/limits/reset")
    assert finding.level == "warn"
    assert "until" in finding.what
