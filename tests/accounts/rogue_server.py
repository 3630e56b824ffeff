"""A server that misbehaves to order: what no healthy service does, the practice account included."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable

from reinforce.domain.accounts.credentials import OAuth1Keys

KEYS = OAuth1Keys("consumer-key-1", "consumer-secret-2", "4711-access-token-3", "access-secret-4")

Script = Callable[[socket.socket, bytes], None]


class RogueServer:
    """Answers each connection with `script(connection, request)`; keeps the requests it read whole."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.script: Script = json_answer(200, {"data": {}})
        self.requests: list[bytes] = []
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; a second time does nothing."""
        if self._listener.fileno() < 0:
            return
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                request = _read_request(connection)
                self.requests.append(request)
                self.script(connection, request)
            except OSError:
                pass  # the client gave up, which is what many of these tests are about


def _read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(4096)
        if not piece:
            return received
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(4096)
    return head + b"\r\n\r\n" + body


def raw_answer(
    status: int, body: bytes, content_type: str = "application/json", headers: dict[str, str] | None = None
) -> Script:
    """A script that answers properly, whatever `body` is."""
    lines = [f"HTTP/1.1 {status} Words", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    answer = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return lambda connection, _request: connection.sendall(answer)


def json_answer(status: int, content: object, headers: dict[str, str] | None = None) -> Script:
    """A script that answers with JSON."""
    return raw_answer(status, json.dumps(content).encode(), headers=headers)


def say(*pieces: bytes, pause: float = 0.0) -> Script:
    """A script that sends `pieces`, `pause` seconds apart, and hangs up."""

    def script(connection: socket.socket, _request: bytes) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    return script


def reset(connection: socket.socket, _request: bytes) -> None:
    """A script that resets the connection instead of answering."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
