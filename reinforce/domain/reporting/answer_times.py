"""How soon learners' questions were answered, and whether the promised time was kept.

Nothing is told of fewer than five people who asked: who asked, and when, can be known on X.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from reinforce.domain.access.groups import FEWEST


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: who asked (an X user id), when, by when an answer was promised (None: never), and when it went out
    (None: not yet). `closed`: no answer was needed."""

    who: int
    at: datetime
    promised: datetime | None
    answered: datetime | None
    closed: bool


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """Counts of questions. `kept` and `broken` are those whose promised time is over or that were answered; `waiting`
    still have time. `usual` is the median from question to answer, None without an answer."""

    asked: int
    answered: int
    kept: int
    broken: int
    waiting: int
    closed: int
    usual: timedelta | None


def answer_times(questions: Sequence[Asked], now: datetime) -> AnswerTimes | None:
    """The figures at `now`; None where they would be about one to four people who asked."""
    if 0 < len({one.who for one in questions}) < FEWEST:
        return None
    owed = [one for one in questions if one.answered is not None or not one.closed]
    answered = [one for one in owed if one.answered is not None]
    kept = sum(one.promised is None or (one.answered or now) <= one.promised for one in answered)
    late = sum(one.answered is None and one.promised is not None and one.promised <= now for one in owed)
    taken = [one.answered - one.at for one in answered if one.answered is not None]
    return AnswerTimes(
        asked=len(questions),
        answered=len(answered),
        kept=kept,
        broken=len(answered) - kept + late,
        waiting=len(owed) - len(answered) - late,
        closed=len(questions) - len(owed),
        usual=timedelta(seconds=median(one.total_seconds() for one in taken)) if taken else None,
    )
