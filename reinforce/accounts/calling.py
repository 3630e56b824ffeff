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
from reinforce.accounts.translation import FOREIGN, Circumstances, headers_of, translated
from reinforce.accounts.transport import DeadlineAdapter, prepare_session
from reinforce.accounts.wire import Answer
from reinforce.domain.credentials import OAuth1Keys

# Gives an access token that works now, renewing it if need be. Raises AccountError, of which none means "sent".
TokenSource = Callable[[], str]


class MachineClock(Protocol):
    """The half of the house's clock that accounts live by."""

    def wall(self) -> datetime:
        """Machine time, UTC."""

    def monotonic(self) -> float:
        """Seconds that only ever grow."""


@dataclass(frozen=True)
class Line:
    """What all calls of one account share."""

    credentials: OAuth1Keys | TokenSource
    clock: MachineClock
    base_url: str
    meter: Meter
    tls: ssl.SSLContext | None

    @property
    def user_auth(self) -> bool:
        """tweepy's switch: True for OAuth 1.0a, False for OAuth 2."""
        return isinstance(self.credentials, OAuth1Keys)


class Call:
    """One call. `act` says in errors what was tried; `seconds` is its total deadline."""

    def __init__(self, line: Line, act: str, seconds: float) -> None:
        self._line = line
        self._act = act
        self._secrets: tuple[str, ...] = ()
        self._adapter = DeadlineAdapter(
            line.base_url,
            seconds,
            line.clock.monotonic,
            lambda method, path, answer: line.meter.note(method, path, headers_of(answer)),
            line.tls,
        )

    def run(self, call: Callable[[tweepy.Client], requests.Response]) -> Answer:
        """Make the call and give its answer, whose status is 2xx. Raises AccountError, never anything foreign."""
        client = self._client()
        prepare_session(client.session, self._adapter)
        try:
            with client.session:
                call(client)
        except FOREIGN as raised:
            raise translated(raised, self._adapter.answer, self._around(), begun=self._adapter.begun) from None
        assert self._adapter.answer is not None
        return self._adapter.answer

    def useless(self, answer: Answer) -> AccountError:
        """The error for a 2xx answer whose body does not say what it should."""
        return translated(None, answer, self._around())

    def _around(self) -> Circumstances:
        meter = self._line.meter
        return Circumstances(self._act, meter.wait_until, meter.skew, self._conceal)

    def _conceal(self, words: str) -> str:
        for secret in self._secrets:
            words = words.replace(secret, "[concealed]")
        return words

    def _client(self) -> tweepy.Client:
        given = self._line.credentials
        if isinstance(given, OAuth1Keys):
            self._secrets = given.secret_values()
            return tweepy.Client(**given.as_mapping(), return_type=requests.Response, wait_on_rate_limit=False)
        try:
            token = given()
        except UnknownOutcome as error:
            # That was about the token; our own request was not sent.
            raise NotSent(f"{self._act}: {error}") from None
        if not token:
            raise BadCredentials("the account has no access token: connect it again")
        self._secrets = (token,)
        return tweepy.Client(token, return_type=requests.Response, wait_on_rate_limit=False)
