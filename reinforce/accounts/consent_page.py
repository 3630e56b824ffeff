"""Receives the person's consent: X sends their browser back to an address on this machine, with a code in it.

It answers one browser, on 127.0.0.1 only, for as long as a person takes to press a button.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from reinforce.accounts.oauth import Consent
from reinforce.domain.errors import NotAllowed, ReinforceError

# The address to register with the developer app: http://127.0.0.1:8402/callback
PORT = 8402
PATH = "/callback"
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<body style="font: 1.1rem/1.5 system-ui; max-width: 34rem; margin: 4rem auto; padding: 0 1rem">
<h1 style="font-size: 1.4rem">{title}</h1><p>{words}</p></body></html>"""


class ConsentReceiver:
    """Listens from its creation on; `redirect_uri` is where X is to send the browser. Use it in a `with` block."""

    def __init__(self, monotonic: Callable[[], float], port: int = PORT) -> None:
        """Raises ReinforceError if the port is taken."""
        self._monotonic = monotonic
        self._answered: dict[str, str] = {}
        try:
            self._server = HTTPServer(("127.0.0.1", port), self._handler())
        except OSError as error:
            raise ReinforceError(
                f"port {port} of this machine can't be used ({error.strerror})",
                "Close what uses it, or register another address with the developer app and give its port.",
            ) from None

    @property
    def redirect_uri(self) -> str:
        """The address of the callback, as it must be registered."""
        return f"http://127.0.0.1:{self._server.server_port}{PATH}"

    def wait_for_code(self, consent: Consent, seconds: float) -> str:
        """The code that came back within `seconds`. Raises NotAllowed for a no, ReinforceError for silence.

        An answer with another state belongs to no request of ours: it is passed over.
        """
        end = self._monotonic() + seconds
        while not hmac.compare_digest(self._answered.get("state", "").encode(), consent.state.encode()):
            left = end - self._monotonic()
            if left <= 0:
                raise ReinforceError(
                    "nobody allowed the app in time", "Run the command again and press Authorize in the browser."
                )
            self._server.timeout = left
            self._server.handle_request()
        if self._answered.get("error") or not self._answered.get("code"):
            raise NotAllowed("the app was not allowed to use the account", "Run the command again and allow it.")
        return self._answered["code"]

    def __enter__(self) -> ConsentReceiver:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            # A browser opens connections ahead of need; one that says nothing must not hold up the one that speaks.
            timeout = 1

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path != PATH:
                    self._say(404, "Not here", "There is only one page.")
                    return
                receiver._answered = {name: values[-1] for name, values in parse_qs(parts.query).items()}
                if receiver._answered.get("code"):
                    self._say(200, "Thank you", "You can close this page and go back to the terminal.")
                else:
                    self._say(200, "Not connected", "The app was not allowed. You can close this page.")

            def _say(self, status: int, title: str, words: str) -> None:
                page = _PAGE.format(title=title, words=words).encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing: the address holds the code."""

        return Handler
