"""A channel's webhook: one JSON POST, as Slack and Teams take it.

The address of a webhook is a secret, since whoever has it can write into the channel: it is never logged, shown or put
into an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from reinforce.domain.answering.notices import Message, NotDelivered
from reinforce.domain.loopback import is_loopback
from reinforce.notifying.certificates import trusted, why_not_trusted

Style = Literal["slack", "teams"]
SECONDS = 10.0
_ADVICE = "See docs/how-to/answer-questions.md."


@dataclass(frozen=True, slots=True)
class Webhook:
    """A channel. `style` slack: {"text": …}, which most other services take too; teams: an adaptive card."""

    name: str
    url: str = field(repr=False)
    style: Style = "slack"


def post_to(webhook: Webhook, message: Message, ca_file: Path | None = None) -> None:
    """Post one message; returns once the channel has taken it. Authorities in `ca_file` are trusted as well. Raises
    NotDelivered, without the address."""
    parts = _split(webhook)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise NotDelivered(f"the webhook {webhook.name} is not https", _ADVICE)
    try:
        with requests.Session() as session:
            if ca_file is not None:
                session.mount("https://", _Trusting(ca_file))
            answer = session.post(webhook.url, json=_body(webhook, message), timeout=SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        fault = why_not_trusted(error)
        if fault is not None:
            words = f"the certificate of the webhook {webhook.name} is not trusted: {fault[0]}"
            raise NotDelivered(words, f"{fault[1]} {_ADVICE}") from None
        words = f"the webhook {webhook.name} can't be reached: {type(error).__name__}"
        raise NotDelivered(words, "It is tried again.") from None
    if not 200 <= answer.status_code < 300:
        words = f"the webhook {webhook.name} answered {answer.status_code}"
        raise NotDelivered(words, "Make a new one for the channel if this stays. " + _ADVICE, _retry_after(answer))


class _Trusting(HTTPAdapter):
    """Trusts the authorities in a file besides those that everybody trusts."""

    def __init__(self, ca_file: Path) -> None:
        self._context = trusted(ca_file)
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        super().init_poolmanager(*arguments, **more, ssl_context=self._context)


def _split(webhook: Webhook) -> Any:
    try:
        return urlsplit(webhook.url)
    except ValueError:
        raise NotDelivered(f"the address of the webhook {webhook.name} can't be read", _ADVICE) from None


def _body(webhook: Webhook, message: Message) -> dict[str, Any]:
    if webhook.style == "slack":
        return {"text": message.text}
    lines = [{"type": "TextBlock", "text": message.subject, "weight": "bolder", "wrap": True}]
    lines += [
        {"type": "TextBlock", "text": line.strip(), "wrap": True} for line in message.text.splitlines()[2:] if line
    ]
    card = {"type": "AdaptiveCard", "version": "1.4", "body": lines}
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def _retry_after(answer: requests.Response) -> float:
    try:
        return max(float(answer.headers.get("Retry-After", "0")), 0.0)
    except ValueError:
        return 0.0
