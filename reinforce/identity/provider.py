"""The company's sign-in as we use it: the authorization code flow of OpenID Connect with PKCE (RFC 7636), by Authlib.

What it says of itself (OpenID Connect Discovery 1.0) and its keys are kept for an hour; a token with a key that is not
among them has the keys fetched anew, at most once a minute, so that nobody can have us ask it as often as they like.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.discovery import get_well_known_url
from joserfc.jwk import Key

from reinforce.domain.access.identities import Answer, Identity, RoundTrip
from reinforce.domain.errors import ProviderFault, ReinforceError, SignInRefused
from reinforce.identity.fetching import Bounded, get_object, prepare, require_safe, trusted, unreachable
from reinforce.identity.id_token import Expected, UnknownKey, believed, usable

Claim = Literal["email", "preferred_username"]
KEPT_SECONDS = 3600.0
KEYS_ANEW_SECONDS = 60.0
_SCOPES = {"email": "openid email", "preferred_username": "openid profile"}
_MISMATCH = (
    "An operator compares REINFORCE_OIDC_ISSUER with what the company's sign-in calls itself, letter for letter."
)
_AGAIN = "Begin again from here."


@dataclass(frozen=True, slots=True)
class Registration:
    """How the console is registered with the company's sign-in, and by which claim people are known."""

    issuer: str
    client_id: str
    claim: Claim = "email"
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What the provider said of itself, at `at` (monotonic seconds)."""

    metadata: Mapping[str, Any]
    at: float


class Provider:
    """One provider. Asks it nothing until somebody signs in; safe under threads."""

    def __init__(
        self,
        registration: Registration,
        read_secret: Callable[[], str],
        wall: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        """`read_secret` is asked at each sign-in ("": a public client), `wall` is machine time in seconds since 1970.

        Raises ReinforceError for an issuer that can't be one."""
        try:
            require_safe(registration.issuer, "REINFORCE_OIDC_ISSUER")
        except ProviderFault:
            raise ReinforceError(
                f'"{registration.issuer}" is no issuer: that is an https address, as the sign-in calls itself.',
                "Set REINFORCE_OIDC_ISSUER: docs/how-to/let-people-in.md.",
            ) from None
        if not registration.client_id:
            raise ReinforceError(
                "the company's sign-in is set, but not what it knows the console as.",
                "Set REINFORCE_OIDC_CLIENT_ID as well, or empty REINFORCE_OIDC_ISSUER.",
            )
        self.registration = registration
        self._read_secret = read_secret
        self._wall = wall
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._keys: tuple[Key, ...] = ()
        self._keys_at = 0.0

    def look(self) -> int:
        """Ask it what it says of itself, and how many keys it publishes that we take; nothing of ours is told. Raises
        ProviderFault."""
        metadata = self._metadata()
        require_safe(metadata.get("authorization_endpoint"), "The page")
        require_safe(metadata.get("token_endpoint"), "The token endpoint")
        return len(self._published(metadata, anew=False))

    def page(self, trip: RoundTrip, redirect_uri: str) -> str:
        """The address to send the browser to. Raises ProviderFault."""
        there = require_safe(self._metadata().get("authorization_endpoint"), "The page")
        with self._session("", redirect_uri) as session:
            address, _ = session.create_authorization_url(
                there, state=trip.state, nonce=trip.nonce, code_verifier=trip.verifier
            )
        return str(address)

    def identity(self, answer: Answer, trip: RoundTrip, redirect_uri: str) -> Identity:
        """Who the browser's answer is about. Raises SignInRefused where they, or the provider, said no; ProviderFault
        for an answer that can't be believed."""
        metadata = self._metadata()
        self._require_its_own(answer, metadata)
        if answer.error or not answer.code:
            raise SignInRefused("The company's sign-in did not sign you in.", f"{_AGAIN} It may say there why not.")
        token = self._redeemed(metadata, answer.code, trip, redirect_uri)
        access = token.get("access_token")
        access = access if isinstance(access, str) else ""
        expected = Expected(self.registration.issuer, self.registration.client_id, trip.nonce, access)
        claims = self._believed(metadata, token.get("id_token"), expected)
        said = claims
        if self.registration.claim not in claims and access and "userinfo_endpoint" in metadata:
            said = self._userinfo(metadata, access, claims["sub"])
        return self._named(claims["sub"], said)

    def _require_its_own(self, answer: Answer, metadata: Mapping[str, Any]) -> None:
        """An answer of another provider is not to be redeemed at this one, nor the other way round (RFC 9207, 2.4)."""
        promised = metadata.get("authorization_response_iss_parameter_supported") is True
        if (answer.issuer or promised) and answer.issuer != self.registration.issuer:
            raise ProviderFault("That answer came from another sign-in than the company's.", _AGAIN)

    def _redeemed(
        self, metadata: Mapping[str, Any], code: str, trip: RoundTrip, redirect_uri: str
    ) -> Mapping[str, Any]:
        """What the code is exchanged for. The code is good once; what became of it in a failure nobody can say."""
        there = require_safe(metadata.get("token_endpoint"), "The token endpoint")
        ways = metadata.get("token_endpoint_auth_methods_supported")
        secret = self._read_secret()
        way = "client_secret_basic" if secret else "none"
        if secret and isinstance(ways, list) and way not in ways and "client_secret_post" in ways:
            way = "client_secret_post"
        try:
            with self._session(secret, redirect_uri, way) as session:
                token = session.fetch_token(
                    there,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=trip.verifier,
                    redirect_uri=redirect_uri,
                    allow_redirects=False,
                )
        except requests.RequestException as error:
            raise unreachable("The token endpoint", error) from None
        except OAuthError as error:
            raise _refused(str(error.error)) from None
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            words = f"The token endpoint of the company's sign-in can't be understood ({type(error).__name__})."
            raise ProviderFault(words, _AGAIN) from None
        return dict(token) if isinstance(token, Mapping) else {}

    def _believed(self, metadata: Mapping[str, Any], token: object, expected: Expected) -> Mapping[str, Any]:
        try:
            return believed(token, self._published(metadata, anew=False), expected, self._wall())
        except UnknownKey:
            pass
        try:
            return believed(token, self._published(metadata, anew=True), expected, self._wall())
        except UnknownKey:
            raise ProviderFault(
                "The company's sign-in answered, but its ID token is signed with a key that it does not publish.",
                _AGAIN,
            ) from None

    def _userinfo(self, metadata: Mapping[str, Any], access: str, subject: str) -> Mapping[str, Any]:
        """What the provider says of somebody beside the ID token; of nobody else (OpenID Connect Core 1.0, 5.3.2)."""
        there = require_safe(metadata["userinfo_endpoint"], "The user info")
        with requests.Session() as session:
            prepare(session, self._adapter())
            session.trust_env = False  # else a .netrc would put its own credentials in the token's place
            said: dict[str, Any] = get_object(session, there, "The user info", {"Authorization": f"Bearer {access}"})
        if said.get("sub") != subject:
            raise ProviderFault("The company's sign-in answered, but its user info is about somebody else.", _AGAIN)
        return said

    def _named(self, subject: str, said: Mapping[str, Any]) -> Identity:
        """Somebody by a name and by what vouches for it, both from one place."""
        claim = self.registration.claim
        name = said.get(claim)
        # Only `true` is a yes: "false" is a text that is true to whoever does not look.
        vouched = claim != "email" or said.get("email_verified") is True
        return Identity(self.registration.issuer, subject, name if isinstance(name, str) else "", vouched)

    def _metadata(self) -> Mapping[str, Any]:
        """What the provider says of itself. Raises ProviderFault, also if it calls itself something else."""
        known, issuer = self._known, self.registration.issuer
        if known is not None and self._monotonic() - known.at < KEPT_SECONDS:
            return known.metadata
        metadata = self._fetched(get_well_known_url(issuer, external=True), "The description")
        if metadata.get("issuer") != issuer:
            raise ProviderFault("The company's sign-in calls itself something else than is set here.", _MISMATCH)
        self._known = _Known(metadata, self._monotonic())
        return metadata

    def _published(self, metadata: Mapping[str, Any], *, anew: bool) -> tuple[Key, ...]:
        """Its public keys; `anew`: as they are now, unless they were fetched within the last minute."""
        there = require_safe(metadata.get("jwks_uri"), "The list of keys")
        with self._lock:
            age = self._monotonic() - self._keys_at
            if not self._keys or age >= (KEYS_ANEW_SECONDS if anew else KEPT_SECONDS):
                self._keys = usable(self._fetched(there, "The list of keys"))
                self._keys_at = self._monotonic()
            return self._keys

    def _fetched(self, url: str, what: str) -> dict[str, Any]:
        with requests.Session() as session:
            prepare(session, self._adapter())
            content: dict[str, Any] = get_object(session, url, what)
            return content

    def _session(self, secret: str, redirect_uri: str, way: str = "none") -> OAuth2Session:
        claim = self.registration.claim
        session = OAuth2Session(
            client_id=self.registration.client_id,
            client_secret=secret or None,
            token_endpoint_auth_method=way,
            scope=_SCOPES[claim],
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )
        prepare(session, self._adapter())
        return session

    def _adapter(self) -> Bounded:
        return Bounded(self._monotonic, self._context)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return trusted(self.registration.ca_file)  # once: to read all authorities takes a while


def _refused(error: str) -> ReinforceError:
    """What is said of a code that was not taken. The provider's own description is not shown: it may quote the code."""
    if error == "invalid_grant":
        return SignInRefused("The company's sign-in no longer takes this answer: it was used, or is too old.", _AGAIN)
    advice = "An operator compares the client id and the client secret with what the company's sign-in has."
    told = ("invalid_client", "unauthorized_client", "invalid_request", "invalid_scope")
    known = error if error in told else "for another reason"
    return ProviderFault(f"The company's sign-in does not take our word for who we are ({known}).", advice)
