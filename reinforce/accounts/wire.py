"""One HTTP exchange over one fresh connection, under one deadline that nothing can stretch.

`requests` knows a time-out for each wait, so a body that drips a byte a second never ends. Here every wait (each
address tried, the TLS handshake, each piece sent and received) gets what is left of the call's total. Only the look-up
of a name can't be cut short; it happens before anything is sent.

Connections are never kept: a reused one that its server has just closed fails after the first byte, and that would
turn a harmless "not sent" into an unknown outcome. Nothing is ever retried.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult

import certifi

CONNECT_SECONDS = 10.0
# A page of 100 posts with everything we ask for is below 1 MB.
LARGEST_ANSWER = 8 * 1024 * 1024


class NothingSent(Exception):
    """It failed before the first byte of the request: look-up, connection, TLS, or the deadline was over by then."""


class Broken(Exception):
    """It failed after the first byte: the other side may have acted."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to an address: `path` with its query, `headers` without Host and Content-Length's siblings."""

    method: str
    path: str
    headers: Mapping[str, Any]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Deadline:
    """A total of `seconds`, counted on a monotonic clock from here on."""

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._start = monotonic()
        self._seconds = seconds

    def elapsed(self) -> float:
        """Seconds since it was set."""
        return self._monotonic() - self._start

    def left(self) -> float:
        """More than zero; raises TimeoutError when nothing is left."""
        left = self._seconds - self.elapsed()
        if left <= 0:
            raise TimeoutError("the deadline is over")
        return left


@lru_cache(maxsize=4)
def trusted_tls(authority: str = "") -> ssl.SSLContext:
    """The authorities of the system (a company's own among them; SSL_CERT_FILE counts) and certifi's; or only the
    file `authority`."""
    context = ssl.create_default_context(cafile=authority or None)
    if not authority:
        context.load_verify_locations(certifi.where())
    # A stream that ends without TLS's own farewell may have been cut by anybody. Python forgives it unless told not to.
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    return context


def exchange(address: SplitResult, request: Request, deadline: Deadline, tls: ssl.SSLContext | None = None) -> Answer:
    """Send `request` to `address` and read the whole answer. Raises NothingSent or Broken, never anything else."""
    connected = _connect(address, deadline, tls)
    with connected:
        flow = _Flow(connected, deadline)
        try:
            return _talk(address, request, flow)
        except (OSError, http.client.HTTPException, ValueError, OverflowError, MemoryError) as error:
            # The words are the libraries' own and may quote a header: only the kind of error is passed on.
            kind = "the deadline is over" if isinstance(error, TimeoutError) else type(error).__name__
            raise (Broken if flow.begun else NothingSent)(kind) from None


def _talk(address: SplitResult, request: Request, flow: _Flow) -> Answer:
    connection = http.client.HTTPConnection(address.hostname or "", address.port or _usual_port(address))
    connection.auto_open = 0  # it must never open one by itself
    connection.sock = flow  # http.client uses no more of a socket than _Flow has
    connection.request(request.method, request.path, request.body or None, dict(request.headers))
    response = connection.getresponse()
    if (response.length or 0) > LARGEST_ANSWER:
        raise ValueError("the answer is too large")
    body = response.read()
    return Answer(response.status, response.reason, tuple(response.getheaders()), body)


def _usual_port(address: SplitResult) -> int:
    return 443 if address.scheme == "https" else 80


def _connect(address: SplitResult, deadline: Deadline, tls: ssl.SSLContext | None) -> socket.socket:
    """A connected socket, TLS and all. Raises NothingSent."""
    host, port = address.hostname or "", address.port or _usual_port(address)
    failure = "the name has no address"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NothingSent(f"{host} can't be looked up ({type(error).__name__})") from None
    for family, kind, protocol, _name, place in found:
        plain = socket.socket(family, kind, protocol)
        try:
            plain.settimeout(min(CONNECT_SECONDS, deadline.left()))
            plain.connect(place)
            if address.scheme != "https":
                return plain
            plain.settimeout(deadline.left())
            return (tls or trusted_tls()).wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False)
        except OSError as error:
            plain.close()
            failure = _reason(error)
        except ValueError as error:  # e.g. a host name that no certificate can bear
            plain.close()
            failure = type(error).__name__
    raise NothingSent(f"no connection to {host}: {failure}")


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason or type(error).__name__})"
    if isinstance(error, TimeoutError):
        return "the deadline is over"
    return error.strerror or type(error).__name__


class _Flow:
    """The little of a socket that http.client uses, with every wait under the deadline."""

    def __init__(self, plain: socket.socket, deadline: Deadline) -> None:
        self._socket = plain
        self._deadline = deadline
        self.begun = False

    def sendall(self, data: Any) -> None:
        rest = memoryview(data).cast("B")
        while rest:
            self._socket.settimeout(self._deadline.left())
            self.begun = True
            rest = rest[self._socket.send(rest) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Inflow(self._socket, self._deadline))

    def close(self) -> None:
        """Left to the one who opened the socket: http.client closes its end before the body is read."""


class _Inflow(io.RawIOBase):
    """Reads a socket under the deadline, up to the largest answer."""

    def __init__(self, plain: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._socket = plain
        self._deadline = deadline
        self._received = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(self._deadline.left())
        count = self._socket.recv_into(buffer)
        self._received += count
        if self._received > LARGEST_ANSWER:
            raise ValueError("the answer is too large")
        return count
