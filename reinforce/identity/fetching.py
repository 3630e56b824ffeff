"""How the company's sign-in is asked: no redirect is followed, no answer is large, and none is waited for long."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from reinforce.domain.errors import ProviderFault
from reinforce.domain.loopback import is_loopback

SECONDS = 8.0
LARGEST = 512 * 1024
_CHUNK = 16 * 1024
_INSTEAD = "Try again in a moment; who has a password here can sign in with it."


class Bounded(HTTPAdapter):
    """Reads an answer whole, within SECONDS and LARGEST bytes."""

    def __init__(self, monotonic: Callable[[], float], context: ssl.SSLContext) -> None:
        """`context` says whom to trust."""
        self._monotonic = monotonic
        self._context = context
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        """Every connection goes by our context."""
        super().init_poolmanager(*arguments, **more, ssl_context=self._context)

    def proxy_manager_for(self, *arguments: Any, **more: Any) -> Any:
        """By a proxy as well."""
        return super().proxy_manager_for(*arguments, **more, ssl_context=self._context)

    def send(self, request: requests.PreparedRequest, *_: Any, **more: Any) -> requests.Response:
        """Send a request. Raises requests' errors."""
        until = self._monotonic() + SECONDS
        answer = super().send(request, **{**more, "stream": True, "timeout": SECONDS / 2})
        body = b""
        with answer:
            for piece in answer.iter_content(_CHUNK):
                body += piece
                if len(body) > LARGEST:
                    raise requests.exceptions.ContentDecodingError("more than is taken", request=request)
                if self._monotonic() > until:
                    raise requests.exceptions.ReadTimeout("too slow", request=request)
        answer._content = body  # where requests keeps what was read
        return answer


def prepare(session: requests.Session, adapter: Bounded) -> None:
    """Have a session go by these rules only."""
    session.adapters.clear()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.max_redirects = 0


def get_object(session: requests.Session, url: str, what: str, headers: Mapping[str, str] | None = None) -> Any:
    """The JSON object at an address. Raises ProviderFault; `what` names it there."""
    try:
        answer = session.get(url, headers=dict(headers or {}), allow_redirects=False)
    except requests.RequestException as error:
        raise unreachable(what, error) from None
    if answer.status_code != 200:
        raise ProviderFault(f"{what} of the company's sign-in answered {answer.status_code}.", _INSTEAD)
    return object_of(answer.content, what)


def object_of(body: bytes, what: str) -> dict[str, Any]:
    """A JSON object. Raises ProviderFault for anything else."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise ProviderFault(f"{what} of the company's sign-in is not a JSON object.", _INSTEAD)
    return content


def unreachable(what: str, error: Exception) -> ProviderFault:
    """What is said of a request that came to nothing: never its address, which may bear a code."""
    if isinstance(error, requests.exceptions.SSLError):
        advice = "If it is your company's own authority, put its certificate (PEM) into a file: REINFORCE_OIDC_CA_FILE."
        return ProviderFault("The certificate of the company's sign-in is not trusted.", f"{advice} {_INSTEAD}")
    return ProviderFault(f"{what} of the company's sign-in can't be reached ({type(error).__name__}).", _INSTEAD)


def require_safe(url: object, what: str) -> str:
    """An address that may be asked: https, or on this machine. Raises ProviderFault."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        host = "" if parts is None else parts.hostname or ""
    except ValueError:
        parts, host = None, ""
    if parts is None or not host or parts.fragment or parts.username is not None:
        raise ProviderFault(
            f"{what} of the company's sign-in is no address.", "An operator looks at REINFORCE_OIDC_ISSUER."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ProviderFault(
            f"{what} of the company's sign-in is not https.", "An operator looks at REINFORCE_OIDC_ISSUER."
        )
    return str(url)


def trusted(ca_file: Path | None) -> ssl.SSLContext:
    """What this machine trusts, and the authorities in `ca_file` (PEM) besides. Raises ProviderFault for a file that
    can't be read."""
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ProviderFault(
                f"oidc_ca_file {ca_file} can't be read: {type(error).__name__}.",
                "It holds certificates in PEM form: -----BEGIN CERTIFICATE-----",
            ) from None
    return context
