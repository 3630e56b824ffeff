"""The road from tweepy to X, or to a base URL of ours: a `requests` adapter with a deadline and a memory.

tweepy's host is hard-coded and it knows no time-out. `prepare_session` makes its session reach nothing but X's API,
and that through `DeadlineAdapter`, which sends the request to the base URL instead, under a total deadline. OAuth 1.0a
signatures stay those of the original address.

What requests would do by itself and must not: follow redirects (a POST would be sent again), read .netrc (its
password would replace the bearer token), keep cookies, use a proxy of the environment (the practice account's tokens
would travel through it).
"""

from __future__ import annotations

import io
import logging
import ssl
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from reinforce.accounts import wire
from reinforce.domain.accounts.base_url import checked_base_url

_X_ADDRESSES = ("https://api.twitter.com/", "https://api.x.com/")
_HOP_HEADERS = frozenset({"transfer-encoding", "content-length", "connection", "keep-alive"})
# They print tokens at DEBUG. telemetry.py quiets them too; this holds for whoever never configured logging.
_TALKATIVE = ("tweepy", "requests", "urllib3", "requests_oauthlib", "oauthlib")


class ConnectionFailed(requests.ConnectionError):
    """Nothing was sent."""


class ConnectionBroke(requests.ConnectionError):
    """Something was sent, and no whole answer came back in time."""


class Observer(Protocol):
    """Is told what became of every call; `path` is the one that was asked for (`meter.Meter`)."""

    def observe(self, method: str, path: str, answer: wire.Answer, seconds: float) -> None:
        """An answer came, whatever it says, in `seconds`."""

    def unanswered(self, method: str, path: str, *, begun: bool) -> None:
        """None came; `begun` says whether anything was sent."""


class DeadlineAdapter(HTTPAdapter):
    """Sends a request to `base_url` before `deadline`, once. Remembers the answer, whatever becomes of it above.

    `begun` says whether any byte of the request was sent; `answer` is None until one came back whole.
    """

    def __init__(
        self, base_url: str, deadline: wire.Deadline, observer: Observer, tls: ssl.SSLContext | None = None
    ) -> None:
        """Raises ReinforceError for a base URL that is not allowed."""
        super().__init__(max_retries=0)
        self._base = urlsplit(checked_base_url(base_url))
        self._deadline = deadline
        self._observer = observer
        self._tls = tls
        self.begun = False
        self.answer: wire.Answer | None = None

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002
        timeout: Any = None,  # noqa: ARG002
        verify: Any = True,  # noqa: ARG002
        cert: Any = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        """Raises ConnectionFailed or ConnectionBroke. requests' own options are not asked: ours are stricter."""
        self.begun, self.answer = False, None
        started, method, path = self._deadline.elapsed(), request.method or "", urlsplit(request.url or "").path
        try:
            answer = wire.exchange(self._base, self._redirected(request), self._deadline, self._tls)
        except wire.NothingSent as failure:
            self._observer.unanswered(method, path, begun=False)
            raise ConnectionFailed(str(failure)) from None
        except wire.Broken as failure:
            self.begun = True
            self._observer.unanswered(method, path, begun=True)
            raise ConnectionBroke(str(failure)) from None
        self.begun, self.answer = True, answer
        self._observer.observe(method, path, answer, self._deadline.elapsed() - started)
        return self.build_response(request, _as_urllib3(answer))

    def _redirected(self, request: requests.PreparedRequest) -> wire.Request:
        body = request.body or b""
        headers = {_native(name): _native(value) for name, value in request.headers.items()}
        headers.update({"Accept-Encoding": "identity", "Connection": "close"})
        return wire.Request(
            method=request.method or "GET",
            path=self._base.path + request.path_url,
            headers=headers,
            body=body.encode() if isinstance(body, str) else bytes(body),
        )


def _native(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _as_urllib3(answer: wire.Answer) -> HTTPResponse:
    kept = [(name, value) for name, value in answer.headers if name.lower() not in _HOP_HEADERS]
    return HTTPResponse(
        body=io.BytesIO(answer.body),
        headers=dict(kept),
        status=answer.status,
        reason=answer.reason,
        preload_content=False,
    )


def prepare_session(session: requests.Session, adapter: DeadlineAdapter) -> None:
    """Make `session` reach nothing but X's API, and that through `adapter`."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        if logger.level < logging.INFO:  # to set a level takes its time: it empties the caches of all loggers
            logger.setLevel(logging.INFO)
    for standing in session.adapters.values():
        standing.close()
    session.adapters.clear()
    for address in _X_ADDRESSES:
        session.mount(address, adapter)
    session.trust_env = False
    session.max_redirects = 0
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
