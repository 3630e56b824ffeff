"""An OpenID Connect provider on this machine that is honest, or lies in exactly one way that a test names.

It signs with joserfc, keeps the code flow with PKCE strictly (RFC 7636: the verifier must fit the challenge, a code is
good once), and notes what it was asked. The honest way through is also tested against oidc-provider-mock, which is not
ours.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from reinforce.clock import Clock

CLIENT, SECRET = "reinforce-console", "a client secret of 32 characters"


def new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": kid, "use": "sig", "alg": "RS256"})


FIRST_KEY, SECOND_KEY = new_key("first"), new_key("second")


@dataclass
class Behaviour:
    """How it answers the next time: `claims` go over the honest ones (None takes one out), `forge` makes the token some
    other way, `answers` replaces what a path says, with its status."""

    person: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    forge: str = ""
    key: RSAKey = field(default_factory=lambda: FIRST_KEY)
    published: tuple[RSAKey, ...] = (FIRST_KEY,)
    metadata: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)


class HostileProvider:
    """The provider's state; `url` is its issuer."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.now = Behaviour()
        self.asked: list[str] = []
        self.seen: list[dict[str, str]] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.token_requests: list[tuple[dict[str, str], str]] = []

    def allow(self, address: str) -> str:
        """What a person does there: sign in and allow. Returns where the browser is sent."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        self.seen.append(asked)
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def said(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        self.asked.append(path)
        if path in self.now.answers:
            return self.now.answers[path]
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps(self._metadata()).encode()
        if path == "/keys":
            return 200, json.dumps({"keys": [one.as_dict(private=False) for one in self.now.published]}).encode()
        if path == "/token":
            return self._token({name: one[0] for name, one in parse_qs(body.decode()).items()}, headers)
        if path == "/userinfo":
            return 200, json.dumps({"sub": "subject-1", **self.now.person}).encode()
        return 404, b"{}"

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            **self.now.metadata,
        }

    def _token(self, form: dict[str, str], headers: Mapping[str, str]) -> tuple[int, bytes]:
        authorization = headers.get("Authorization", "")
        self.token_requests.append((form, authorization))
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        shown = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        if asked is None or shown != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, b'{"error": "invalid_grant", "error_description": "no such code"}'
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".replace(" ", "%20").encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization not in (f"Basic {expected}", f"Basic {plain}"):
            return 401, b'{"error": "invalid_client"}'
        token = {"access_token": "access", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}
        return 200, json.dumps(token).encode()

    def _id_token(self, nonce: str) -> str:
        at = int(Clock.wall().timestamp())
        claims = {"iss": self.url, "sub": "subject-1", "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": nonce}
        claims |= {**self.now.person, **self.now.claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.now.forge == "unsigned":
            return ".".join([_plain({"alg": "none", "typ": "JWT"}), _plain(claims), ""])
        if self.now.forge == "hs256":  # signed with what everybody can read: the public key
            parts = [_plain({"alg": "HS256", "kid": "first"}), _plain(claims)]
            signature = hmac.digest(self.now.key.as_pem(private=False), ".".join(parts).encode(), "sha256")
            return ".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=").decode()])
        if self.now.forge == "client-secret":
            return jwt.encode({"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(SECRET))
        if self.now.forge == "no-kid":
            return jwt.encode({"alg": "RS256"}, claims, self.now.key)
        if self.now.forge == "borrowed-kid":
            return jwt.encode({"alg": "RS256", "kid": "first"}, claims, SECOND_KEY)
        return jwt.encode({"alg": "RS256", "kid": self.now.key.kid}, claims, self.now.key)


def _plain(content: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


@contextmanager
def hostile_provider() -> Iterator[HostileProvider]:
    """A provider on a free port of 127.0.0.1."""
    held: list[HostileProvider] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

        def _answer(self, body: bytes) -> None:
            status, said = held[0].said(urlsplit(self.path).path, body, dict(self.headers))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if 300 <= status < 400:
                self.send_header("Location", said.decode())
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.append(HostileProvider(f"http://127.0.0.1:{server.server_port}"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield held[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
