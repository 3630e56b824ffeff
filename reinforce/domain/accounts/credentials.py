"""The secrets an account is reached with, as values whose repr shows none of them.

Two kinds: OAuth 1.0a keys, which last until they are revoked, and OAuth 2 tokens, of which the access token lasts
about two hours and each refresh token is good for one exchange.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from reinforce.domain.errors import ReinforceError

# Renewed this long before they expire, so that a renewal that fails can be repeated while the old one still works.
RENEW_BEFORE = timedelta(minutes=10)

OAUTH1_NAMES = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
OAUTH2_NAMES = ("client_id", "client_secret")
_SHORTEST_SECRET = 6
Method = Literal["oauth1", "oauth2"]
_HOW = (
    "Give consumer_key, consumer_secret, access_token and access_token_secret (OAuth 1.0a), "
    "or client_id and, for a confidential client, client_secret (OAuth 2); "
    "see docs/how-to/connect-an-account.md."
)


@dataclass(frozen=True, slots=True)
class OAuth1Keys:
    """The app's pair and the user's pair. They don't expire."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    access_token_secret: str = field(repr=False)

    def secret_values(self) -> tuple[str, ...]:
        """All that must never be shown."""
        return (self.consumer_key, self.consumer_secret, self.access_token, self.access_token_secret)

    def as_mapping(self) -> dict[str, Any]:
        """For encrypted storage."""
        return {name: getattr(self, name) for name in OAUTH1_NAMES}


@dataclass(frozen=True, slots=True)
class OAuth2App:
    """A developer app. `client_secret` is empty for a public client. `client_id` is not a secret."""

    client_id: str
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OAuth2Tokens:
    """What one exchange gave. `expires_at` is machine time, UTC, None if X did not say."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()

    def is_good(self, now: datetime, *, ahead: timedelta = timedelta()) -> bool:
        """Whether the access token still works at `now + ahead` (machine time)."""
        return self.expires_at is None or now + ahead < self.expires_at

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to renew them."""
        return not self.is_good(now, ahead=RENEW_BEFORE)

    def as_mapping(self) -> dict[str, Any]:
        """For encrypted storage."""
        return {
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "expires_at": None if self.expires_at is None else self.expires_at.isoformat(),
            "scopes": list(self.scopes),
        }

    @classmethod
    def from_mapping(cls, stored: Mapping[str, Any]) -> OAuth2Tokens:
        """The inverse of `as_mapping`."""
        expires = stored["expires_at"]
        return cls(
            stored["access_token"],
            stored["refresh_token"],
            None if expires is None else datetime.fromisoformat(expires).astimezone(UTC),
            tuple(stored["scopes"]),
        )


@dataclass(frozen=True, slots=True)
class OAuth2Keys:
    """An app and the tokens a user granted it."""

    app: OAuth2App
    tokens: OAuth2Tokens

    def secret_values(self) -> tuple[str, ...]:
        """All that must never be shown."""
        values = (self.app.client_secret, self.tokens.access_token, self.tokens.refresh_token)
        return tuple(value for value in values if value)


Credentials = OAuth1Keys | OAuth2Keys


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gave to connect an account with. An `OAuth2App` alone still needs the person's consent on X.

    `base_url` is empty where none was given.
    """

    credentials: OAuth1Keys | OAuth2Keys | OAuth2App
    base_url: str = ""


def read_given(content: Mapping[str, Any], source: str, method: Method | None = None) -> Given:
    """Read what a credentials file or the environment holds (`source` names it in messages).

    Names stand at the top, or under "oauth1" and "oauth2". Without a `method`, OAuth 1.0a is taken where it is whole:
    its keys don't expire. Raises ReinforceError that names what is missing, never a value.
    """
    base_url = content.get("base_url")
    first, second = _part(content, "oauth1"), _part(content, "oauth2")
    missing = [name for name in OAUTH1_NAMES if not first.get(name)]
    credentials: OAuth1Keys | OAuth2Keys | OAuth2App
    if method != "oauth2" and not missing:
        credentials = OAuth1Keys(**{name: checked_token(name, first[name], source) for name in OAUTH1_NAMES})
    elif method != "oauth1" and second.get("client_id"):
        credentials = _oauth2(second, source, with_tokens=second is not content)
    elif method == "oauth2":
        raise ReinforceError(f"{source} lacks client_id", _HOW)
    elif len(missing) < len(OAUTH1_NAMES):
        raise ReinforceError(f"{source} lacks {', '.join(missing)}", _HOW)
    else:
        raise ReinforceError(f"{source} holds no credentials", _HOW)
    return Given(credentials, base_url if isinstance(base_url, str) else "")


def _part(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = content.get(name)
    return part if isinstance(part, Mapping) else content


def _oauth2(content: Mapping[str, Any], source: str, *, with_tokens: bool) -> OAuth2App | OAuth2Keys:
    secret = content.get("client_secret")
    app = OAuth2App(
        checked_token("client_id", content["client_id"], source),
        checked_token("client_secret", secret, source) if secret else "",
    )
    # At the top of a file "access_token" is OAuth 1.0a's.
    if not with_tokens or not content.get("access_token"):
        return app
    refresh, expires = content.get("refresh_token"), content.get("expires_at")
    try:
        expires_at = None if expires is None else datetime.fromisoformat(expires).astimezone(UTC)
    except (TypeError, ValueError):
        raise ReinforceError(f"expires_at in {source} is not a time", "Write it like 2026-03-02T09:00:00Z.") from None
    tokens = OAuth2Tokens(
        checked_token("access_token", content["access_token"], source),
        checked_token("refresh_token", refresh, source) if refresh else "",
        expires_at,
    )
    return OAuth2Keys(app, tokens)


def is_token(value: object) -> bool:
    """Whether `value` can stand in an HTTP header as a token."""
    return isinstance(value, str) and re.fullmatch(r"[!-~]{1,4096}", value) is not None


def checked_token(name: str, value: object, source: str) -> str:
    """`value` if it can stand in an HTTP header. Raises ReinforceError without showing it."""
    if (
        not isinstance(value, str)
        or not value.isascii()
        or not value.isprintable()
        or " " in value
        or len(value) > 4096
    ):
        raise ReinforceError(
            f"{name} in {source} is not a token: it must be one word of printable ASCII characters",
            "Copy it again from the developer portal, without spaces or line breaks around it.",
        )
    return value


def struck_out(words: str, secrets: Iterable[str]) -> str:
    """`words` without `secrets`: a service may repeat what it was sent. What is too short to be one is left alone."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            words = words.replace(secret, "[concealed]")
    return words
