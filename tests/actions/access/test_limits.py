"""What failed is on the audit log and stays little; nobody leaves the console without an operator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select, update

from reinforce.actions.access.sign_in import Attempt, Change, change_password, sign_in
from reinforce.actions.access.single_sign_on import Browser, come_back, enter, set_out
from reinforce.actions.access.users import add_user, disable_user, give_role, set_identity, take_role
from reinforce.actions.approving.team import remove_member
from reinforce.domain.access.identities import Identity, as_compared, checked_identity
from reinforce.domain.access.networks import one_subscriber, written_network
from reinforce.domain.access.rights import Role
from reinforce.domain.access.sessions import Lifetimes, Patience
from reinforce.domain.errors import Conflict, NotAllowed, SignInRefused
from reinforce.store import tables as t
from reinforce.store.access import attempts, failures, users
from reinforce.store.access.failures import Failure
from reinforce.store.access.passwords import hashed
from reinforce.store.access.users import User
from reinforce.store.operating import audit
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD, WRONG = "correct horse battery", "not my password"
HERE = Browser("a cookie", "192.0.2.7")
FEW = Patience(by_name=3)
ACTING: dict[str, Any] = {"actor": "uid/1", "now": NOW}


@cache
def _kept() -> str:
    return hashed(PASSWORD)


def _add(database: Database, name: str, role: Role = Role.OPERATOR, *, enters: bool = True) -> User:
    made = add_user(database, name, role, **ACTING).user
    if enters:
        with database.write() as connection:
            users.set_password(connection, made.id, _kept())
            return users.by_name(connection, name)
    return made


def _failures(database: Database) -> list[tuple[str, str, dict[str, Any]]]:
    with database.read() as connection:
        rows = audit.latest(connection, limit=500)
    return [(one.verb, one.subject, one.detail) for one in rows if one.actor == failures.STRANGER]


def _fail(database: Database, name: str, address: str = "192.0.2.7", now: datetime = NOW) -> SignInRefused:
    with pytest.raises(SignInRefused) as raised:
        sign_in(database, Attempt(name, WRONG, address), Lifetimes(), FEW, now=now)
    return raised.value


def test_a_failed_sign_in_is_told_of_at_the_first_and_at_the_last_that_is_looked_at(database: Database) -> None:
    anna = _add(database, "anna")
    for second in range(5):
        refused = _fail(database, "anna", now=NOW + timedelta(seconds=second))
    assert refused.wait > 0
    told = _failures(database)
    assert told == [
        ("user.sign_in_failed", anna.actor, {"failed": 3, "locked_minutes": 15, "network": "192.0.2.0/24"}),
        ("user.sign_in_failed", anna.actor, {"failed": 1, "network": "192.0.2.0/24"}),
    ]


def test_a_name_that_nobody_bears_is_never_written_down(database: Database) -> None:
    _fail(database, "hunter2-typed-in-the-wrong-field", "2001:db8:1:2:3::4")
    assert _failures(database) == [
        ("user.sign_in_failed", "network/2001:db8:1::/48", {"failed": 1, "network": "2001:db8:1::/48"})
    ]


def test_a_flood_writes_no_more_rows_than_may_be_and_the_last_one_says_so(database: Database) -> None:
    anna, patience = _add(database, "anna"), Patience(told=3)
    with database.write() as connection:
        for number in range(40):
            for user in (anna, None):
                failure = Failure("user.sign_in_failed", user, f"198.51.{number}.1", True)
                failures.tell(connection, failure, NOW, patience)
    told = _failures(database)
    assert len(told) == 6
    assert [one[2].get("silent_minutes") for one in told] == [15, 15, None, None, None, None]
    with database.write() as connection:
        later = Failure("user.sign_in_failed", None, "198.51.0.1", True)
        failures.tell(connection, later, NOW + patience.window, patience)
    assert len(_failures(database)) == 7


def test_what_is_counted_stays_within_bounds(database: Database) -> None:
    patience = Patience(kept=50)
    with database.write() as connection:
        for number in range(120):
            attempts.note(connection, {attempts.name_mark(f"name{number}"): 10}, NOW, patience)
        kept = connection.execute(select(func.count()).select_from(t.sign_in_attempt)).scalar_one()
        assert kept == 50
        assert attempts.number_of(connection, attempts.name_mark("name119"), NOW - patience.window) == 1
        attempts.note(connection, {attempts.name_mark("late"): 10}, NOW + patience.window, patience)
        assert connection.execute(select(func.count()).select_from(t.sign_in_attempt)).scalar_one() == 1


def test_addresses_of_one_subscriber_are_counted_as_one() -> None:
    assert one_subscriber("2001:db8:1:2:aaaa::1") == one_subscriber("2001:db8:1:2:bbbb::2")
    assert one_subscriber("2001:db8:1:2::1") != one_subscriber("2001:db8:1:3::1")
    assert one_subscriber("::ffff:192.0.2.7") == one_subscriber("192.0.2.7") == "192.0.2.7/32"
    assert one_subscriber("fe80::1%eth0") == "fe80::/64"
    assert (one_subscriber(""), written_network("testclient")) == ("", "unknown")


def test_whoever_found_a_browser_signed_in_can_not_guess_the_password_for_long(database: Database) -> None:
    anna = _add(database, "anna")
    for number in range(3):
        at = NOW + timedelta(seconds=number)
        with pytest.raises(NotAllowed, match="not your password"):
            change_password(database, anna, Change(WRONG, "another good one", "192.0.2.7"), FEW, key="k", now=at)
    change = Change(PASSWORD, "another good one", "192.0.2.7")
    with pytest.raises(SignInRefused, match="Too many") as raised:
        change_password(database, anna, change, FEW, key="k", now=NOW + timedelta(minutes=1))
    assert raised.value.wait > 0
    assert [one[0] for one in _failures(database)] == ["user.password_refused"] * 2
    assert sign_in(database, Attempt("anna", PASSWORD, "192.0.2.7"), Lifetimes(), Patience(), now=NOW)
    assert change_password(database, anna, change, FEW, key="k", now=NOW + timedelta(minutes=16))


OUT: dict[str, Callable[..., object]] = {
    "disabled": disable_user,
    "role taken": lambda database, name, **more: take_role(database, name, Role.OPERATOR, (), **more),
    "off the team": lambda database, name, **more: remove_member(database, name, single_user=True, **more),
}


@pytest.mark.parametrize("out", sorted(OUT))
def test_the_last_operator_who_can_sign_in_stays(database: Database, out: str) -> None:
    _add(database, "anna")
    with pytest.raises(NotAllowed, match="anna is the last operator") as raised:
        OUT[out](database, "anna", **ACTING)
    assert "reinforce user role NAME operator" in raised.value.advice
    _add(database, "ben", enters=False)
    with pytest.raises(NotAllowed) as raised:
        OUT[out](database, "anna", **ACTING)
    assert "Have ben sign in first" in raised.value.advice
    OUT[out](database, "ben", **ACTING)
    _add(database, "cleo")
    OUT[out](database, "anna", **ACTING)
    with pytest.raises(NotAllowed, match="cleo is the last"):
        OUT[out](database, "cleo", **ACTING)
    OUT[out](database, "cleo", **ACTING, anyway=True)


def test_two_operators_who_keep_each_other_out_at_once_do_not_both_succeed(database: Database) -> None:
    for name in ("anna", "ben"):
        _add(database, name)
    ready, refused = Barrier(2), []

    def keep_out(name: str) -> None:
        ready.wait(10)
        try:
            disable_user(database, name, **ACTING)
        except NotAllowed as fault:
            refused.append(fault.message)

    threads = [Thread(target=keep_out, args=(name,)) for name in ("anna", "ben")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(refused) == 1
    with database.read() as connection:
        assert sum(one.disabled_at is None for one in users.users(connection)) == 1


def _trip(database: Database, browser: Browser = HERE, now: datetime = NOW) -> str:
    return set_out(database, browser, "/cohorts", Lifetimes(), Patience(), now=now).state


def test_a_trip_to_the_companys_sign_in_ends_after_ten_minutes_and_is_one_browsers(database: Database) -> None:
    state = _trip(database)
    with pytest.raises(SignInRefused):
        come_back(database, Browser("another cookie", HERE.address), state, now=NOW)
    trip, going_to = come_back(database, HERE, state, now=NOW + timedelta(minutes=9))
    assert (going_to, len(trip.verifier), trip.nonce != trip.verifier) == ("/cohorts", 43, True)
    assert trip.verifier not in repr(trip)
    with pytest.raises(SignInRefused, match="used already"):
        come_back(database, HERE, state, now=NOW + timedelta(minutes=9))
    late = _trip(database)
    with pytest.raises(SignInRefused, match="too long"):
        come_back(database, HERE, late, now=NOW + timedelta(minutes=10))
    _trip(database, now=NOW + timedelta(minutes=11))
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(t.sign_in_start)).scalar_one() == 1


def test_browsers_that_never_come_back_are_not_sent_away_without_end(database: Database) -> None:
    patience = Patience(starts=3)
    for _ in range(3):
        set_out(database, HERE, "/", Lifetimes(), patience, now=NOW)
    with pytest.raises(SignInRefused, match="Too many") as raised:
        set_out(database, HERE, "/", Lifetimes(), patience, now=NOW)
    assert "with your password" in raised.value.advice
    assert set_out(database, Browser("c", "203.0.113.9"), "/", Lifetimes(), patience, now=NOW)


def test_one_identity_is_one_person_and_one_person_one_identity(database: Database) -> None:
    add_user(database, "dora", Role.OPERATOR, identity="Dora@Example.org", **ACTING)
    with pytest.raises(Conflict, match="is dora already"):
        add_user(database, "eve", Role.VIEWER, identity="dora@example.ORG", **ACTING)
    dora = Identity("https://sso.example", "subject", "DORA@example.org", vouched=True)
    assert enter(database, HERE, dora, Patience(), now=NOW)
    with pytest.raises(NotAllowed, match="dora is the last operator"):
        set_identity(database, "dora", "", **ACTING)
    elsewhere = Identity("https://other.example", "subject", "dora@example.org", vouched=True)
    with pytest.raises(SignInRefused, match="somebody else"):
        enter(database, HERE, elsewhere, Patience(), now=NOW)
    assert set_identity(database, "dora", "dora@example.org", **ACTING, anyway=True).recognised is False
    assert enter(database, HERE, elsewhere, Patience(), now=NOW)
    give_role(database, "dora", Role.FACILITATOR, (), **ACTING)
    with database.write() as connection:
        connection.execute(update(t.member).values(password_hash=_kept()))
    remove_member(database, "dora", single_user=True, anyway=True, **ACTING)
    with pytest.raises(SignInRefused, match="not let in"):
        enter(database, HERE, elsewhere, Patience(), now=NOW)


def test_names_that_only_look_alike_are_different_people() -> None:
    assert as_compared(" Dora@Example.ORG ") == "dora@example.org"
    assert as_compared("dora@exämple.org") != as_compared("dora@exÄmple.org")
    assert as_compared("straße@example.org") != as_compared("strasse@example.org")
    assert as_compared("\u212aarl@example.org") != as_compared("karl@example.org")  # the sign of a kelvin
    for wrong in ("", "  ", "two words", "x" * 255, "a\x00b", "a\u202eb"):
        with pytest.raises(NotAllowed):
            checked_identity(wrong)
