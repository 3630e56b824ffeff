"""One exchange under one deadline: what was sent, what was not, and how long it may take."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from reinforce.accounts.wire import (
    LARGEST_ANSWER,
    Answer,
    Broken,
    Deadline,
    NothingSent,
    Request,
    exchange,
    trusted_tls,
)
from reinforce.clock import Clock
from tests.accounts.rogue_server import RogueServer, json_answer, reset, say

GET = Request("GET", "/2/users/me", {"Accept": "*/*"}, b"")
POST = Request("POST", "/2/tweets", {"Content-Length": "2"}, b"{}")


def _send(address: str, request: Request = POST, seconds: float = 5, tls: ssl.SSLContext | None = None) -> Answer:
    return exchange(urlsplit(address), request, Deadline(seconds, Clock.monotonic), tls)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine on which nothing listens, and nothing can begin to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_whole_answer_comes_back_with_status_headers_and_body(rogue: RogueServer) -> None:
    rogue.script = json_answer(201, {"data": {"id": "1"}}, {"x-rate-limit-remaining": "7"})
    answer = _send(rogue.url)
    assert (answer.status, answer.body) == (201, b'{"data": {"id": "1"}}')
    assert ("x-rate-limit-remaining", "7") in answer.headers
    assert rogue.requests[0].startswith(b"POST /2/tweets HTTP/1.1\r\n")


def test_a_refused_connection_means_nothing_was_sent(closed_port: int) -> None:
    with pytest.raises(NothingSent, match="refused"):
        _send(f"http://127.0.0.1:{closed_port}")


def test_a_name_without_an_address_means_nothing_was_sent() -> None:
    with pytest.raises(NothingSent, match="can't be looked up"):
        _send("https://no-such-host.invalid")


def test_a_server_that_speaks_no_tls_means_nothing_was_sent(rogue: RogueServer) -> None:
    rogue.script = say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(NothingSent, match="no connection"):
        _send(rogue.url.replace("http://", "https://"), seconds=0.5)


def test_a_server_that_never_accepts_means_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        port = deaf.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):  # fills the queue of those not yet accepted
            started = time.monotonic()
            with pytest.raises(NothingSent):
                _send(f"http://127.0.0.1:{port}", seconds=0.3)
            assert time.monotonic() - started < 3


def test_a_deadline_that_is_over_before_the_first_byte_sends_none(rogue: RogueServer) -> None:
    with pytest.raises(NothingSent):
        _send(rogue.url, seconds=0.0)
    assert rogue.requests == []


def test_a_reset_after_the_request_leaves_the_outcome_open(rogue: RogueServer) -> None:
    rogue.script = reset
    with pytest.raises(Broken):
        _send(rogue.url)
    assert len(rogue.requests) == 1


def test_a_server_that_says_nothing_leaves_the_outcome_open_at_the_deadline(rogue: RogueServer) -> None:
    rogue.script = say(b"", pause=5)
    started = time.monotonic()
    with pytest.raises(Broken, match="deadline"):
        _send(rogue.url, seconds=0.3)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"", id="headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", id="body without a length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n", id="chunks"),
    ],
)
def test_an_answer_that_drips_does_not_outlive_the_deadline(rogue: RogueServer, start: bytes) -> None:
    rogue.script = say(start, *([b"H"] * 100), pause=0.05)
    started = time.monotonic()
    with pytest.raises(Broken):
        _send(rogue.url, seconds=0.4)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 30 + b"\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + str(LARGEST_ANSWER + 1).encode() + b"\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n{}",
        b"HTTP/1.1 200 " + b"a" * 70_000,
    ],
    ids=["nothing", "no http", "cut", "cut chunk", "no chunk", "vast chunk", "too large", "vast", "headers", "line"],
)
def test_an_answer_that_is_none_leaves_the_outcome_open(rogue: RogueServer, answer: bytes) -> None:
    rogue.script = say(answer)
    with pytest.raises(Broken):
        _send(rogue.url)


def test_an_endless_answer_is_given_up_on(rogue: RogueServer) -> None:
    rogue.script = say(b"HTTP/1.1 200 OK\r\n\r\n", *([b"x" * 1024 * 1024] * 20))
    with pytest.raises(Broken):
        _send(rogue.url, seconds=5)


def test_nothing_is_ever_sent_twice(rogue: RogueServer) -> None:
    rogue.script = reset
    with pytest.raises(Broken):
        _send(rogue.url, GET)
    assert rogue.connections == 1


def test_every_request_has_a_connection_of_its_own(rogue: RogueServer) -> None:
    _send(rogue.url)
    _send(rogue.url)
    assert rogue.connections == 2


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    day = timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(Clock.wall() - day)
        .not_valid_after(Clock.wall() + day)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "here.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls_url(certificate: Path) -> Iterator[str]:
    """A server that speaks TLS, answers one request, and hangs up without TLS's farewell."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        try:
            plain, _ = listener.accept()
            with context.wrap_socket(plain, server_side=True) as secured:
                secured.recv(4096)
                secured.sendall(b"HTTP/1.1 200 OK\r\n\r\n{}")
        except OSError:
            pass  # the client did not trust us

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    thread.join(5)
    listener.close()


def test_a_certificate_nobody_vouches_for_means_nothing_was_sent(tls_url: str) -> None:
    with pytest.raises(NothingSent, match="not trusted"):
        _send(tls_url, seconds=5)


def test_an_answer_that_ends_without_tls_saying_so_may_be_cut_off(tls_url: str, certificate: Path) -> None:
    with pytest.raises(Broken):
        _send(tls_url, seconds=5, tls=trusted_tls(str(certificate)))
