"""Who calls: OAuth 1.0a (HMAC-SHA1), OAuth 2 user tokens, the app's bearer, people's tokens, the control token."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote

from sqlalchemy import Connection, select

from reinforce.practice import problems, tables
from reinforce.practice.config import Config
from reinforce.practice.storage import Storage, save_setting, setting

ALL_SCOPES = frozenset({"tweet.read", "tweet.write", "users.read", "like.read", "media.write", "offline.access"})
# Used nonces are forgotten, when their time is over, only once there are this many: going through them takes time.
MANY_NONCES = 5_000

_OAUTH1_FIELDS = ("oauth_consumer_key", "oauth_token", "oauth_signature", "oauth_nonce", "oauth_timestamp")


@dataclass(frozen=True, slots=True)
class Caller:
    """`kind`: "user" (the account through the API), "app" (its bearer alone), "person" (a learner's own app)."""

    kind: Literal["user", "app", "person"]
    user_id: int | None
    scopes: frozenset[str]
    method: str


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request shows of itself for authentication. `query` is raw, `path` still percent-encoded."""

    method: str
    path: str
    query: str
    authorization: str
    own_address: str


def digest(token: str) -> str:
    """What is stored in place of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class Gate:
    """Checks credentials. Secrets are made on the first start and kept in the storage's settings."""

    def __init__(self, storage: Storage, config: Config) -> None:
        self._storage = storage
        self._config = config
        self._nonces: dict[str, float] = {}
        self._lock = threading.Lock()

    def keys(self, connection: Connection) -> dict[str, str]:
        """The app's keys and the server's own secret; made if there are none yet."""
        found: dict[str, str] | None = setting(connection, "keys")
        if found is None:
            names = ("consumer_key", "consumer_secret", "access_key", "access_secret", "bearer", "control", "secret",
                     "client_id")  # fmt: skip
            found = {name: secrets.token_urlsafe(32) for name in names}
            save_setting(connection, "keys", found)
        return found

    def person_token(self, connection: Connection, user_id: int) -> str:
        """The token of a person's own app: always the same for one user, and never stored."""
        mac = hmac.new(self.keys(connection)["secret"].encode(), f"person {user_id}".encode(), hashlib.sha256)
        return f"{user_id}.{mac.hexdigest()}"

    def is_control(self, connection: Connection, authorization: str) -> bool:
        """Whether `authorization` carries the control token."""
        expected = f"Bearer {self.keys(connection)['control']}"
        return hmac.compare_digest(authorization.encode(), expected.encode())

    def form_token(self, connection: Connection) -> str:
        """Stands in every form of the pages, so that no other site can send one."""
        return hmac.new(self.keys(connection)["secret"].encode(), b"form", hashlib.sha256).hexdigest()

    def caller(self, connection: Connection, presented: Presented) -> Caller:
        """Who calls. Raises Problem (401) if nobody."""
        scheme, _, rest = presented.authorization.partition(" ")
        if scheme.lower() == "oauth":
            return self._oauth1(connection, presented, rest)
        if scheme.lower() == "bearer" and rest:
            return self._bearer(connection, rest.strip())
        raise problems.unauthorized()

    def _bearer(self, connection: Connection, token: str) -> Caller:
        keys = self.keys(connection)
        if hmac.compare_digest(token.encode(), keys["bearer"].encode()):
            return Caller("app", None, ALL_SCOPES, "OAuth 2.0 Application-Only")
        row = connection.execute(select(tables.tokens).where(tables.tokens.c.digest == digest(token))).one_or_none()
        if row is not None:
            if row.kind != "access" or row.used_wall is not None or row.expires_wall <= self._storage.wall():
                raise problems.unauthorized()
            return Caller("user", row.user_id, frozenset(row.scopes.split()), "OAuth 2.0 User Context")
        return self._person(connection, token)

    def _person(self, connection: Connection, token: str) -> Caller:
        name, _, _mac = token.partition(".")
        if name.isascii() and name.isdigit() and len(name) < 20:
            expected = self.person_token(connection, int(name))
            if hmac.compare_digest(token.encode(), expected.encode()):
                return Caller("person", int(name), ALL_SCOPES, "OAuth 2.0 User Context")
        raise problems.unauthorized()

    def _oauth1(self, connection: Connection, presented: Presented, header: str) -> Caller:
        fields = _oauth_fields(header)
        keys = self.keys(connection)
        company = int(setting(connection, "company_id"))
        token = access_token_of(company, keys)
        named = fields["oauth_consumer_key"] == keys["consumer_key"] and fields["oauth_token"] == token
        if not named or fields.get("oauth_signature_method") != "HMAC-SHA1":
            raise problems.unauthorized()
        key = f"{_escaped(keys['consumer_secret'])}&{_escaped(keys['access_secret'])}"
        bases = (*self._config.signed_for, presented.own_address)
        if not any(_signature_fits(fields, key, base, presented) for base in bases):
            raise problems.unauthorized()
        self._check_freshness(fields)
        return Caller("user", company, ALL_SCOPES, "OAuth 1.0a User Context")

    def _check_freshness(self, fields: Mapping[str, str]) -> None:
        """A signature is good once, and near its time. On machine time: the client stamped it with its own clock."""
        wall, allowed = self._storage.wall(), self._config.signature_skew_seconds
        stamp = fields["oauth_timestamp"]
        if not (stamp.isascii() and stamp.isdigit()) or abs(int(stamp) - wall) > allowed:
            raise problems.unauthorized()
        with self._lock:
            if len(self._nonces) > MANY_NONCES:
                self._nonces = {nonce: at for nonce, at in self._nonces.items() if wall - at <= 2 * allowed}
            if fields["oauth_nonce"] in self._nonces:
                raise problems.unauthorized()
            self._nonces[fields["oauth_nonce"]] = wall


def access_token_of(company: int, keys: Mapping[str, str]) -> str:
    """The OAuth 1.0a access token: X's begin with the user's id, and tweepy reads it there."""
    return f"{company}-{keys['access_key']}"


def _oauth_fields(header: str) -> dict[str, str]:
    fields = {}
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        fields[unquote(name)] = unquote(value.strip('"'))
    if any(name not in fields for name in _OAUTH1_FIELDS):
        raise problems.unauthorized()
    return fields


def _signature_fits(fields: Mapping[str, str], key: str, base: str, presented: Presented) -> bool:
    """RFC 5849, 3.4: HMAC-SHA1 over method, address and all parameters in their order."""
    parameters = parse_qsl(presented.query, keep_blank_values=True)
    parameters += [(name, value) for name, value in fields.items() if name not in ("oauth_signature", "realm")]
    pairs = sorted((_escaped(name), _escaped(value)) for name, value in parameters)
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    signed = "&".join((presented.method.upper(), _escaped(base + presented.path), _escaped(joined)))
    expected = hmac.new(key.encode(), signed.encode(), hashlib.sha1).digest()
    try:
        given = base64.b64decode(fields["oauth_signature"], validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(given, expected)


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")
