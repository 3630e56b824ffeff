"""Introductions: which replies to a prompt are one."""

from __future__ import annotations

from collections.abc import Collection

import regex

from reinforce.domain.listening.intents import Intent

_ADDRESS = regex.compile(r"\A(?:[@＠]\w{1,20}\s+)+")
# The form of a prompt in the outbox; replies to it are read as answers to no question (domain/listening/reading.py).
PROMPT = "prompt"
# What somebody asks of the account is about them and it, not about what it asked.
WISHES = frozenset({Intent.STOP, Intent.START, Intent.SNOOZE, Intent.JOIN})


def without_address(text: str) -> str:
    """A reply without the handles that X puts before it."""
    return _ADDRESS.sub("", text)


def is_only_a_wish(intents: Collection[Intent]) -> bool:
    """Whether what somebody wrote is nothing but a wish about the account itself: stop, start, snooze, join."""
    return bool(intents) and WISHES.issuperset(intents)
