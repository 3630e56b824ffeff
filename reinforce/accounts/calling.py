"""One call through tweepy: its own client, its own deadline, and foreign errors turned into ours.

Every call gets its own tweepy Client (half a millisecond): so each has its own deadline and the token of the moment,
and nothing is shared between threads but the meter.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import requests
import tweepy  # type: ignore[import-untyped]

from reinforce.accounts.base import AccountError, BadCredentials, NotSent, UnknownOutcome
from reinforce.accounts.meter import Meter
from reinforce.accounts.translation import FOREIGN, Circumstances, translated
from reinforce.accounts.transport import DeadlineAdapter, prepare_session
from reinforce.accounts.wire import Answer, Deadline
from reinforce.domain.accounts.credentials import OAuth1Keys, struck_out

# Gives what to call with just now: OAuth 1.0a keys, or an OAuth 2 access token, renewed if need be. Asked before each
# call, so that an account that is connected anew is reached with its new keys at once. Raises AccountError.
KeySource = Callable[[], OAuth1Keys | str]
# What is called: a tweepy Client, and tweepy's `user_auth` (True for OAuth 1.0a, False for OAuth 2).
Request = Callable[[tweepy.Client, bool], requests.Response]


class MachineClock(Protocol):
    """The half of the house's clock that accounts live by."""

    def wall(self) -> datetime:
        """Machine time, UTC."""

    def monotonic(self) -> float:
        """Seconds that only ever grow."""


@dataclass(frozen=True)
class Line:
    """What all calls of one account share."""

    credentials: OAuth1Keys | KeySource
    clock: MachineClock
    base_url: str
    meter: Meter
    tls: ssl.SSLContext | None


class Call:
    """One call. `act` says in errors what was tried; `seconds` is its total deadline, a renewed token included."""

    def __init__(self, line: Line, act: str, seconds: float) -> None:
        self._line = line
        self._act = act
        self._seconds = seconds
        self._secrets: tuple[str, ...] = ()

    def run(self, request: Request) -> Answer:
        """Make the call and give its answer, whose status is 2xx. Raises AccountError, never anything foreign."""
        # Set before the keys are asked for: renewing a token takes from the same time, or a post could start long
        # after the one who called thinks it has ended.
        deadline = Deadline(self._seconds, self._line.clock.monotonic)
        keys = self._keys()
        client = _client(keys)
        adapter = DeadlineAdapter(self._line.base_url, deadline, self._line.meter, self._line.tls)
        prepare_session(client.session, adapter)
        try:
            with client.session:
                request(client, isinstance(keys, OAuth1Keys))
        except FOREIGN as raised:
            raise translated(raised, adapter.answer, self._around(), begun=adapter.begun) from None
        assert adapter.answer is not None
        return adapter.answer

    def useless(self, answer: Answer) -> AccountError:
        """The error for a 2xx answer whose body does not say what it should."""
        return translated(None, answer, self._around())

    def _around(self) -> Circumstances:
        meter = self._line.meter
        return Circumstances(self._act, meter.wait_until, meter.skew, lambda words: struck_out(words, self._secrets))

    def _keys(self) -> OAuth1Keys | str:
        given = self._line.credentials
        try:
            keys = given if isinstance(given, OAuth1Keys) else given()
        except UnknownOutcome as error:
            # That was about the token; our own request was not sent.
            raise NotSent(f"{self._act}: {error}") from None
        if not keys:
            raise BadCredentials("the account has no access token: connect it again")
        self._secrets = keys.secret_values() if isinstance(keys, OAuth1Keys) else (keys,)
        return keys


def _client(keys: OAuth1Keys | str) -> tweepy.Client:
    given = keys.as_mapping() if isinstance(keys, OAuth1Keys) else {"bearer_token": keys}
    return tweepy.Client(**given, return_type=requests.Response, wait_on_rate_limit=False)
