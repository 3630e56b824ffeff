"""The posts on an account's feed as a plan has to know of them, and what follows from their times.

A post leaves seconds after it was due, minutes where a send had to be tried again. What is counted from it in days (a
ladder's step, a text's rest, the posts of a week) goes by when it was due: else the next slot at the same time of day
would come seconds too soon, and no plan could be told in advance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from reinforce.domain.nugget import Form
from reinforce.domain.planning.sharing import SEVEN_DAYS

# Who left so much later than it was due was late, and counts from when it left.
ON_TIME = timedelta(hours=1)
# Of what is counted in minutes (the gap between cohorts' posts, a window for answers) only the seconds are left out.
_PROMPT = timedelta(minutes=1)


def counted_from(posted: datetime | None, due: datetime) -> datetime:
    """When a post counts as posted: when it was due, unless it left long after that."""
    return due if posted is None or timedelta() <= posted - due < ON_TIME else posted


def on_the_minute(posted: datetime, due: datetime) -> datetime:
    """When a post was on the feed, less the seconds that its sending took."""
    return due if timedelta() <= posted - due < _PROMPT else posted


@dataclass(frozen=True, slots=True)
class OutRow:
    """A row of the outbox that the plan has to know of: on its way or out. `at` is when it was posted, else is due;
    `meant` when it was due, where it left on time.

    `form` is a `Form` or another word ("reveal", "update_start"). `answers` are graded (right, other) replies to it,
    `votes` a poll's. `reveal_of` is the question a reveal stands under. Not `own` is what another cohort of the account
    paid for (`cohort_id`; None: no cohort); its own plan said when its reveal is to follow (`reveal_at`).
    """

    id: int
    nugget_id: int | None
    form: str
    at: datetime
    out: bool
    answers: tuple[int, int] = (0, 0)
    votes: tuple[int, int] = (0, 0)
    reveal_of: int | None = None
    own: bool = True
    reveal_at: datetime | None = None
    cohort_id: int | None = None
    due: datetime | None = None

    @property
    def meant(self) -> datetime:
        """When it counts as posted."""
        return self.at if self.due is None else counted_from(self.at, self.due)

    @property
    def stands(self) -> datetime:
        """When it is on the feed, as the gap between posts is measured."""
        return self.at if self.due is None else on_the_minute(self.at, self.due)

    @property
    def asks(self) -> bool:
        """Whether an answer may follow it."""
        return self.form in (Form.QUESTION, Form.POLL)


def lately(rows: Sequence[OutRow], cohort_id: int, at: datetime) -> tuple[datetime, ...]:
    """The instants of a cohort's posts of the seven days before `at`, and of those on their way. `rows` are in order of
    time."""
    return tuple(reversed([row.meant for row in _since(rows, at - SEVEN_DAYS) if row.cohort_id == cohort_id]))


def of_others(rows: Sequence[OutRow], since: datetime) -> list[datetime]:
    """When other cohorts' posts stand on the feed, of those after `since`."""
    return [row.stands for row in takewhile(lambda row: row.at > since, reversed(rows)) if not row.own]


def _since(rows: Sequence[OutRow], since: datetime) -> Iterator[OutRow]:
    """The rows that count after `since`, the newest first."""
    # Nothing counts from later than it stood there.
    return (row for row in takewhile(lambda row: row.at > since, reversed(rows)) if row.meant > since)


def reserved(rows: Iterable[OutRow], reveal_at: Callable[[datetime], datetime | None]) -> dict[int, datetime]:
    """The instants of the reveals that questions without one will need, by the question's row."""
    rows = list(rows)
    revealed = {row.reveal_of for row in rows}
    found = {}
    for row in rows:
        if row.asks and row.id not in revealed:
            reveal = reveal_at(row.at) if row.own else row.reveal_at
            if reveal is not None:
                found[row.id] = reveal
    return found
