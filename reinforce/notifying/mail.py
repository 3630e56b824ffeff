"""Mail through the team's SMTP server, with the standard library.

The connection is encrypted, by STARTTLS or from its first byte, and the server's certificate is checked; a password or
a learner's words never travel in the clear. Only a server on this machine may be spoken to without.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from typing import Literal

from reinforce.domain.answering.notices import Message, NotDelivered
from reinforce.domain.loopback import is_loopback

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
    trust: ssl.SSLContext | None = field(default=None, repr=False)


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
        raise NotDelivered(f"{server.host}:{server.port} can't be reached: {type(error).__name__}", _ADVICE) from None


def _connected(server: MailServer) -> smtplib.SMTP:
    context = server.trust or ssl.create_default_context()
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    if server.security == "starttls":
        try:
            connection.starttls(context=context)
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
