"""What a scripted learner makes of a post: pure decisions out of seeded chance.

A learner sees it or not, recalls or not, and then acknowledges, answers, votes, asks or stays silent, some time later.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from reinforce.practice.forgetting import ACKNOWLEDGED, ANSWERED, SILENT_READING

_CHOICE = re.compile(r"(?:^|\s)([A-Da-d])[).:]\s+(\S.*?)(?=\s+[A-Da-d][).:]\s|\n|$)")

_ACKNOWLEDGEMENTS = ("got it", "Got it 👍", "👍", "thanks, noted", "noted, thanks", "ok, got it", "Got it, thanks!")
_UNSURE = ("not sure", "Not sure…", "not sure, sorry", "no idea, not sure")
_QUESTIONS = (
    "Does this hold on the night shift too?",
    "Who do I call if I can't do that?",
    "What if two teams work on it at the same time?",
    "Where do I find the form for this?",
)
_CHALLENGES = (
    "Finding every source of energy when we are in a hurry",
    "Telling the other shift in time",
    "Knowing who still has a lock on it",
    "The paperwork, honestly",
)
_REMARKS = (
    "Clear so far",
    "That is how we do it, too",
    "Could you show that again?",
    "Does this hold for contractors as well?",
    "Good example",
)
_HASHTAG = re.compile(r"#(\w+)")
_LETTER_FORMS = ("{letter}", "{letter}", "{lower}", "{letter})", "It's {letter}", "{letter} - {text}")
# What a live round looks like: its opening post names the teams one can join, its questions are numbered.
_TEAMS = re.compile(r"[“„\"«]\s*join \w.*?[:(]\s*(?:\w+\s?:)?\s*([\w ]+(?:, [\w ]+)*)", re.IGNORECASE | re.DOTALL)
_NUMBERED = re.compile(r"\d{1,2}/\d{1,2} ")
_QUICKER = 25
_POLL_LIKELY = 0.55
MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Traits:
    """One learner's ways. Chances are of seeing a post, of responding to a seen one, of liking it."""

    sees: float
    responds: float
    likes: float
    asks: float
    unsure: float
    forgetting: float
    known_before: float
    # Median minutes of programme time until a post is seen.
    slowness: float


@dataclass(frozen=True, slots=True)
class Subject:
    """What a post is about, as far as the script knows. `kind` is "question", "reminder", "reveal" or "unknown"."""

    kind: str
    nugget: str | None = None
    options: tuple[str, ...] = ()
    correct: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """Something a learner will do. `kind` is "reply", "like" or "vote" (for option `position`, from 1)."""

    kind: str
    text: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a learner does about a seen post, and how much the encounter did for their memory."""

    acts: tuple[Act, ...]
    encounter: float


def traits_of(chance: random.Random) -> Traits:
    """Ways of one learner, drawn once. Lively on purpose: a rehearsal of silent people would show nothing."""
    return Traits(
        sees=chance.uniform(0.55, 0.95),
        responds=chance.uniform(0.45, 0.9),
        likes=chance.uniform(0.05, 0.35),
        asks=chance.uniform(0.01, 0.06),
        unsure=chance.uniform(0.15, 0.45),
        forgetting=math.exp(chance.gauss(0.0, 0.4)),
        known_before=chance.uniform(0.05, 0.3),
        slowness=math.exp(chance.gauss(math.log(25.0), 0.6)),
    )


def delay_of(traits: Traits, text: str, chance: random.Random) -> int:
    """Milliseconds of programme time until the learner comes across a post that says `text`; mostly soon, sometimes
    hours later. In a live round people sit and wait for the next question."""
    minutes = traits.slowness * math.exp(chance.gauss(0.0, 0.9))
    if _NUMBERED.match(text) or teams_in(text):
        return round(MINUTE * max(0.1, minutes / _QUICKER))
    return round(MINUTE * max(0.5, minutes))


def react(
    traits: Traits,
    subject: Subject,
    text: str,
    poll: Sequence[str],
    recalled: float,
    chance: random.Random,
) -> Reaction:
    """What the learner does about a post they see. `recalled` is their chance of knowing its nugget now."""
    likes = (Act("like"),) if chance.random() < traits.likes else ()
    if poll and chance.random() < _POLL_LIKELY + traits.responds / 3:
        vote = _vote(subject, poll, recalled, chance)
        return Reaction((vote, *likes), ANSWERED)
    if subject.kind in ("unknown", "reveal"):
        return Reaction((*_remark(traits, subject, text, chance), *likes), SILENT_READING)
    if chance.random() > traits.responds:
        return Reaction(likes, SILENT_READING)
    if chance.random() < traits.asks:
        return Reaction((Act("reply", chance.choice(_QUESTIONS)), *likes), SILENT_READING)
    if subject.kind == "question":
        return Reaction((Act("reply", _answer(traits, subject, text, recalled, chance)), *likes), ANSWERED)
    return Reaction((Act("reply", chance.choice(_ACKNOWLEDGEMENTS)), *likes), ACKNOWLEDGED)


def _remark(traits: Traits, subject: Subject, text: str, chance: random.Random) -> tuple[Act, ...]:
    """What is said of a post that says no nugget: a team is joined, a session is answered with its hashtag, a prompt
    with what is hard; else now and then a thank you."""
    teams = teams_in(text)
    if teams:
        return (Act("reply", f"join {chance.choice(teams)}"),)
    if subject.kind == "unknown" and chance.random() < traits.responds:
        tag = _HASHTAG.search(text)
        if tag is not None:
            return (Act("reply", f"{chance.choice(_REMARKS)} #{tag[1]}"),)
        if "?" in text:
            return (Act("reply", chance.choice(_CHALLENGES)),)
    quiet = chance.random() > traits.responds / 4
    return () if quiet else (Act("reply", chance.choice(_ACKNOWLEDGEMENTS)),)


def _answer(traits: Traits, subject: Subject, text: str, recalled: float, chance: random.Random) -> str:
    choices = choices_in(text) or dict(zip("ABCD", subject.options, strict=False))
    if chance.random() < recalled:
        return _put(_right(choices, subject, chance), choices, chance)
    if chance.random() < traits.unsure:
        return chance.choice(_UNSURE)
    wrong = [option for option in choices.values() if not _is_right(option, subject)] or list(subject.wrong)
    return _put(chance.choice(wrong), choices, chance) if wrong else chance.choice(_UNSURE)


def _right(choices: dict[str, str], subject: Subject, chance: random.Random) -> str:
    listed = [option for option in choices.values() if _is_right(option, subject)]
    if listed:
        return listed[0]
    return chance.choice(subject.correct) if subject.correct else chance.choice(_ACKNOWLEDGEMENTS)


def _put(answer: str, choices: dict[str, str], chance: random.Random) -> str:
    """An answer in the learner's words: a letter where there are letters, else the text."""
    letter = next((letter for letter, option in choices.items() if option == answer), None)
    if letter is None:
        return answer
    return chance.choice(_LETTER_FORMS).format(letter=letter, lower=letter.lower(), text=answer)


def _vote(subject: Subject, poll: Sequence[str], recalled: float, chance: random.Random) -> Act:
    right = [number for number, option in enumerate(poll, 1) if _is_right(option, subject)]
    if right and chance.random() < recalled:
        return Act("vote", position=right[0])
    return Act("vote", position=chance.randrange(len(poll)) + 1)


def choices_in(text: str) -> dict[str, str]:
    """Lettered options as the post shows them, such as "A) Lock it"; {} unless there are two in order."""
    found = {letter.upper(): option.strip() for letter, option in _CHOICE.findall(text)}
    ordered = list(found) == list("ABCD"[: len(found)])
    return found if len(found) >= 2 and ordered else {}


def teams_in(text: str) -> tuple[str, ...]:
    """The teams that a post invites to join, such as “join red” (teams: red, blue); () if it invites to none."""
    found = _TEAMS.search(text)
    return () if found is None else tuple(team.strip() for team in found[1].split(","))


def folded(text: str) -> str:
    """`text` as fingerprints are compared: words only, whatever their case."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _is_right(option: str, subject: Subject) -> bool:
    return folded(option) in {folded(answer) for answer in subject.correct}
