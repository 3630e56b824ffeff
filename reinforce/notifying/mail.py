"""Mail through the team's SMTP server, with the standard library.

The connection is encrypted, by STARTTLS or from its first byte, and the server's certificate is checked; a password or
a learner's words never travel in the clear. Only a server on this machine may be spoken to without.
"""

from __future__ import annotations

import smtplib
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Literal

from reinforce.domain.answering.notices import Message, NotDelivered
from reinforce.domain.loopback import is_loopback
from reinforce.notifying.certificates import speaks_no_tls, trusted, why_not_trusted

Security = Literal["starttls", "tls", "none"]
SECONDS = 10.0
_ADVICE = "See smtp_host, smtp_port, smtp_security and smtp_user in docs/reference/settings.md."


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and as whom. `sender` is the From address; without `user` nobody signs in."""

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None


def send_mail(server: MailServer, to: str, message: Message, sent_at: float) -> None:
    """Hand one letter in; returns once the server has taken it. `sent_at` is seconds since 1970, machine time.

    Raises NotDelivered, in words without a secret.
    """
    if not server.host or not server.sender:
        raise NotDelivered("no mail server is set", "Set smtp_host and smtp_from. " + _ADVICE)
    if server.security == "none" and not is_loopback(server.host):
        raise NotDelivered(
            f"mail would go to {server.host} unencrypted", "Set smtp_security to starttls or tls. " + _ADVICE
        )
    try:
        letter = _letter(server, to, message, sent_at)
        with _connected(server) as connection:
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(letter)
    except smtplib.SMTPAuthenticationError as error:
        # The server's words may repeat what was sent to it.
        raise NotDelivered(f"{server.host} did not let us sign in ({error.smtp_code})", _ADVICE) from None
    except smtplib.SMTPRecipientsRefused:
        raise NotDelivered(f"{server.host} does not take mail for this address", "Check the address.") from None
    except smtplib.SMTPResponseException as error:
        raise NotDelivered(f"{server.host} answered {error.smtp_code}", _ADVICE) from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise _unreached(server, error) from None


def _unreached(server: MailServer, error: Exception) -> NotDelivered:
    place = f"{server.host}:{server.port}"
    fault = why_not_trusted(error)
    if fault is not None:
        return NotDelivered(f"the certificate of {place} is not trusted: {fault[0]}", f"{fault[1]} {_ADVICE}")
    if isinstance(error, smtplib.SMTPNotSupportedError) and server.security == "starttls":
        words = f"{place} offers no STARTTLS, and nothing is sent in the clear"
        return NotDelivered(words, "Set smtp_security to tls, and smtp_port to 465 or what it listens on. " + _ADVICE)
    if speaks_no_tls(error):
        words = f"{place} speaks no TLS from the first byte"
        return NotDelivered(words, "Set smtp_security to starttls, and smtp_port to 587 or 25. " + _ADVICE)
    return NotDelivered(f"{place} can't be reached: {type(error).__name__}", _ADVICE)


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=trusted(server.ca_file))
    connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    if server.security == "starttls":
        try:
            connection.starttls(context=trusted(server.ca_file))
        except BaseException:
            connection.close()
            raise
    return connection


def _letter(server: MailServer, to: str, message: Message, sent_at: float) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = server.sender
    letter["To"] = to
    letter["Subject"] = message.subject
    letter["Date"] = formatdate(sent_at)
    letter["Message-ID"] = f"<{message.key}@{_domain(server.sender)}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text)
    return letter


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip("<> ") or "localhost"
