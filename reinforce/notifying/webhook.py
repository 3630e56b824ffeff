"""A channel's webhook: one JSON POST, as Slack and Teams take it.

The address of a webhook is a secret, since whoever has it can write into the channel: it is never logged, shown or put
into an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import requests

from reinforce.domain.answering.notices import Message, NotDelivered
from reinforce.domain.loopback import is_loopback

Style = Literal["slack", "teams"]
SECONDS = 10.0
_ADVICE = "See docs/how-to/answer-questions.md."


@dataclass(frozen=True, slots=True)
class Webhook:
    """A channel. `style` slack: {"text": …}, which most other services take too; teams: an adaptive card."""

    name: str
    url: str = field(repr=False)
    style: Style = "slack"


def post_to(webhook: Webhook, message: Message) -> None:
    """Post one message; returns once the channel has taken it. Raises NotDelivered, without the address."""
    parts = _split(webhook)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise NotDelivered(f"the webhook {webhook.name} is not https", _ADVICE)
    try:
        answer = requests.post(webhook.url, json=_body(webhook, message), timeout=SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        words = f"the webhook {webhook.name} can't be reached: {type(error).__name__}"
        raise NotDelivered(words, "It is tried again.") from None
    if not 200 <= answer.status_code < 300:
        words = f"the webhook {webhook.name} answered {answer.status_code}"
        raise NotDelivered(words, "Make a new one for the channel if this stays. " + _ADVICE, _retry_after(answer))


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
