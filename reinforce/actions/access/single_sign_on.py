"""Sign in by the word of the company's sign-in: sent there, come back, let in. `now` is machine time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.access.identities import Identity, RoundTrip, as_compared, refusal_of, round_trip
from reinforce.domain.access.sessions import Lifetimes, Patience, waiting
from reinforce.domain.errors import SignInRefused
from reinforce.store.access import attempts, failures, identities, sessions
from reinforce.store.access.failures import Failure
from reinforce.store.access.keys import new_key
from reinforce.store.access.users import User
from reinforce.store.operating import audit
from reinforce.store.session import Database

_LATE = SignInRefused(
    "This sign-in was used already, was begun in another browser, or took too long.",
    "Begin again from here.",
)


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser by what its cookie bears, and where it asks from."""

    cookie: str
    address: str


def set_out(
    database: Database, browser: Browser, going_to: str, lifetimes: Lifetimes, patience: Patience, *, now: datetime
) -> RoundTrip:
    """Send a browser to the company's sign-in; it is expected back once, within `patience.trip`. Raises SignInRefused
    where too many of one address were sent and did not come back."""
    trip = round_trip(browser.cookie, new_key())
    with database.write() as connection:
        sessions.forget_old(connection, now, lifetimes)
        limits = {attempts.start_mark(browser.address): patience.starts}
        counted = attempts.note(connection, limits, now, patience)
        if not counted.wait:
            identities.expect(connection, trip.mark, going_to, now, now + patience.trip)
    if counted.wait:
        raise waiting(counted.wait, "sign in with your password")
    return trip


def come_back(database: Database, browser: Browser, state: str, *, now: datetime) -> tuple[RoundTrip, str]:
    """A browser came back with `state`: its trip, and the page it was after. A second time it is not expected.

    Raises SignInRefused."""
    trip = round_trip(browser.cookie, state)
    with database.write() as connection:
        going_to = identities.come_back(connection, trip.mark, now)
    if going_to is None:
        raise _LATE
    return trip, going_to


def enter(database: Database, browser: Browser, identity: Identity, patience: Patience, *, now: datetime) -> str:
    """Let in whom the company's sign-in says is there; returns the key for the cookie. The first time they are who an
    operator said is known by that name there, from then on who came then, whatever they are called.

    Raises SignInRefused for whom no operator let in, a name that the company does not answer for, and a name that was
    somebody else's before."""
    with database.write() as connection:
        user = identities.known(connection, identity)
        if user is None:
            user, why = _first_time(connection, identity, now)
        else:
            why = "" if user.may_enter else "kept_out"
        if user is not None and not why:
            attempts.forgive(connection, attempts.start_mark(browser.address))
            audit.record(connection, user.actor, "user.signed_in", user.actor, {"by": "oidc"}, now)
            return sessions.start(connection, user.id, now)
        # Each is a step: who may not enter has come through the company's own sign-in, which guesses nothing.
        failure = Failure("user.sign_in_failed", user, browser.address, True, {"by": "oidc", "why": why})
        failures.tell(connection, failure, now, patience)
    raise SignInRefused(*refusal_of(identity, why))


def _first_time(connection: Connection, identity: Identity, now: datetime) -> tuple[User | None, str]:
    """Who comes for the first time, and from now on is known; or why not."""
    if not identity.name:
        return None, "no_name"
    if not identity.vouched:
        return None, "not_vouched"
    user = identities.named(connection, as_compared(identity.name))
    if user is None:
        return None, "not_let_in"
    if not user.may_enter:
        return user, "kept_out"
    if not identities.bind(connection, user.id, identity):
        return user, "somebody_else"
    audit.record(connection, user.actor, "user.identity_recognised", user.actor, {}, now)
    return user, ""
