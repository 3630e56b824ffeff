"""Is a post on our timeline the one we tried to send?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import regex
from rapidfuzz import fuzz

from reinforce.domain.texts.wording import normalise, same_text

# X writes the handles of those who are answered before a reply's text.
_ANSWERED = regex.compile(r"^\s*(?:@[A-Za-z0-9_]{1,20}\s+)+")


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent. `options` are a poll's, None without one."""

    text: str
    reply_to: int | None = None
    options: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands on the timeline; `links` maps the short links in its text to what they stand for."""

    text: str
    links: Mapping[str, str]
    reply_to: int | None = None
    options: Sequence[str] | None = None


def likeness(sent: str, seen: str) -> float:
    """0 to 100: how much two texts have in common, for a person who is to judge whether they are the same."""
    return float(fuzz.ratio(normalise(sent), normalise(seen)))


def same_post(sent: Sent, seen: Seen) -> bool:
    """True if text, reply target and poll are the same. Texts are compared normalised (`domain.texts.wording`)."""
    if sent.reply_to != seen.reply_to or not _same_options(sent.options, seen.options):
        return False
    if same_text(sent.text, seen.text, seen.links):
        return True
    if sent.reply_to is None:
        return False
    return same_text(_ANSWERED.sub("", sent.text), _ANSWERED.sub("", seen.text), seen.links)


def _same_options(ours: Sequence[str] | None, theirs: Sequence[str] | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return [normalise(option) for option in ours] == [normalise(option) for option in theirs]
