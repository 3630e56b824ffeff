"""A poll of where a cohort stands: a question that has no right answer, and what X will take of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from reinforce.domain.authoring.post_rules import LONGEST_POLL_OPTION
from reinforce.domain.errors import ReinforceError

FEWEST_OPTIONS, MOST_OPTIONS = 2, 4
# What X allows for a poll, in minutes.
SHORTEST, LONGEST = 5, 10_080
# The outbox's word for such a post, and for one that links to a poll elsewhere.
FORM = "standing_poll"
LINK_FORM = "poll_link"


@dataclass(frozen=True, slots=True)
class NewPoll:
    """What a person asks for. `topics` is empty, or has one entry for each option: the topic of nuggets that a vote for
    it says is not known well, "" for none. `label` is what polls are compared by ("before")."""

    question: str
    options: tuple[str, ...]
    minutes: int
    topics: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll as kept. `votes` are by option, empty until it has closed and was read (`closed_at`, programme time);
    `lost` says why there will never be any. `state` is its post's, `posted_at` when that went out."""

    id: int
    cohort_id: int
    cohort: str
    outbox_id: int
    question: str
    options: tuple[str, ...]
    topics: tuple[str, ...]
    label: str
    minutes: int
    asked_at: datetime
    state: str
    posted_at: datetime | None
    votes: tuple[int, ...] = ()
    closed_at: datetime | None = None
    lost: str = ""

    @property
    def voted(self) -> int:
        """How many votes there were."""
        return sum(self.votes)


def check(new: NewPoll) -> None:
    """Raise ReinforceError, with what to do, for a poll that X would not take or that could not be told apart."""
    if not new.question.strip():
        raise ReinforceError("a poll needs a question", 'Write it first: reinforce poll ask COHORT "Where …?"')
    if not FEWEST_OPTIONS <= len(new.options) <= MOST_OPTIONS:
        raise ReinforceError(
            f"X takes {FEWEST_OPTIONS} to {MOST_OPTIONS} options; there are {len(new.options)}",
            "Give each with --option.",
        )
    for option in new.options:
        if not option.strip():
            raise ReinforceError("an option is empty", "Write what people can choose.")
        if len(option) > LONGEST_POLL_OPTION:
            raise ReinforceError(
                f'the option "{option}" has {len(option)} characters; X takes {LONGEST_POLL_OPTION}', "Shorten it."
            )
    twice = [option for option, times in Counter(one.strip().casefold() for one in new.options).items() if times > 1]
    if twice:
        raise ReinforceError(f'two options say "{twice[0]}"', "Nobody could tell them apart: change one.")
    if not SHORTEST <= new.minutes <= LONGEST:
        raise ReinforceError(
            f"X keeps a poll open for {SHORTEST} minutes to {LONGEST // 1440} days, not {new.minutes} minutes",
            'Say how long with --for, as "30m", "24h" or "7d".',
        )
    if new.topics and len(new.topics) != len(new.options):
        raise ReinforceError(
            f"there are {len(new.options)} options and {len(new.topics)} topics",
            'Give a --topic for each option, in their order, "-" for one that stands for none.',
        )
