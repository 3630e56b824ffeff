"""Which team somebody wants to join by "join red"."""

from __future__ import annotations

from collections.abc import Iterable

from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.listening.reply_text import fold_words, read_text
from reinforce.domain.listening.wishes import wanted_join


def wanted_team(text: str, teams: Iterable[str], lexicon: Lexicon) -> str:
    """The one of `teams` that `text` asks to join; "" if it asks for none, or names two."""
    reply = read_text(text)
    if wanted_join(reply, lexicon) is None:
        return ""
    said = reply.spoken
    named = [team for team in teams if (words := fold_words(team)) and _holds(said, words)]
    # "join red one" where there is a team "red" as well: the longer name is meant.
    named = [team for team in named if not any(other != team and team in other.split() for other in named)]
    return named[0] if len(named) == 1 else ""


def _holds(said: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return any(said[start : start + len(words)] == words for start in range(len(said) - len(words) + 1))
