"""A limit is spent evenly: nothing waits while there is plenty, nobody finds it used up at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.sending.breaker import THRESHOLD, Breaker, Circuit, jitter
from reinforce.domain.sending.budget import ListedLimit
from reinforce.domain.sending.pacing import POSTING, Use, Window, listed_window, pace_wait, said_window, window_wait

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=30)
LISTED = ListedLimit(per_user=100, per_app=10_000, user_seconds=900, app_seconds=86_400)


def _send_all(window: Window, use: Use = Use.POST, step: float = 1.0) -> list[float]:
    """When each call of a backlog without end goes out in this window, in seconds after it began."""
    now, went = window.resets_at - timedelta(seconds=window.seconds), []
    while now < window.resets_at:
        if window_wait(window, use, now) is None:
            window = window.after_a_call()
            went.append(now.timestamp())
        else:
            now += timedelta(seconds=step)
    return [at - went[0] for at in went]


@given(limit=st.integers(1, 300))
def test_a_backlog_uses_the_whole_limit_and_never_more(limit: int) -> None:
    went = _send_all(Window(limit, limit, NOW + QUARTER, 900))
    assert limit - 1 <= len(went) <= limit


@given(limit=st.integers(4, 300))
def test_after_a_burst_calls_are_spread(limit: int) -> None:
    went = _send_all(Window(limit, limit, NOW + QUARTER, 900))
    assert sum(at < 1 for at in went) <= limit // 4 + 1
    assert sum(at < 450 for at in went) <= 0.65 * limit + 1


@given(limit=st.integers(2, 300))
def test_replies_leave_posts_their_part(limit: int) -> None:
    assert len(_send_all(Window(limit, limit, NOW + QUARTER, 900), Use.REPLY)) <= limit - limit // 4


@given(limit=st.integers(1, 500), remaining=st.integers(0, 500), late=st.integers(0, 899), use=st.sampled_from(Use))
def test_whoever_waits_is_told_until_when_and_may_go_then(limit: int, remaining: int, late: int, use: Use) -> None:
    window = Window(limit, min(remaining, limit), NOW + QUARTER, 900)
    now = NOW + timedelta(seconds=late)
    until = window_wait(window, use, now)
    if until is not None:
        assert now < until <= window.resets_at
        assert window_wait(window, use, until) is None


def test_a_window_that_is_over_holds_nobody() -> None:
    assert window_wait(Window(5, 0, NOW, 900), Use.POST, NOW) is None


def test_headers_win_over_the_list() -> None:
    said = {POSTING: said_window(2, 0, NOW + QUARTER, LISTED, NOW)}
    assert pace_wait({}, POSTING, LISTED, Use.POST, NOW) is None
    assert pace_wait(said, POSTING, LISTED, Use.POST, NOW) == NOW + QUARTER


def test_a_day_s_limit_outlasts_the_quarter_of_an_hour() -> None:
    day = said_window(10_000, 0, NOW + timedelta(hours=20), LISTED, NOW)
    assert day.seconds == 86_400
    windows = {POSTING: replace(day, remaining=100, limit=100, resets_at=NOW + QUARTER), f"{POSTING} a day": day}
    assert pace_wait(windows, POSTING, LISTED, Use.POST, NOW) == NOW + timedelta(hours=20)


def test_what_no_list_names_is_not_limited() -> None:
    assert listed_window(ListedLimit(), NOW) is None
    assert pace_wait({}, "GET /2/new", None, Use.READ, NOW) is None


@given(events=st.lists(st.tuples(st.booleans(), st.integers(0, 4_000)), max_size=40), seed=st.text(max_size=5))
def test_a_breaker_opens_on_failures_only_and_always_comes_back(events: list[tuple[bool, int]], seed: str) -> None:
    breaker, now, in_a_row = Breaker(), NOW, 0
    for number, (works, seconds) in enumerate(events):
        now += timedelta(seconds=seconds)
        until = breaker.wait(now)
        if until is not None:
            assert breaker.state is Circuit.OPEN
            assert now < until <= now + LONGEST
            now = until  # nobody calls before
        tried = breaker.trying(now)
        assert tried.state is not Circuit.OPEN
        breaker = tried.worked() if works else tried.failed(now, f"{seed}{number}", FIRST, LONGEST)
        in_a_row = 0 if works else in_a_row + 1
        assert breaker.failures == in_a_row
        assert (breaker.state is Circuit.OPEN) == (in_a_row >= THRESHOLD)
        assert (breaker.retry_at is None) == (breaker.state is not Circuit.OPEN)


def test_waits_grow_and_differ_by_their_seed() -> None:
    breaker, waits = Breaker(), []
    for number in range(12):
        breaker = breaker.trying(NOW + timedelta(days=number)).failed(NOW, "same", FIRST, LONGEST)
        if breaker.retry_at is not None:
            waits.append(breaker.retry_at - NOW)
            breaker = replace(breaker, retry_at=NOW)
    assert waits == sorted(waits)
    assert waits[-1] <= LONGEST
    assert jitter("a") == jitter("a") != jitter("b")
    assert all(0.5 < jitter(str(number)) <= 1 for number in range(100))
