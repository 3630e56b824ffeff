"""Where the console is served: on this machine, or beyond it with users, by TLS or behind a proxy that ends TLS."""

from __future__ import annotations

import socket
import ssl
from ipaddress import ip_address

from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.loopback import LOOPBACK_NAMES, is_loopback
from reinforce.settings import Settings
from reinforce.web.security import Reach


def reach_of(settings: Settings, *, has_users: bool) -> Reach:
    """From where the console is reached as it is set. Raises NotAllowed for what would let others in without TLS or
    without a sign-in, ReinforceError for a certificate or an address that can't be used."""
    tls, proxy = _tls(settings), _proxy(settings)
    away = not is_loopback(settings.console_host)
    if away and not (tls or proxy):
        raise NotAllowed(
            f"the console is not served on {settings.console_host} without TLS: passwords and names would be readable.",
            "Set REINFORCE_CONSOLE_TLS_CERT and _KEY, or put it behind a proxy (--behind-proxy), or use an SSH tunnel "
            "to 127.0.0.1: docs/how-to/let-people-in.md.",
        )
    beyond = away or bool(proxy)
    if beyond and not has_users:
        raise NotAllowed(
            "nobody signs in to this workspace yet, so whoever reached the console would see everything.",
            "Add the first user: reinforce user add NAME --role operator",
        )
    if beyond and not settings.console_public_host:
        raise NotAllowed(
            "the console has no name by which others may ask for it.",
            "Give it: --public-host NAME, or REINFORCE_CONSOLE_PUBLIC_HOST.",
        )
    names = {settings.console_public_host.lower()} - {""}
    return Reach(LOOPBACK_NAMES | names, secure=tls or bool(proxy), proxy=proxy, beyond=beyond)


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to an address. Raises ReinforceError for one that is in use or not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, so that asyncio sends each piece at once: otherwise the second packet of an answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ReinforceError(
            f"port {port} on {host} can't be used: {error.strerror}.",
            "Another console may be running; choose another with --port or REINFORCE_CONSOLE_PORT.",
        ) from error
    return listener


def _tls(settings: Settings) -> bool:
    cert, key = settings.console_tls_cert, settings.console_tls_key
    if (cert is None) != (key is None):
        raise ReinforceError(
            "TLS needs a certificate and its key.",
            "Set both: REINFORCE_CONSOLE_TLS_CERT and REINFORCE_CONSOLE_TLS_KEY.",
        )
    if cert is None or key is None:
        return False
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    except OSError as error:  # ssl's errors are such
        raise ReinforceError(
            f"the certificate {cert} and the key {key} can't be used: {error}.",
            "Both are PEM files that this user can read; the certificate first, then its chain.",
        ) from error
    return True


def _proxy(settings: Settings) -> str:
    if not settings.console_behind_proxy:
        return ""
    try:
        return str(ip_address(settings.console_behind_proxy))
    except ValueError:
        raise ReinforceError(
            f'"{settings.console_behind_proxy}" is no address of a proxy.',
            "Give the IP address that the proxy connects from, such as 127.0.0.1: nobody else is believed.",
        ) from None
