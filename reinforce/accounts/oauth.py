"""OAuth 2 with PKCE for a user's tokens (RFC 6749, RFC 7636): the page to allow it on, the code, the exchange, renewal.

It goes through the same adapter as every other call: one deadline, no retry, base URL of ours. A refresh token is good
for one exchange; who may make it, and what happens when that is not clear, is in `actions.operating.renew_tokens`.
OAuth 1.0a keys need none of this: they are made in the developer portal and last until they are revoked.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

import requests

from reinforce.accounts import bodies
from reinforce.accounts.base import AccountError, BadCredentials, Refused
from reinforce.accounts.calling import MachineClock
from reinforce.accounts.meter import Meter
from reinforce.accounts.translation import FOREIGN, Circumstances, translated
from reinforce.accounts.transport import DeadlineAdapter, prepare_session
from reinforce.accounts.wire import Answer, Deadline
from reinforce.domain.accounts.base_url import X, checked_base_url
from reinforce.domain.accounts.credentials import OAuth2App, OAuth2Keys, OAuth2Tokens, is_token, struck_out

# What the product does, and nothing more; offline.access is what makes X give a refresh token.
SCOPES = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
EXCHANGE_SECONDS = 20.0
_EXCHANGE = "https://api.twitter.com/2/oauth2/token"
_X_PAGE = "https://x.com/i/oauth2/authorize"
_PAGE = "/i/oauth2/authorize"


@dataclass(frozen=True, slots=True)
class Consent:
    """A request for a person's consent. `address` is the page to open; the rest must come back with the answer."""

    address: str
    redirect_uri: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


def ask_consent(app: OAuth2App, redirect_uri: str, *, base_url: str = X) -> Consent:
    """A fresh request for consent; `redirect_uri` must be registered with the app, letter for letter."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    base = checked_base_url(base_url)
    query = urlencode(
        {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(SCOPES),
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
    )
    return Consent(f"{_X_PAGE if base == X else base + _PAGE}?{query}", redirect_uri, state, verifier)


class TokenEndpoint:
    """X's token endpoint, or the practice account's. Safe under threads."""

    def __init__(
        self,
        clock: MachineClock,
        *,
        base_url: str = X,
        seconds: float = EXCHANGE_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`seconds` is the total deadline of an exchange."""
        self._clock = clock
        self._base_url = base_url
        self._seconds = seconds
        self._tls = tls

    def redeem(self, app: OAuth2App, consent: Consent, code: str) -> OAuth2Tokens:
        """The tokens for the code that came back. Raises AccountError."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": consent.redirect_uri,
            "code_verifier": consent.verifier,
        }
        return self._tokens(app, "exchanging the code", form, (code, consent.verifier))

    def renew(self, keys: OAuth2Keys) -> OAuth2Tokens:
        """New tokens for the refresh token, which is used up by it. Raises BadCredentials if X no longer takes it."""
        refresh = keys.tokens.refresh_token
        if not refresh:
            raise BadCredentials("the access token has ended and there is no refresh token: connect the account again")
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        fresh = self._tokens(keys.app, "renewing the account's tokens", form, keys.secret_values())
        # X sends a new one each time; a service that sends none lets the old one stand (RFC 6749, section 6).
        kept = fresh.refresh_token or refresh
        return OAuth2Tokens(fresh.access_token, kept, fresh.expires_at, fresh.scopes or keys.tokens.scopes)

    def _tokens(self, app: OAuth2App, act: str, form: Mapping[str, str], hidden: tuple[str, ...]) -> OAuth2Tokens:
        asked_at = self._clock.wall()
        meter = Meter(self._clock.wall)
        hidden = (*hidden, app.client_secret)
        around = Circumstances(act, meter.wait_until, None, lambda words: struck_out(words, hidden))
        answer = self._ask(app, form, meter, around)
        content = bodies.mapping(bodies.parse(answer.body))
        access, refresh = content.get("access_token"), content.get("refresh_token")
        if not is_token(access) or not (refresh is None or is_token(refresh)):
            raise translated(None, answer, around)
        # Counted from before the request: rather renewed a second early than used a second late.
        lasts = bodies.whole(content.get("expires_in"))
        return OAuth2Tokens(
            access_token=bodies.text(access),
            refresh_token=bodies.text(refresh),
            expires_at=None if lasts is None else asked_at + timedelta(seconds=min(lasts, 10**9)),
            scopes=tuple(sorted(bodies.text(content.get("scope")).split())),
        )

    def _ask(self, app: OAuth2App, form: Mapping[str, str], meter: Meter, around: Circumstances) -> Answer:
        """A public client names itself in the form; a confidential one proves itself with HTTP Basic."""
        deadline = Deadline(self._seconds, self._clock.monotonic)
        adapter = DeadlineAdapter(self._base_url, deadline, meter, self._tls)
        auth = (app.client_id, app.client_secret) if app.client_secret else None
        try:
            with requests.Session() as session:
                prepare_session(session, adapter)
                session.post(_EXCHANGE, data={**form, "client_id": app.client_id}, auth=auth)
        except FOREIGN as raised:
            raise translated(raised, adapter.answer, around, begun=adapter.begun) from None
        assert adapter.answer is not None
        if adapter.answer.status >= 300:
            raise _refusal(translated(None, adapter.answer, around))
        return adapter.answer


def _refusal(error: AccountError) -> AccountError:
    """A token endpoint says 400 where it means that code, refresh token or client are no longer good."""
    if isinstance(error, Refused):
        return BadCredentials(f"{error.words}: connect the account again (reinforce account connect)")
    return error
