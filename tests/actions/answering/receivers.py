"""A mail server and a webhook that are real, on this machine, and as small as can be."""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from email import message_from_string
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PASSWORD = "correct-horse-battery"


class MailRoom(socketserver.ThreadingTCPServer):
    """A small SMTP server: takes letters, or refuses them with `refusal`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, certificate: ssl.SSLContext | None = None, *, encrypted: bool = False) -> None:
        """With a `certificate` it offers STARTTLS, or speaks TLS from the first byte (`encrypted`)."""
        self.letters: list[str] = []
        self.refusal = ""
        self.heard_in_the_clear: list[str] = []
        self.certificate = certificate
        self.encrypted = encrypted
        super().__init__(("127.0.0.1", 0), _MailDesk)

    def handle_error(self, *_: Any) -> None:
        """A client that did not trust us has hung up."""


class _MailDesk(socketserver.StreamRequestHandler):
    server: MailRoom

    def setup(self) -> None:
        super().setup()
        self._secure = False
        if self.server.encrypted:
            self._encrypt()

    def _encrypt(self) -> None:
        assert self.server.certificate is not None
        self.request = self.server.certificate.wrap_socket(self.request, server_side=True)
        self._secure = True
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def handle(self) -> None:
        self._say("220 mailroom")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if not self._secure:
                self.server.heard_in_the_clear.append(verb)
            if verb == "QUIT":
                self._say("221 bye")
                return
            if verb == "AUTH":
                self._say("235 in" if not self.server.refusal else f"535 no {PASSWORD}")
            elif verb == "DATA":
                self._say("354 go on")
                letter = message_from_string(self._letter())
                said = letter.get_payload(decode=True)
                assert isinstance(said, bytes)
                self.server.letters.append(f"Subject: {letter['Subject']}\n{said.decode()}")
                self._say("250 taken")
            elif verb == "EHLO":
                offered = ["AUTH PLAIN"] if self._secure or not self.server.certificate else ["STARTTLS"]
                self._say("250-mailroom\r\n250 " + offered[0])
            elif verb == "STARTTLS":
                self._say("220 go on")
                self._encrypt()
            else:
                self._say(self.server.refusal or "250 ok")

    def _letter(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
            lines.append(line)
        return "\n".join(lines)

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class Channel(ThreadingHTTPServer):
    """A webhook: keeps what is posted, answers with `status`; over HTTPS where it has a `certificate`."""

    def __init__(self, certificate: ssl.SSLContext | None = None) -> None:
        self.posted: list[dict[str, Any]] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), _Hook)
        if certificate is not None:
            self.socket = certificate.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, *_: Any) -> None:
        """A client that did not trust us has hung up."""


class _Hook(BaseHTTPRequestHandler):
    server: Channel

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.status == 200:
            self.server.posted.append(body)
        self.send_response(self.server.status)
        self.send_header("Retry-After", "120")
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nobody wants to know."""


def serving(server: Any) -> Iterator[Any]:
    """Let `server` answer while a fixture is in use."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
