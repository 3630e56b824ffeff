"""A small HTTP server for those pages, on this machine only: the daemon has no other.

The standard library's server in threads of its own. It reads no body, takes few connections at a time and none for
long, and answers only to a loopback name, so that no page in a browser here can read it by a name of its own.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from reinforce.domain.errors import ReinforceError
from reinforce.domain.loopback import asks_for_loopback, is_loopback
from reinforce.monitoring.pages import Page

LONGEST_REQUEST = 10.0
MOST_AT_ONCE = 8

Pages = Mapping[str, Callable[[], Page]]


class Listener:
    """Serves `pages` (by path) from `start` until `stop`. Use it as a context."""

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        """Binds at once; port 0 takes any free one. Raises ReinforceError for an address that can't be used."""
        if not is_loopback(host):
            raise ReinforceError(
                f"monitor_host is {host}, and the pages for probes are served on this machine only",
                "Use 127.0.0.1; let what scrapes it share the host or the container's network.",
            )
        try:
            self._server = _Server(host, port, pages)
        except OSError as error:
            raise ReinforceError(
                f"monitor_port {port} on {host} can't be used: {error.strerror}.",
                "Another daemon may be running here: give each its own REINFORCE_MONITOR_PORT.",
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="monitor", daemon=True)

    @property
    def address(self) -> str:
        """Such as "http://127.0.0.1:8402"."""
        host, port = self._server.server_address[:2]
        return f"http://[{host!s}]:{port}" if ":" in str(host) else f"http://{host!s}:{port}"

    def __enter__(self) -> Listener:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Answer no more, and give the port back."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A probe that hangs must not keep the daemon from ending.
    block_on_close = False

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.pages = pages
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """As the base class, without asking the resolver for our name."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for each, while there is room; else the connection is closed."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = LONGEST_REQUEST
    server_version = "reinforce"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer a page; HEAD gets its header."""
        self._answer(self._page())

    do_HEAD = do_GET  # noqa: N815

    def _page(self) -> Page:
        if not asks_for_loopback(self.headers.get("Host", "")):
            return _plain(421, "These pages answer to 127.0.0.1 and localhost only.")
        make = self.server.pages.get(urlsplit(self.path).path)
        if make is None:
            return _plain(404, f"There is {', '.join(self.server.pages)}.")
        try:
            return make()
        except Exception as error:
            # Its words could hold anything; its kind is enough to look it up in the log.
            return _plain(500, f"This page could not be made ({type(error).__name__}). Run: reinforce doctor")

    def _answer(self, page: Page) -> None:
        self.send_response(page.status)
        self.send_header("Content-Type", page.content_type)
        self.send_header("Content-Length", str(len(page.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Probes come every few seconds: they are not logged."""


def _plain(status: int, words: str) -> Page:
    return Page(status, "text/plain; charset=utf-8", words.encode())
