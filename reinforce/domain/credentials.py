"""The secrets an account is reached with, as values whose repr shows none of them.

Two kinds: OAuth 1.0a keys, which last until they are revoked, and OAuth 2 tokens, of which the access token lasts
about two hours and each refresh token is good for one exchange.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from reinforce.domain.errors import ReinforceError

# Renewed this long before they expire, so that a renewal that fails can be repeated while the old one still works.
RENEW_BEFORE = timedelta(minutes=10)

OAUTH1_NAMES = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
OAUTH2_APP_NAMES = ("client_id", "client_secret")
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


def static_credentials(given: Mapping[str, Any], source: str) -> OAuth1Keys | OAuth2App:
    """What a person gave, in a file or in the environment (`source` names it in messages). OAuth 1.0a goes first.

    Raises ReinforceError that names what is missing, never a value.
    """
    if any(given.get(name) for name in OAUTH1_NAMES):
        missing = [name for name in OAUTH1_NAMES if not given.get(name)]
        if not missing:
            return OAuth1Keys(**{name: checked_token(name, given[name], source) for name in OAUTH1_NAMES})
        if not given.get("client_id"):
            raise ReinforceError(f"{source} lacks {', '.join(missing)}", _HOW)
    if given.get("client_id"):
        secret = given.get("client_secret") or ""
        return OAuth2App(
            checked_token("client_id", given["client_id"], source),
            checked_token("client_secret", secret, source) if secret else "",
        )
    raise ReinforceError(f"{source} holds no credentials", _HOW)


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
