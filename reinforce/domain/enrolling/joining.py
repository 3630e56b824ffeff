"""Open cohorts: when somebody asks to join one, and whether they may.

To ask is to agree, so it has to be their own express word: a phrase of joining in any language of the lexicon, said to
the account (a reply, a mention) or beside the cohort's hashtag; or the hashtag in a post of their own that mentions the
account, as the account's profile and the opening post say. What is said to somebody else in a thread, a question about
joining, and "my code is …" are none.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

import regex

from reinforce.domain.cohort import LIVE, Cause, Cohort, CohortState, EnrollmentState, Opening
from reinforce.domain.errors import ReinforceError
from reinforce.domain.gathering.backchannel import bears
from reinforce.domain.listening.intent import Intent
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.listening.reply_text import read_text
from reinforce.domain.listening.wishes import wanted_join
from reinforce.domain.planning.slots import local_day, resolve
from reinforce.domain.texts.wording import hashtags

MOST = 20_000
JOINED_BY_THEMSELVES = "People join it themselves: reinforce joining words COHORT says what to tell them."

# What people are told before they join, in plain words; the account's profile has the gist of it.
PLAIN_WORDS = (
    "Taking part is voluntary, and you may leave at any time. Joining is agreeing to this.",
    "We keep your X user id, your handle, what you write to the account, and how well each point seems to be "
    "remembered. We keep no name and ask for none.",
    "Only the people who run the programme see it. We never name you in a post.",
    "Your own posts on X are public, as everything you post there.",
    'Reply "stop" and nothing goes to you any more, nothing is graded and nothing planned for you; "start" or "join" '
    "takes it back. Some time after you left, all we hold of you is deleted. Ask us to have it deleted at once.",
)
_HASHTAG = regex.compile(r"#\w+")
# Whoever says one of these does not ask to join, whatever else they say.
_DENYING = frozenset({Intent.STOP, Intent.PAUSE, Intent.SNOOZE})
_ASKING = frozenset({Intent.QUESTION, Intent.LOOKUP})


class Outcome(StrEnum):
    """What became of a request."""

    JOINED = "joined"
    BACK = "back"
    THERE = "there"
    WAITING = "waiting"
    EARLY = "early"
    CLOSED = "closed"
    FULL = "full"
    REFUSED = "refused"
    UNCLEAR = "unclear"


# In words for a person.
SAID = {
    Outcome.JOINED: "taken in",
    Outcome.BACK: "left or lapsed, and came back",
    Outcome.THERE: "was in it already",
    Outcome.WAITING: "waits, since too many asked within an hour",
    Outcome.EARLY: "asked before one could join",
    Outcome.CLOSED: "asked when one could join no more",
    Outcome.FULL: "asked when it was full",
    Outcome.REFUSED: "was refused: taken out by a person, erased, or said stop",
    Outcome.UNCLEAR: "did not say which of the account's open cohorts",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A post that may ask to join. `mentions_us` is true of replies to us; `alone`: it neither replies to anything nor
    quotes; `aside`: it is said to somebody else. `intents` are what it was read as, empty if it was not yet."""

    text: str
    mentions_us: bool
    alone: bool
    aside: bool = False
    intents: Collection[Intent] = ()


def says_join(text: str, lexicon: Lexicon) -> bool:
    """Whether `text` itself, hashtags aside, asks to join."""
    reply = read_text(_HASHTAG.sub(" ", text))
    return wanted_join(reply, lexicon) is not None and bool(lexicon["join"].find(reply.spoken))


def asks_to_join(said: Said, hashtag: str, lexicon: Lexicon) -> bool:
    """Whether `said` asks to join the cohort with this hashtag, or the one that its account has."""
    if said.aside or _DENYING.intersection(said.intents):
        return False
    tagged = bears(said.text, hashtag)
    if says_join(said.text, lexicon):
        return said.mentions_us or tagged
    return tagged and said.mentions_us and said.alone and not _ASKING.intersection(said.intents)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: their place in the cohort (None: they never had one) and why they are there; whether they said stop,
    and not start since; `erased`: they stand on the suppression list. `by_word`: they said so, not by the hashtag
    alone."""

    state: EnrollmentState | None = None
    cause: Cause | None = None
    stopped: bool = False
    erased: bool = False
    by_word: bool = True


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many are in the cohort, and how many were taken in within the last hour."""

    members: int
    lately: int


def decide(cohort: Cohort, asker: Asker, crowd: Crowd, asked_on: date) -> Outcome:
    """Whether somebody who asked on a local date comes into an open cohort.

    Who was in it before and left by their own word comes back whenever it runs; whom a person took out does not, until
    a person takes them in again. A hashtag alone ends no stop.
    """
    if asker.erased or (asker.stopped and not asker.by_word):
        return Outcome.REFUSED
    if asker.state in LIVE:
        return Outcome.BACK if asker.stopped else Outcome.THERE
    if asker.state is None:
        return window(cohort, asked_on) or _room(cohort, crowd) or Outcome.JOINED
    over = cohort.state is CohortState.FINISHED or (cohort.last_day is not None and asked_on > cohort.last_day)
    if over or not may_come_back(asker.state, asker.cause):
        return Outcome.CLOSED if over else Outcome.REFUSED
    return _room(cohort, Crowd(crowd.members, lately=0)) or Outcome.BACK


def window(cohort: Cohort, day: date) -> Outcome | None:
    """Why nobody new may join on this local date; None: one may."""
    last = min((one for one in (cohort.closes_on, cohort.last_day) if one is not None), default=None)
    if cohort.state is CohortState.FINISHED or (last is not None and day > last):
        return Outcome.CLOSED
    return Outcome.EARLY if cohort.opens_on is not None and day < cohort.opens_on else None


def _room(cohort: Cohort, crowd: Crowd) -> Outcome | None:
    assert cohort.opening is not None
    if crowd.members >= cohort.opening.most:
        return Outcome.FULL
    return Outcome.WAITING if crowd.lately >= cohort.opening.an_hour else None


def joinable_since(cohort: Cohort, created_at: datetime, now: datetime) -> datetime | None:
    """Since when somebody new may join; None where nobody may at `now`."""
    if window(cohort, local_day(now, cohort.zone)) is not None:
        return None
    opens = created_at if cohort.opens_on is None else resolve(cohort.opens_on, time(0), cohort.zone)
    return max(created_at, opens)


def may_come_back(state: EnrollmentState, cause: Cause | None) -> bool:
    """Whether an enrollment that ended so may be taken up by its learner's own word."""
    if state is EnrollmentState.WITHDRAWN:
        return cause is Cause.LEFT
    return state is EnrollmentState.LAPSED and cause is not Cause.ENDED


def checked_opening(opening: Opening) -> Opening:
    """`opening`, its hashtag without #. Raises ReinforceError for what can't be."""
    tag = opening.hashtag.removeprefix("#")
    if hashtags(f"#{tag}") != (tag,):
        advice = "Use letters, digits and _, at least one letter, as in --hashtag lockoutbasics."
        raise ReinforceError(f"“{opening.hashtag}” is no hashtag", advice)
    if not 1 <= opening.most <= MOST or opening.an_hour < 1:
        words = f"{opening.most} members and {opening.an_hour} taken in in an hour can't be"
        raise ReinforceError(words, f"--most is 1 to {MOST:,}, --an-hour 1 or more.")
    return Opening(tag, opening.most, opening.an_hour)
