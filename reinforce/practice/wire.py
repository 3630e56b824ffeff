"""The wire between client and API: reads bodies, refuses strange hosts, and does what faults ask for.

This is the only asynchronous code of the practice account: a fault may hold a connection for minutes without holding a
thread, and may drop it in the middle of an answer, which needs the socket itself.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from reinforce.clock import Clock
from reinforce.practice import problems
from reinforce.practice.faults import Fault, Faults

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 1_000_000
# A picture of 5 MB in base64.
MAX_UPLOAD = 7_000_000
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_HTML = b"<!DOCTYPE html><html><head><title>Over capacity</title></head><body><h1>Try again</h1></body></html>"

# Open connections by the addresses of both ends, so that a fault can reach the socket behind a request.
_transports: dict[tuple[object, object], asyncio.Transport] = {}


class ReachableProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which lets a fault find the connection of a request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _transports[self.client, self.server] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _transports.pop((self.client, self.server), None)
        super().connection_lost(exc)


@dataclass(slots=True)
class Answer:
    """A complete HTTP answer, kept back until a fault has decided what becomes of it."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def collect(self, message: Message) -> None:
        """Take the place of `send`."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def deliver(self, send: Send) -> None:
        """Send it on."""
        headers = [(name, value) for name, value in self.headers if name.lower() != b"content-length"]
        headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class Wire:
    """ASGI middleware around the whole application."""

    def __init__(self, app: App, faults: Faults, clock: Clock) -> None:
        self._app = app
        self._faults = faults
        self._clock = clock
        self._late: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not _is_loopback(scope):
            await _plain(421, b"The practice account answers on loopback addresses only.").deliver(send)
            return
        body = await _read(receive, MAX_UPLOAD if scope["path"] == "/2/media/upload" else MAX_BODY)
        if body is None:
            await _plain(413, b"Too large.").deliver(send)
            return
        scope.setdefault("state", {})["body"] = body
        fault = None
        if scope["path"].startswith("/2/"):
            fault, colouring = self._faults.draw(scope["method"], scope["path"])
            for each in colouring:
                _colour_reading(scope, each)
        if fault is None:
            await self._app(scope, _again(body), send)
        else:
            await self._misbehave(fault, scope, body, receive, send)

    async def _misbehave(self, fault: Fault, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        if fault.kind == "lands_late":
            task = asyncio.ensure_future(self._land_late(fault.seconds, scope, body))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            await _drop(scope)
            return
        answer = Answer()
        takes_effect = fault.after or (fault.kind == "server_errors" and fault.chance() < 0.5)
        if takes_effect:
            await self._app(scope, _again(body), answer.collect)
        if fault.kind.startswith("timeout"):
            await _wait_for_hang_up(receive, fault.seconds)
            await _drop(scope)
        elif fault.kind.startswith("reset"):
            await _drop(scope)
        elif fault.kind == "cut_off_body":
            await _cut_off(answer, scope, send)
        else:
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            await _changed(fault, answer, self._clock.wall().timestamp()).deliver(send)

    async def _land_late(self, seconds: float, scope: Scope, body: bytes) -> None:
        await asyncio.sleep(seconds)
        await self._app(scope, _again(body), Answer().collect)


def _is_loopback(scope: Scope) -> bool:
    """A page of another site that resolves to this machine (DNS rebinding) still names its own host."""
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1:
        return False
    name, colon, port = hosts[0].rpartition(":")
    bare = name if colon and port.isdigit() else hosts[0]
    return bare.lower() in LOOPBACK_NAMES


async def _read(receive: Receive, most: int) -> bytes | None:
    """The request's body; None if it is larger than anything the API takes."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body
        body += bytes(message.get("body", b""))
        if len(body) > most:
            return None
        if not message.get("more_body"):
            return body


def _again(body: bytes) -> Receive:
    """Plays `body` to the application once more."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive


def _colour_reading(scope: Scope, fault: Fault) -> None:
    if fault.kind == "lagging_timeline":
        scope["state"]["lag"] = fault.seconds
    elif fault.kind == "shifting_pages":
        scope["state"]["shift"] = fault.shift


async def _wait_for_hang_up(receive: Receive, seconds: float) -> None:
    async def hang_up() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(hang_up(), seconds)
    except TimeoutError:
        return


async def _drop(scope: Scope) -> None:
    """Reset the connection (RST), as a failing network does."""
    transport = _transports.get((scope.get("client"), scope.get("server")))
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    # uvicorn hears of the lost connection in the next rounds of its loop; only then may the request end unanswered.
    for _round in range(3):
        await asyncio.sleep(0)


async def _cut_off(answer: Answer, scope: Scope, send: Send) -> None:
    headers = [(name, value) for name, value in answer.headers if name.lower() != b"content-length"]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True})
    transport = _transports.get((scope.get("client"), scope.get("server")))
    if transport is not None:
        transport.close()
    for _round in range(3):
        await asyncio.sleep(0)


def _changed(fault: Fault, answer: Answer, wall: float) -> Answer:
    """What is sent in place of `answer` (the true one, where the call took effect)."""
    if fault.kind == "slow":
        return answer
    if fault.kind == "cut_off_json":
        return Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2])
    if fault.kind.startswith("throttled"):
        return _throttled(fault.kind, wall + fault.seconds)
    return _unreadable(fault) or _refused(fault)


def _unreadable(fault: Fault) -> Answer | None:
    """A body that is no answer to the question."""
    bodies = {"empty_list": b"[]", "null_body": b"null", "null_errors": b'{"errors":null}'}
    if fault.kind in bodies:
        return Answer(fault.status, [(b"content-type", b"application/json; charset=utf-8")], bodies[fault.kind])
    statuses = {"html_ok": 200, "html_bad_gateway": 502}
    if fault.kind in statuses:
        return Answer(statuses[fault.kind], [(b"content-type", b"text/html")], _HTML)
    return None


def _refused(fault: Fault) -> Answer:
    """A refusal in good form."""
    refusals: dict[str, Callable[[], problems.Problem]] = {
        "unauthorized": problems.unauthorized,
        "out_of_credit": lambda: problems.out_of_credit(0),
        "suspended": lambda: problems.forbidden(problems.SUSPENDED),
        "duplicate": lambda: problems.forbidden(problems.DUPLICATE),
    }
    if fault.kind in refusals:
        return _problem(refusals[fault.kind]())
    status = (500, 502, 503, 504)[int(fault.chance() * 4)] if fault.kind == "server_errors" else 503
    return _server_error(status)


def _throttled(kind: str, reset: float) -> Answer:
    answer = _problem(problems.too_many_requests())
    if kind != "throttled_no_reset":
        value = "soon" if kind == "throttled_bad_reset" else str(round(reset))
        answer.headers += [
            (b"x-rate-limit-limit", b"100"),
            (b"x-rate-limit-remaining", b"0"),
            (b"x-rate-limit-reset", value.encode()),
        ]
    return answer


def _server_error(status: int) -> Answer:
    titles = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
    body = {"title": titles[status], "detail": titles[status], "type": "about:blank", "status": status}
    return _problem(problems.Problem(status, body))


def _problem(problem: problems.Problem) -> Answer:
    content_type = (b"content-type", b"application/problem+json; charset=utf-8")
    return Answer(problem.status, [content_type], json.dumps(problem.body).encode())


def _plain(status: int, text: bytes) -> Answer:
    return Answer(status, [(b"content-type", b"text/plain; charset=utf-8")], text)
