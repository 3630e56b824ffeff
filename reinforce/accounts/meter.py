"""Counts calls, and remembers what the service's headers say: rate limits, and how far its clock is from ours."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from reinforce.accounts.base import Heard, Limit
from reinforce.accounts.wire import Answer
from reinforce.domain.sending.budget import Readings

# X's longest window is a day; a reset beyond it is a broken header.
_LONGEST_WINDOW = timedelta(hours=25)
# A reset this little past was right when it was sent; one that is older says nothing.
_JUST_OVER = timedelta(minutes=1)
# When a 429 names no time: one of X's windows.
USUAL_WAIT = timedelta(minutes=15)
_DAILY = ("x-user-limit-24hour", "x-app-limit-24hour")
# The "2" of the version, at the beginning, stays.
_ID = re.compile(r"(?<=[^/])/[0-9]+(?=/|$)")


def endpoint_of(method: str, path: str) -> str:
    """A call as X's tables name it: "GET /2/users/:id/mentions"."""
    return f"{method} {_ID.sub('/:id', path)}"


def headers_of(answer: Answer) -> dict[str, str]:
    """The answer's headers with names in lower case; of one that comes twice, the last."""
    return {name.lower(): value for name, value in answer.headers}


class Meter:
    """Safe under threads. `wall` is machine time, UTC."""

    def __init__(self, wall: Callable[[], datetime]) -> None:
        self._wall = wall
        self._lock = threading.Lock()
        self._limits: dict[str, Limit] = {}
        self._news: dict[tuple[str, bool], Limit] = {}
        self._own_read = self._others_read = 0
        self._calls: Counter[tuple[str, str]] = Counter()
        self._skew: float | None = None
        self._access_level = ""

    def observe(self, method: str, path: str, answer: Answer, seconds: float) -> None:
        """Read the headers of an answer that took `seconds`. What can't be read is passed over."""
        headers = headers_of(answer)
        dated = _date(headers.get("date", ""))
        with self._lock:
            self._calls[endpoint_of(method, path), str(answer.status)] += 1
            if dated is not None:
                # The header has whole seconds, and was written at some time while we waited.
                ahead, doubt = (dated - self._wall()).total_seconds() + 0.5 + seconds / 2, 0.5 + seconds / 2
                self._skew = 0.0 if abs(ahead) <= doubt else ahead
            self._access_level = headers.get("x-access-level", self._access_level)
            limit = self._limit(endpoint_of(method, path), headers, "x-rate-limit")
            if limit is not None:
                self._limits[limit.endpoint] = self._news[limit.endpoint, False] = limit
            days = [self._limit(endpoint_of(method, path), headers, prefix) for prefix in _DAILY]
            tightest = min(filter(None, days), key=lambda one: one.remaining, default=None)
            if tightest is not None:
                self._news[tightest.endpoint, True] = tightest

    def unanswered(self, method: str, path: str, *, begun: bool) -> None:
        """Count a call that got no answer; `begun` says whether anything was sent."""
        with self._lock:
            self._calls[endpoint_of(method, path), "no_answer" if begun else "not_sent"] += 1

    def count_read(self, posts: int, *, own: bool) -> None:
        """So many posts were read; `own`: from a feed that X gives its owner for less."""
        with self._lock:
            self._own_read += posts if own else 0
            self._others_read += 0 if own else posts

    def heard(self) -> Heard:
        """What was said since this was last asked."""
        with self._lock:
            news, self._news = self._news, {}
            read = Readings(self._own_read, self._others_read)
            self._own_read = self._others_read = 0
        windows, days = ([limit for (_, daily), limit in news.items() if daily is wanted] for wanted in (False, True))
        return Heard(tuple(windows), tuple(days), read)

    def calls(self) -> dict[tuple[str, str], int]:
        """How many calls ended how: (endpoint, HTTP status or "no_answer" or "not_sent")."""
        with self._lock:
            return dict(self._calls)

    def limits(self) -> tuple[Limit, ...]:
        """As last seen, by endpoint."""
        with self._lock:
            return tuple(self._limits[name] for name in sorted(self._limits))

    @property
    def skew(self) -> float | None:
        """Seconds by which the service's clock was last ahead of ours; None before any answer."""
        with self._lock:
            return self._skew

    @property
    def access_level(self) -> str:
        """What X lets these OAuth 1.0a keys do ("read", "read-write", …); "" where it has not said."""
        with self._lock:
            return self._access_level

    def wait_until(self, headers: Mapping[str, str]) -> datetime:
        """Until when a 429 with these headers asks us to wait, machine time; a usual time if it names none.

        A day's limit that is used up outlasts the quarter of an hour that `x-rate-limit-reset` names.
        """
        now = self._wall()
        resets = [self._reset(headers, "x-rate-limit"), _after(now, headers.get("retry-after", ""))]
        resets += [self._reset(headers, prefix) for prefix in _DAILY if _whole(headers, f"{prefix}-remaining") == 0]
        named = [reset for reset in resets if reset is not None and now - _JUST_OVER < reset <= now + _LONGEST_WINDOW]
        return max(max(named, default=now + USUAL_WAIT), now + timedelta(seconds=1))

    def _limit(self, endpoint: str, headers: Mapping[str, str], prefix: str) -> Limit | None:
        limit, remaining = _whole(headers, f"{prefix}-limit"), _whole(headers, f"{prefix}-remaining")
        if limit is None or remaining is None:
            return None
        return Limit(endpoint, limit, remaining, self._reset(headers, prefix))

    def _reset(self, headers: Mapping[str, str], prefix: str) -> datetime | None:
        """The reset as machine time: X names it by its own clock."""
        reset = _whole(headers, f"{prefix}-reset")
        if reset is None or reset > 2**40:
            return None
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=reset - (self._skew or 0.0))


def _whole(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _after(now: datetime, text: str) -> datetime | None:
    seconds = _whole({"seconds": text}, "seconds")
    return None if seconds is None or seconds > 2**30 else now + timedelta(seconds=seconds)


def _date(text: str) -> datetime | None:
    try:
        dated = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return dated.replace(tzinfo=UTC) if dated.tzinfo is None else dated.astimezone(UTC)
