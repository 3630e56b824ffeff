"""Mail and webhooks over TLS, with real handshakes: what is trusted arrives, what is not is refused in plain words."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from reinforce.clock import Clock
from reinforce.domain.answering.notices import Channel as By
from reinforce.domain.answering.notices import Facilitator, Message, NotDelivered
from reinforce.notifying.dispatch import Dispatch, Secrets
from reinforce.notifying.mail import Security
from tests.actions.answering.receivers import PASSWORD, Channel, MailRoom, serving

LETTER = Message("a/1", "A question waits", "Somebody asks:\n\nwho signs?")
ANNA = Facilitator(1, "anna", "ab", By.EMAIL, "anna@example.org")
HOOK = Facilitator(2, "ops", "op", By.WEBHOOK, "ops")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A company's own authority."""
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that names it."""
    path = tmp_path_factory.mktemp("trust") / "company.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture(scope="module")
def certificates(authority: trustme.CA) -> dict[str, ssl.SSLContext]:
    """What servers show, by kind."""
    made = {
        "its own name": authority.issue_cert("localhost"),
        "another name": authority.issue_cert("mail.example.org"),
        "run out": authority.issue_cert("localhost", not_after=Clock.wall() - timedelta(days=1)),
        "an authority nobody knows": trustme.CA().issue_cert("localhost"),
    }
    contexts = {}
    for kind, certificate in made.items():
        contexts[kind] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(contexts[kind])
    return contexts


@contextmanager
def _up(server: Any) -> Iterator[Any]:
    yield from serving(server)


@pytest.fixture
def up() -> Iterator[Callable[[Any], Any]]:
    """Starts servers that end with the test."""
    with ExitStack() as stack:
        yield lambda server: stack.enter_context(_up(server))


def _dispatch(server: Any, ca_file: Path | None, security: Security = "starttls") -> Dispatch:
    port = server.server_address[1]
    text = json.dumps({"smtp_password": PASSWORD, "webhooks": {"ops": f"https://localhost:{port}/secret-path"}})
    return Dispatch(
        lambda: Secrets(text, {}, "notify.json"),
        lambda: 0.0,
        host="localhost",
        port=port,
        security=security,
        sender="learn@example.org",
        user="learn",
        ca_file=ca_file,
    )


def _refused(dispatch: Dispatch, to: Facilitator) -> str:
    with pytest.raises(NotDelivered) as raised:
        dispatch.deliver(to, LETTER)
    said = f"{raised.value.message} {raised.value.advice}"
    assert PASSWORD not in said
    assert "secret-path" not in said
    return said


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_letter_travels_encrypted_to_a_server_that_the_company_vouches_for(
    up: Any, certificates: Any, ca_file: Path, security: Security
) -> None:
    room = up(MailRoom(certificates["its own name"], encrypted=security == "tls"))
    _dispatch(room, ca_file, security).deliver(ANNA, LETTER)
    assert len(room.letters) == 1
    assert "who signs?" in room.letters[0]
    # Nothing but the handshake's own words was ever readable on the way.
    assert set(room.heard_in_the_clear) <= {"EHLO", "STARTTLS"}


def test_a_message_goes_to_an_https_webhook_that_the_company_vouches_for(
    up: Any, certificates: Any, ca_file: Path
) -> None:
    channel = up(Channel(certificates["its own name"]))
    _dispatch(channel, ca_file).deliver(HOOK, LETTER)
    assert channel.posted == [{"text": LETTER.text}]


@pytest.mark.parametrize(
    ("kind", "says", "advice"),
    [
        ("another name", "it is for another name", "stands on the certificate"),
        ("run out", "it has run out", "renews it"),
        ("an authority nobody knows", "nobody whom this machine knows has signed it", "notify_ca_file"),
    ],
)
def test_a_bad_certificate_is_refused_with_what_to_do_and_nothing_is_said_to_it(
    up: Any, certificates: Any, ca_file: Path, kind: str, says: str, advice: str
) -> None:
    securities: tuple[Security, ...] = ("starttls", "tls")
    for security in securities:
        room = up(MailRoom(certificates[kind], encrypted=security == "tls"))
        said = _refused(_dispatch(room, ca_file, security), ANNA)
        assert says in said
        assert advice in said
        assert room.letters == []
        assert set(room.heard_in_the_clear) <= {"EHLO", "STARTTLS"}
    channel = up(Channel(certificates[kind]))
    said = _refused(_dispatch(channel, ca_file), HOOK)
    assert says in said
    assert advice in said
    assert channel.posted == []


def test_without_the_company_s_file_its_certificate_is_signed_by_nobody_known(up: Any, certificates: Any) -> None:
    said = _refused(_dispatch(up(MailRoom(certificates["its own name"])), None), ANNA)
    assert "notify_ca_file" in said
    said = _refused(_dispatch(up(Channel(certificates["its own name"])), None), HOOK)
    assert "notify_ca_file" in said


def test_a_server_without_encryption_gets_nothing_and_the_right_setting_is_named(up: Any, ca_file: Path) -> None:
    room = up(MailRoom())
    assert "offers no STARTTLS" in _refused(_dispatch(room, ca_file, "starttls"), ANNA)
    assert "Set smtp_security to starttls" in _refused(_dispatch(room, ca_file, "tls"), ANNA)
    assert room.letters == []
    assert "AUTH" not in room.heard_in_the_clear


def test_a_file_of_authorities_that_can_not_be_read_is_named(up: Any, certificates: Any, tmp_path: Path) -> None:
    missing = tmp_path / "nothing.pem"
    assert f"notify_ca_file {missing} can't be read" in _refused(
        _dispatch(up(MailRoom(certificates["its own name"])), missing), ANNA
    )
    empty = tmp_path / "empty.pem"
    empty.write_text("no certificate")
    assert "BEGIN CERTIFICATE" in _refused(_dispatch(up(Channel(certificates["its own name"])), empty), HOOK)
