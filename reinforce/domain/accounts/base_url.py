"""Where an account's API answers: X itself, or the practice account on this machine."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from reinforce.domain.errors import ReinforceError
from reinforce.domain.loopback import is_loopback

# The address tweepy signs for. X answers under both; OAuth 1.0a signatures are made for this one.
X = "https://api.twitter.com"
_X_HOSTS = frozenset({"api.twitter.com", "api.x.com"})
_ADVICE = "Give an address such as http://127.0.0.1:8401 for the practice account, or leave it out for X."


def checked_base_url(address: str) -> str:
    """`address` without a slash at its end; both of X's own become `X`.

    Raises ReinforceError unless it is https, or http on this machine: tokens never travel in the clear.
    """
    parts = _split(address)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ReinforceError(f"{address} would send the account's tokens unencrypted", "Use https. " + _ADVICE)
    if parts.hostname in _X_HOSTS:
        return X
    return address.strip().rstrip("/")


def is_on_loopback(address: str) -> bool:
    """Whether `address` can't leave this machine: 127.0.0.0/8, ::1 or localhost."""
    return is_loopback(_split(address).hostname or "")


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address.strip())
        _ = parts.port  # is checked only when it is asked for
    except ValueError:
        raise ReinforceError(f"{address!r} is not a web address", _ADVICE) from None
    plain = parts.scheme in ("http", "https") and parts.hostname and re.fullmatch(r"[!-~]+", address.strip())
    if not plain or parts.username or parts.password or parts.query or parts.fragment:
        raise ReinforceError(f"{address!r} is not the address of an API", _ADVICE)
    return parts
