"""Sign in and out, and change one's own password. `now` is machine time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.access.passwords import LONGEST, checked_password, normal
from reinforce.domain.access.sessions import Lifetimes, Patience, waiting
from reinforce.domain.errors import NotAllowed, SignInRefused
from reinforce.store.access import attempts, failures, sessions, users
from reinforce.store.access.attempts import Counted
from reinforce.store.access.failures import Failure
from reinforce.store.access.passwords import hashed, is_outdated, matches
from reinforce.store.access.users import User
from reinforce.store.operating import audit
from reinforce.store.session import Database

_WRONG = SignInRefused(
    "That name and password don't go together.",
    "Try again. If you have no password yet, or forgot it, an operator makes you a link: reinforce user set-password "
    "NAME --link",
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody who wants in: what they typed, and where from."""

    name: str
    password: str
    address: str


@dataclass(frozen=True, slots=True)
class Change:
    """A password that somebody wants to change: the one they have, the one they want, and where from."""

    old: str
    new: str
    address: str


def sign_in(database: Database, attempt: Attempt, lifetimes: Lifetimes, patience: Patience, *, now: datetime) -> str:
    """Sign a browser in; returns the key for its cookie.

    Raises SignInRefused, in the same words and after the same work whatever was wrong: an unknown name, a wrong
    password, somebody disabled or without any role; and before any work while too many attempts failed."""
    name = attempt.name.strip()
    by_name, by_address = attempts.name_mark(name), attempts.address_mark(attempt.address)
    with database.write() as connection:
        sessions.forget_old(connection, now, lifetimes)
        limits = {by_name: patience.by_name, by_address: patience.by_address}
        counted = attempts.note(connection, limits, now, patience)
    _require_patience(counted)
    with database.read() as connection:
        user = users.find(connection, name)
    if not matches("" if user is None else user.password_hash, normal(attempt.password)[: LONGEST + 1]):
        _tell(database, user, attempt.address, counted, patience, now)
        raise _WRONG
    with database.write() as connection:
        # As it is now: they may have been disabled, or have changed their password, within these moments.
        there = users.find(connection, name)
        if user is not None and there is not None and there.may_enter and there.password_hash == user.password_hash:
            attempts.forgive(connection, by_name)
            attempts.forgive(connection, by_address, now)
            if is_outdated(there.password_hash):
                users.set_password(connection, there.id, hashed(normal(attempt.password)))
            return _started(connection, there, now)
    _tell(database, user, attempt.address, counted, patience, now)
    raise _WRONG


def welcome(database: Database, code: str, password: str, *, now: datetime) -> str:
    """Choose a password with a one-time link, and be signed in; other browsers are signed out. Returns the key.

    Raises NotAllowed for a password that can't be one, and for a link that holds no more."""
    with database.read() as connection:
        user = sessions.whose_link(connection, code, now)
    if user is None:
        raise link_over()
    kept = hashed(checked_password(password, user.name))
    with database.write() as connection:
        if sessions.whose_link(connection, code, now) is None or not sessions.use_link(connection, code):
            raise link_over()
        users.set_password(connection, user.id, kept)
        sessions.end_all(connection, user.id)
        audit.record(connection, user.actor, "user.password_set", user.actor, {"by_link": True}, now)
        return _started(connection, user, now)


def link_over() -> NotAllowed:
    """What is said of a link that holds no more."""
    return NotAllowed(
        "This link was used already, or is older than a day.",
        "Ask an operator for another: reinforce user set-password NAME --link",
    )


def change_password(
    database: Database, user: User, change: Change, patience: Patience, *, key: str, now: datetime
) -> str:
    """Change one's own password: every other browser is signed out, this one gets a new key, which is returned.

    Raises NotAllowed if the old one is not the password, or the new one can't be one; SignInRefused while too many were
    tried: whoever found a browser signed in is not to guess on."""
    mark = attempts.own_mark(user.id)
    with database.write() as connection:
        counted = attempts.note(connection, {mark: patience.by_name}, now, patience)
    _require_patience(counted)
    if not matches(user.password_hash, normal(change.old)[: LONGEST + 1]):
        _tell(database, user, change.address, counted, patience, now, verb="user.password_refused")
        raise NotAllowed("That is not your password.", "Type the one you signed in with.")
    kept = hashed(checked_password(change.new, user.name))
    with database.write() as connection:
        attempts.forgive(connection, mark)
        users.set_password(connection, user.id, kept)
        sessions.forget_links(connection, user.id)
        sessions.end(connection, key)
        ended = sessions.end_all(connection, user.id)
        audit.record(connection, user.actor, "user.password_set", user.actor, {"sessions_ended": ended}, now)
        return sessions.start(connection, user.id, now)


def sign_out(database: Database, user: User, key: str, *, everywhere: bool, now: datetime) -> None:
    """Sign this browser out, or every one of somebody's."""
    with database.write() as connection:
        ended = sessions.end_all(connection, user.id) if everywhere else sessions.end(connection, key)
        audit.record(connection, user.actor, "user.signed_out", user.actor, {"sessions_ended": ended}, now)


def _require_patience(counted: Counted) -> None:
    if counted.wait:
        raise waiting(counted.wait, "ask an operator for a link")


def _tell(
    database: Database,
    user: User | None,
    address: str,
    counted: Counted,
    patience: Patience,
    now: datetime,
    *,
    verb: str = "user.sign_in_failed",
) -> None:
    """Write a failure down; of a name that nobody bears, by the address. All take the same work."""
    number = counted.numbers[0] if user is not None else counted.numbers[-1]
    most = patience.by_name if user is not None else patience.by_address
    detail = {"failed": number} | (
        {"locked_minutes": int(patience.window.total_seconds()) // 60} if number == most else {}
    )
    with database.write() as connection:
        failures.tell(connection, Failure(verb, user, address, number in (1, most), detail), now, patience)


def _started(connection: Connection, user: User, now: datetime) -> str:
    audit.record(connection, user.actor, "user.signed_in", user.actor, {}, now)
    return sessions.start(connection, user.id, now)
