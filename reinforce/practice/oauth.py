"""OAuth 2 with PKCE, as X does it: a page with an "allow" button, codes, and refresh tokens that are good once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from sqlalchemy import Connection, Row, insert, select, update

from reinforce.practice import tables
from reinforce.practice.auth import ALL_SCOPES, Gate, digest
from reinforce.practice.config import Config
from reinforce.practice.storage import Storage, setting

CODE_SECONDS = 30.0


class TokenRefused(Exception):
    """An OAuth error (RFC 6749, 5.2): `code` such as invalid_grant, and words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request for authorization."""

    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    state: str
    challenge: str


class Authorizations:
    """Issues codes and tokens. Their lifetimes are machine time: a token's age is the same at any speed."""

    def __init__(self, storage: Storage, config: Config, gate: Gate) -> None:
        self._storage = storage
        self._config = config
        self._gate = gate

    def read_request(self, connection: Connection, parameters: Mapping[str, str]) -> Request:
        """Check what a client asks the person to allow. Raises TokenRefused."""
        redirect = parameters.get("redirect_uri", "")
        parts = urlsplit(redirect)
        if f"{parts.scheme}://{parts.hostname}" not in self._config.redirect_uris:
            raise TokenRefused("invalid_request", "redirect_uri must lead to this machine (127.0.0.1 or localhost)")
        if parameters.get("client_id") != self._gate.keys(connection)["client_id"]:
            raise TokenRefused("invalid_client", "there is no such client")
        if parameters.get("response_type") != "code":
            raise TokenRefused("unsupported_response_type", "response_type must be code")
        challenge = parameters.get("code_challenge", "")
        if not challenge or parameters.get("code_challenge_method") != "S256":
            raise TokenRefused("invalid_request", "PKCE with code_challenge_method=S256 is needed")
        scopes = frozenset(parameters.get("scope", "").split())
        if not scopes or not scopes <= ALL_SCOPES:
            raise TokenRefused("invalid_scope", f"scope must be some of: {' '.join(sorted(ALL_SCOPES))}")
        return Request(parameters["client_id"], redirect, scopes, parameters.get("state", ""), challenge)

    def allow(self, connection: Connection, request: Request) -> str:
        """The person allowed it: the address to go back to, with a code in it."""
        code = self._issue(
            connection,
            kind="code",
            user_id=int(setting(connection, "company_id")),
            scopes=request.scopes,
            seconds=CODE_SECONDS,
            family=secrets.token_hex(16),
            challenge=request.challenge,
            redirect_uri=request.redirect_uri,
        )
        return _with_query(request.redirect_uri, {"state": request.state, "code": code})

    def deny(self, request: Request) -> str:
        """The person did not allow it: the address to go back to."""
        return _with_query(request.redirect_uri, {"state": request.state, "error": "access_denied"})

    def first_tokens(self, connection: Connection) -> dict[str, Any]:
        """Tokens for the company's account, as if it had just been allowed."""
        return self._tokens(connection, int(setting(connection, "company_id")), ALL_SCOPES, secrets.token_hex(16))

    def exchange(self, connection: Connection, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer a call of the token endpoint. Raises TokenRefused; a used-up token's whole family ends with it."""
        if form.get("client_id") != self._gate.keys(connection)["client_id"]:
            raise TokenRefused("invalid_client", "there is no such client")
        grant = form.get("grant_type")
        if grant == "authorization_code":
            return self._exchange_code(connection, form)
        if grant == "refresh_token":
            row = self._use(connection, "refresh", form.get("refresh_token", ""))
            return self._tokens(connection, row.user_id, frozenset(row.scopes.split()), row.family)
        raise TokenRefused("unsupported_grant_type", "grant_type must be authorization_code or refresh_token")

    def _exchange_code(self, connection: Connection, form: Mapping[str, str]) -> dict[str, Any]:
        row = self._use(connection, "code", form.get("code", ""))
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if not hmac.compare_digest(challenge, row.challenge) or form.get("redirect_uri") != row.redirect_uri:
            raise TokenRefused("invalid_grant", "code_verifier or redirect_uri does not belong to this code")
        return self._tokens(connection, row.user_id, frozenset(row.scopes.split()), row.family)

    def _use(self, connection: Connection, kind: str, token: str) -> Row[Any]:
        """Use up a code or refresh token. One that comes a second time may be stolen: its family is ended."""
        columns = tables.tokens.c
        query = select(tables.tokens).where(columns.digest == digest(token), columns.kind == kind)
        row = connection.execute(query).one_or_none()
        if row is None or row.expires_wall <= self._storage.wall():
            raise TokenRefused("invalid_request", "Value passed for the token was invalid.")
        ended = update(tables.tokens).values(used_wall=self._storage.wall())
        if row.used_wall is not None:
            connection.execute(ended.where(columns.family == row.family, columns.used_wall.is_(None)))
            raise TokenRefused("invalid_request", "Value passed for the token was invalid.")
        connection.execute(ended.where(columns.digest == row.digest))
        return row

    def _tokens(self, connection: Connection, user_id: int, scopes: frozenset[str], family: str) -> dict[str, Any]:
        config = self._config
        common: dict[str, Any] = {"user_id": user_id, "scopes": scopes, "family": family}
        access = self._issue(connection, kind="access", seconds=config.access_token_seconds, **common)
        answer = {
            "token_type": "bearer",
            "expires_in": round(config.access_token_seconds),
            "access_token": access,
            "scope": " ".join(sorted(scopes)),
        }
        if "offline.access" in scopes:
            refresh = self._issue(connection, kind="refresh", seconds=config.refresh_token_seconds, **common)
            answer["refresh_token"] = refresh
        return answer

    def _issue(self, connection: Connection, *, kind: str, scopes: frozenset[str], seconds: float, **more: Any) -> str:
        token = secrets.token_urlsafe(48)
        connection.execute(
            insert(tables.tokens).values(
                digest=digest(token),
                kind=kind,
                scopes=" ".join(sorted(scopes)),
                expires_wall=self._storage.wall() + seconds,
                **more,
            )
        )
        return token


def form_of(body: bytes) -> dict[str, str]:
    """A urlencoded body as a mapping; of a name that comes twice, the last."""
    return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def basic_client(authorization: str) -> str | None:
    """The client id of HTTP Basic credentials, as confidential clients send them."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[0]
    except ValueError:
        return None


def _with_query(address: str, parameters: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(parameters)}"
