"""Which addresses and names mean this machine, and nobody else's."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

# The names under which a page served here may be asked for: a foreign name that points to 127.0.0.1 is an attack.
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


def is_loopback(host: str) -> bool:
    """True for an address of this machine that no other can reach: 127.0.0.0/8, ::1 or localhost."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def asks_for_loopback(host_header: str) -> bool:
    """Whether a Host header (name and port) names this machine by one of its own names."""
    return host_name(host_header) in LOOPBACK_NAMES


def host_name(host_header: str) -> str:
    """The name in a Host header, without its port; "" where there is none that can be read."""
    try:
        return (urlsplit(f"//{host_header}").hostname or "").lower()
    except ValueError:
        return ""
