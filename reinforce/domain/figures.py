"""How the house stands in numbers, for whoever keeps watch. No number is about a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Upper bounds, seconds of programme time after a post was due, of the histogram of lateness.
LATENESS_BOUNDS = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the posts went out that were due in the last 24 programme hours.

    `within[i]` counts those at most `LATENESS_BOUNDS[i]` seconds late (each includes the one before), `posts` all of
    them; `total` is the sum in seconds.
    """

    within: tuple[int, ...]
    posts: int
    total: float


@dataclass(frozen=True, slots=True)
class WindowFigures:
    """What the governor remembers of a rate limit, whichever process heard it: calls a window, those left, and the
    seconds of machine time until it begins anew. A limit by the day has " a day" behind its endpoint."""

    endpoint: str
    limit: int
    remaining: int
    resets_in: float


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """`sending`: neither paused nor halted nor unproven. `waiting` counts planned posts, whenever they are due.

    Money is what posts of the calendar day and month (UTC, programme time) cost, in millionths of a dollar; `budget` is
    what the month may cost, None where nothing is set. `budget_used` is what counts against it: posts, those in doubt
    and readings. `windows` that are over are left out.
    """

    name: str
    sending: bool
    waiting: int
    spent_today: int
    spent_this_month: int
    budget: int | None = None
    budget_used: int = 0
    windows: tuple[WindowFigures, ...] = ()


@dataclass(frozen=True, slots=True)
class DaemonFigures:
    """A daemon that gave a sign of life in the last hour, and the seconds of machine time since.

    `leading`: it plans and listens for all; `failing`: a step of its rounds fails.
    """

    name: str
    silent_for: float
    leading: bool
    failing: bool


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """What learners asked: `open` wait for an answer, `overdue` should have one by now, `stuck` have one that found no
    way out. `untold` facilitators could not be told of theirs."""

    open: int = 0
    overdue: int = 0
    stuck: int = 0
    untold: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database tells. Ages are seconds, 0 where there is nothing to be old.

    `posts` counts by state. `due` are planned posts whose time has come, `oldest_due` how long the first of them has
    been due (programme time). `oldest_unknown` is in machine time. `expired_leases` nobody has taken back yet.
    `unread` came in and was not read, `needs_person` waits for one, `oldest_waiting` since when (programme time).
    `backup_age` is in machine time, None before the first backup.
    """

    posts: Mapping[str, int]
    due: int
    oldest_due: float
    oldest_unknown: float
    expired_leases: int
    lateness: Lateness
    accounts: tuple[AccountFigures, ...]
    daemons: tuple[DaemonFigures, ...]
    unread: int
    oldest_unread: float
    needs_person: int
    oldest_waiting: float
    audit_rows: int
    backup_age: float | None
    questions: QuestionFigures = QuestionFigures()


@dataclass(frozen=True, slots=True)
class LimitFigures:
    """A rate limit as the service last said it."""

    endpoint: str
    limit: int
    remaining: int


@dataclass(frozen=True, slots=True)
class LineFigures:
    """What this process knows of its calls of one account since it started.

    `calls` counts by (endpoint, result): an HTTP status, "not_sent" or "no_answer". `skew` is by how many seconds the
    service's clock is ahead, None before its first answer.
    """

    account: str
    calls: Mapping[tuple[str, str], int]
    limits: tuple[LimitFigures, ...]
    skew: float | None
