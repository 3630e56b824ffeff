"""What a text must keep to before anybody plans to post it, in words for its author.

These are X's rules for a post, and ours for a nugget; the naming guard, which knows the learners, comes later.
"""

from __future__ import annotations

from dataclasses import dataclass

from reinforce.domain.nugget import Question
from reinforce.domain.texts.wording import LIMIT, MOST_CASHTAGS, cashtags, mentions, weighted_length

# Room that the shipped templates take in their longest language: under a question ("Reply with the letter."), in a
# reveal ("B. Why: …") and around a hint. The exact text is counted again when it is rendered; this refuses early what
# could never be posted.
AROUND_A_QUESTION = 45
AROUND_AN_EXPLANATION = 18
AROUND_A_HINT = 20
LONGEST_POLL_OPTION = 25


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a text can't be posted, and what to do about it."""

    message: str
    advice: str


def objections(text: str, *, room: int = LIMIT) -> tuple[Objection, ...]:
    """Everything that speaks against posting `text`, `room` being the weighted characters it may take."""
    found = []
    length = weighted_length(text)
    if length > room:
        found.append(Objection(f"the text counts {length} characters for X; {room} fit.", _shorten(length - room)))
    handles = mentions(text)
    if handles:
        advice = "X forbids automated mentions, and nobody is named without their yes: write the role instead."
        found.append(Objection(f"the text mentions @{handles[0]}.", advice))
    tags = cashtags(text)
    if len(tags) > MOST_CASHTAGS:
        named = ", ".join(f"${tag}" for tag in tags)
        found.append(Objection(f"the text holds {len(tags)} cashtags ({named}).", "X takes one a post: keep one."))
    return tuple(found)


def question_room(question: Question) -> int:
    """Weighted characters left for the prompt once its lettered choices are under it; may be negative."""
    lines = "".join(f"\n{option.key}. {option.text}" for option in question.options)
    return LIMIT - AROUND_A_QUESTION - weighted_length(lines)


def explanation_room(question: Question) -> int:
    """Weighted characters left for the explanation in the reveal, which begins with the letter or the answer."""
    answer = "A" if question.options else "".join(question.accepted[:1])
    return LIMIT - AROUND_AN_EXPLANATION - weighted_length(answer)


def fits_a_poll(question: Question) -> bool:
    """Whether the choices can be the options of a native poll."""
    return bool(question.options) and all(len(option.text) <= LONGEST_POLL_OPTION for option in question.options)


def _shorten(excess: int) -> str:
    return f"Take out {excess} (accented Latin letters count 1, emoji and most other scripts 2, a link 23)."
