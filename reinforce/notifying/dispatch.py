"""Which way a message goes: by mail or to a webhook, with the secrets both need.

They stand in a file of mode 600 (`notify.json` in the workspace folder) or in the environment:

    {"smtp_password": "…", "webhooks": {"questions": "https://…", "press": {"url": "https://…", "style": "teams"}}}
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from reinforce.domain.answering.notices import Channel, Facilitator, Message, NotDelivered
from reinforce.domain.errors import ReinforceError
from reinforce.notifying.mail import MailServer, Security, send_mail
from reinforce.notifying.webhook import Style, Webhook, post_to

PASSWORD_VARIABLE = "REINFORCE_SMTP_PASSWORD"  # noqa: S105 - the name of a variable
_WEBHOOK = "REINFORCE_WEBHOOK_"


class Secrets:
    """The password of the mail server and the addresses of webhooks; neither repr nor errors show one."""

    def __init__(self, text: str, environ: Mapping[str, str], source: str) -> None:
        """`text` is the file's ("" where there is none), `source` names it in messages. Raises ReinforceError."""
        content = _content(text, source)
        self.source = source
        self.smtp_password = environ.get(PASSWORD_VARIABLE, "") or str(content.get("smtp_password", ""))
        self._environ = environ
        self._webhooks = dict(_webhooks(content.get("webhooks", {}), source))

    def webhook(self, name: str) -> Webhook:
        """The webhook with this name. Raises NotDelivered if there is none."""
        url = self._environ.get(_WEBHOOK + re.sub(r"[^A-Z0-9]", "_", name.upper()), "")
        if url:
            return Webhook(name, url)
        if name not in self._webhooks:
            raise NotDelivered(
                f"there is no webhook {name}", f'Add it to {self.source}: {{"webhooks": {{"{name}": "https://…"}}}}'
            )
        return self._webhooks[name]

    def values(self) -> Iterator[str]:
        """Every secret, for the log's filter."""
        yield from filter(None, [self.smtp_password])
        yield from (one.url for one in self._webhooks.values())
        yield from (value for name, value in self._environ.items() if name.startswith(_WEBHOOK))

    def __repr__(self) -> str:
        return f"Secrets({self.source})"


class Dispatch:
    """Brings messages to facilitators. Implements `domain.answering.notices.Messenger`.

    `read_secrets` is asked at each message, so that a secret that was changed is used at once; `wall` is machine time
    in seconds since 1970; authorities in `ca_file` (PEM) are trusted besides those this machine trusts."""

    def __init__(  # noqa: PLR0913 - a mail server is described by six words
        self,
        read_secrets: Callable[[], Secrets],
        wall: Callable[[], float],
        *,
        host: str,
        port: int,
        security: Security,
        sender: str,
        user: str,
        ca_file: Path | None = None,
    ) -> None:
        self._read_secrets = read_secrets
        self._wall = wall
        self._server = (host, port, security, sender, user)
        self._ca_file = ca_file

    def deliver(self, to: Facilitator, message: Message) -> None:
        """Bring `message` to `to`. Raises NotDelivered."""
        if to.channel is Channel.NONE:
            raise NotDelivered(f"{to.name} has no address", "Give one: reinforce facilitator set --help")
        try:
            secrets = self._read_secrets()
        except ReinforceError as error:
            raise NotDelivered(error.message, error.advice) from None
        if to.channel is Channel.WEBHOOK:
            post_to(secrets.webhook(to.address), message, self._ca_file)
            return
        server = MailServer(*self._server, password=secrets.smtp_password, ca_file=self._ca_file)
        send_mail(server, to.address, message, self._wall())


def _content(text: str, source: str) -> Mapping[str, Any]:
    if not text.strip():
        return {}
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("smtp_password", ""), str):
        raise ReinforceError(f"{source} is not what it should be", 'Write {"smtp_password": "…", "webhooks": {…}}.')
    return content


def _webhooks(given: Any, source: str) -> Iterator[tuple[str, Webhook]]:
    entries = given.items() if isinstance(given, dict) else [("webhooks", None)]
    for name, value in entries:
        url, style = (value.get("url"), value.get("style", "slack")) if isinstance(value, dict) else (value, "slack")
        styles: dict[Any, Style] = {"slack": "slack", "teams": "teams"}
        if not isinstance(url, str) or style not in styles:
            advice = 'Write "name": "https://…" or "name": {"url": "https://…", "style": "teams"}.'
            raise ReinforceError(f"{source} holds a webhook that can't be read: {name}", advice)
        yield name, Webhook(name, url, styles[style])
