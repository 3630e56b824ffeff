"""How people of the team may be called, sign, and be told."""

from __future__ import annotations

import regex

from reinforce.domain.errors import ReinforceError

_NAME = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}._ -]{0,59}")
_INITIALS = regex.compile(r"\p{L}{1,4}")
_WEBHOOK = regex.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
# No more than a mail server needs to be asked: it alone knows who is there.
_ADDRESS = regex.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


def checked_name(name: str) -> str:
    """The name of a facilitator or a member of the team. Raises ReinforceError."""
    if not _NAME.fullmatch(name):
        raise ReinforceError(f'"{name}" can\'t be a name', "Use up to 60 letters, digits, dots, hyphens and spaces.")
    return name


def checked_initials(initials: str) -> str:
    """Initials in capitals. Raises ReinforceError."""
    if not _INITIALS.fullmatch(initials.strip()):
        raise ReinforceError(f'"{initials}" can\'t be initials', "Use one to four letters, such as AB.")
    return initials.strip().upper()


def checked_address(address: str) -> str:
    """An e-mail address that mail can be sent to. Raises ReinforceError."""
    if not _ADDRESS.fullmatch(address.strip()) or len(address) > 254:
        raise ReinforceError(f'"{address}" is no e-mail address', "Write it as name@example.org.")
    return address.strip()


def checked_webhook(name: str) -> str:
    """The name of a webhook. Raises ReinforceError; a web address is not repeated, since it is a secret."""
    if "://" in name:
        raise ReinforceError(
            "a webhook's address is a secret and is not kept in the database",
            'Put it into notify.json (mode 600), {"webhooks": {"questions": "https://…"}}, and give its name here.',
        )
    if not _WEBHOOK.fullmatch(name):
        raise ReinforceError(f"\"{name}\" can't be a webhook's name", "Use letters, digits, hyphens and underscores.")
    return name
