"""What X, requests and tweepy say becomes one of our few errors, and nothing else ever comes out."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reinforce.accounts.base import (
    AccountError,
    BadCredentials,
    Draft,
    NotSent,
    OutOfCredit,
    RefusalKind,
    Refused,
    Throttled,
    UnknownOutcome,
)
from reinforce.accounts.x import XAccount
from reinforce.clock import Clock
from reinforce.domain.accounts.credentials import OAuth1Keys
from tests.accounts.rogue_server import KEYS, RogueServer, json_answer, raw_answer, reset, say

DRAFT = Draft("Lock the valve before you open the guard.")
REPLY_RULE = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author "
    "of the post you are replying to."
)


def _post(account: XAccount) -> int:
    return account.post(DRAFT, timeout=5)


def _problem(status: int, detail: str, kind: str = "about:blank", title: str = "Forbidden") -> dict[str, object]:
    return {"title": title, "detail": detail, "type": kind, "status": status}


def _failure(rogue: RogueServer, account: XAccount, status: int, content: object) -> AccountError:
    rogue.script = json_answer(status, content)
    with pytest.raises(AccountError) as caught:
        _post(account)
    return caught.value


@pytest.mark.parametrize(
    ("detail", "kind"),
    [
        ("You are not allowed to create a Tweet with duplicate content.", RefusalKind.DUPLICATE),
        (REPLY_RULE, RefusalKind.REPLY_RULE),
        ("You can only reply to or quote posts where you are mentioned or are the author.", RefusalKind.REPLY_RULE),
        ("You attempted to reply to a Tweet that is deleted or not visible to you.", RefusalKind.GONE),
        ("A Post may hold at most one cashtag.", RefusalKind.INVALID),
    ],
)
def test_a_403_is_told_apart_by_its_words(
    rogue: RogueServer, rogue_account: XAccount, detail: str, kind: RefusalKind
) -> None:
    error = _failure(rogue, rogue_account, 403, _problem(403, detail))
    assert isinstance(error, Refused)
    assert (error.kind, error.words) == (kind, detail)


@pytest.mark.parametrize(
    "content",
    [
        _problem(403, "User is suspended."),
        _problem(403, "To protect our users, your account has been locked."),
        _problem(403, "This is for enterprise.", "https://api.x.com/2/problems/client-forbidden"),
        _problem(403, "Your client app is not configured with the appropriate oauth1 app permissions."),
        {"errors": [{"code": 326, "message": "Log in to unlock your account."}]},
    ],
)
def test_a_403_that_only_a_person_can_mend_is_a_matter_of_credentials(
    rogue: RogueServer, rogue_account: XAccount, content: object
) -> None:
    error = _failure(rogue, rogue_account, 403, content)
    assert isinstance(error, BadCredentials)
    assert not error.transient


def test_the_old_numeric_code_of_a_duplicate_is_known(rogue: RogueServer, rogue_account: XAccount) -> None:
    error = _failure(rogue, rogue_account, 403, {"errors": [{"code": 187, "message": "Twice."}]})
    assert isinstance(error, Refused)
    assert error.kind is RefusalKind.DUPLICATE


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Refused),
        (401, BadCredentials),
        (402, OutOfCredit),
        (404, Refused),
        (409, Refused),
        (410, Refused),
        (413, Refused),
        (422, Refused),
        (429, Throttled),
        (500, UnknownOutcome),
        (502, UnknownOutcome),
        (503, UnknownOutcome),
        (599, UnknownOutcome),
        (200, UnknownOutcome),
        (202, UnknownOutcome),
        (307, UnknownOutcome),
    ],
)
def test_each_status_with_a_readable_body_has_its_error(
    rogue: RogueServer, rogue_account: XAccount, status: int, expected: type[AccountError]
) -> None:
    assert type(_failure(rogue, rogue_account, status, _problem(status, "Because."))) is expected


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'{"errors": null}', b"<html>no</html>", b'{"detail": "hal', b"\xff"]
)
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, UnknownOutcome),
        (201, UnknownOutcome),
        (400, UnknownOutcome),
        (401, BadCredentials),
        (402, OutOfCredit),
        (403, UnknownOutcome),
        (404, UnknownOutcome),
        (429, Throttled),
        (503, UnknownOutcome),
    ],
)
def test_a_refusal_is_believed_only_with_words(
    rogue: RogueServer, rogue_account: XAccount, status: int, expected: type[AccountError], body: bytes
) -> None:
    rogue.script = raw_answer(status, body)
    with pytest.raises(expected):
        _post(rogue_account)
    assert rogue.connections == 1


def test_a_redirect_is_not_followed(rogue: RogueServer, rogue_account: XAccount) -> None:
    rogue.script = json_answer(307, {"detail": "Over there."}, {"Location": f"{rogue.url}/2/tweets"})
    with pytest.raises(UnknownOutcome):
        _post(rogue_account)
    assert rogue.connections == 1


def test_a_month_used_up_is_a_matter_of_credit_and_not_of_waiting(rogue: RogueServer, rogue_account: XAccount) -> None:
    content = _problem(429, "Usage cap exceeded: Monthly product cap", "https://api.x.com/2/problems/usage-capped")
    assert isinstance(_failure(rogue, rogue_account, 429, content), OutOfCredit)


def _until(rogue: RogueServer, account: XAccount, headers: dict[str, str], status: int = 429) -> timedelta:
    """How far from now a 429 with these headers puts us off."""
    rogue.script = json_answer(status, _problem(status, "User is over daily status update limit."), headers)
    with pytest.raises(Throttled) as caught:
        _post(account)
    return caught.value.until - Clock.wall()


def _in(seconds: int) -> str:
    return str(int(Clock.wall().timestamp()) + seconds)


QUARTER = timedelta(minutes=15)
CLOSE = timedelta(seconds=3)


@pytest.mark.parametrize("reset", ["", "soon", "-1", "9" * 30, "1e3", "0", "١٢٣"])
def test_a_reset_that_says_nothing_means_the_usual_wait(
    rogue: RogueServer, rogue_account: XAccount, reset: str
) -> None:
    if not reset.isascii():
        reset = reset.encode().decode("latin-1")
    assert abs(_until(rogue, rogue_account, {"x-rate-limit-reset": reset}) - QUARTER) < CLOSE


def test_a_reset_is_obeyed(rogue: RogueServer, rogue_account: XAccount) -> None:
    assert abs(_until(rogue, rogue_account, {"x-rate-limit-reset": _in(120)}) - timedelta(minutes=2)) < CLOSE


def test_a_reset_that_has_just_passed_means_at_once(rogue: RogueServer, rogue_account: XAccount) -> None:
    assert _until(rogue, rogue_account, {"x-rate-limit-reset": _in(-2)}) < CLOSE


def test_a_days_limit_that_is_used_up_outlasts_the_windows_reset(rogue: RogueServer, rogue_account: XAccount) -> None:
    headers = {
        "x-rate-limit-reset": _in(120),
        "x-user-limit-24hour-remaining": "0",
        "x-user-limit-24hour-reset": _in(7200),
    }
    assert abs(_until(rogue, rogue_account, headers) - timedelta(hours=2)) < CLOSE


def test_the_daily_limit_of_a_403_is_a_matter_of_waiting(rogue: RogueServer, rogue_account: XAccount) -> None:
    assert abs(_until(rogue, rogue_account, {}, status=403) - QUARTER) < CLOSE


def test_retry_after_is_obeyed(rogue: RogueServer, rogue_account: XAccount) -> None:
    assert abs(_until(rogue, rogue_account, {"Retry-After": "40"}) - timedelta(seconds=40)) < CLOSE


def test_a_reset_is_read_by_the_services_own_clock(rogue: RogueServer, rogue_account: XAccount) -> None:
    ahead = Clock.wall() + timedelta(hours=1)
    headers = {
        "Date": ahead.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "x-rate-limit-reset": str(int(ahead.timestamp()) + 120),
    }
    assert abs(_until(rogue, rogue_account, headers) - timedelta(minutes=2)) < CLOSE


def test_a_401_while_the_clocks_differ_may_mend_itself(rogue: RogueServer, rogue_account: XAccount) -> None:
    late = Clock.wall() - timedelta(minutes=10)
    rogue.script = json_answer(401, _problem(401, "Unauthorized"), {"Date": late.strftime("%a, %d %b %Y %H:%M:%S GMT")})
    with pytest.raises(BadCredentials, match="clock") as caught:
        _post(rogue_account)
    assert caught.value.transient
    assert rogue_account.clock_skew() == pytest.approx(-600, abs=3)


def test_a_connection_refused_sends_nothing(rogue: RogueServer, rogue_account: XAccount) -> None:
    rogue.close()
    with pytest.raises(NotSent, match="refused"):
        _post(rogue_account)


def test_a_connection_reset_leaves_the_outcome_open(rogue: RogueServer, rogue_account: XAccount) -> None:
    rogue.script = reset
    with pytest.raises(UnknownOutcome):
        _post(rogue_account)


def test_silence_leaves_the_outcome_open(rogue: RogueServer, rogue_account: XAccount) -> None:
    rogue.script = say(b"", pause=5)
    with pytest.raises(UnknownOutcome, match="deadline"):
        rogue_account.post(DRAFT, timeout=0.3)


@pytest.mark.parametrize("data", [{"id": "81"}, {"id": 81}, {"id": "81", "text": None}, {"id": "81", "new": {}}])
def test_a_post_is_made_if_its_id_can_be_read(rogue: RogueServer, rogue_account: XAccount, data: object) -> None:
    rogue.script = json_answer(201, {"data": data, "errors": [{"title": "By the way"}]})
    assert _post(rogue_account) == 81


def test_a_token_that_could_not_be_had_means_nothing_was_sent(rogue: RogueServer) -> None:
    def lost() -> str:
        raise UnknownOutcome("the exchange broke off")

    account = XAccount(lost, Clock(), base_url=rogue.url)
    with pytest.raises(NotSent, match="the exchange broke off"):
        _post(account)
    assert rogue.requests == []


class LeapingClock:
    """A machine clock that a test can move on."""

    def __init__(self) -> None:
        self.leapt = 0.0

    def wall(self) -> datetime:
        """The time of the wall."""
        return Clock.wall()

    def monotonic(self) -> float:
        """The machine's, moved on."""
        return Clock.monotonic() + self.leapt


def test_the_time_a_token_takes_is_taken_from_the_calls_own(rogue: RogueServer) -> None:
    """Otherwise a post could begin long after the one who asked for it counts it as over."""
    clock = LeapingClock()

    def slowly() -> str:
        clock.leapt += 6
        return "a-token-at-last"

    account = XAccount(slowly, clock, base_url=rogue.url)
    with pytest.raises(NotSent, match="deadline"):
        account.post(DRAFT, timeout=5)
    assert rogue.requests == []


NAMES = (
    *("data", "errors", "includes", "meta", "id", "text", "users", "polls", "tweets", "detail", "title", "type"),
    *("code", "message", "entities", "mentions", "urls", "attachments", "poll_ids", "options", "label", "votes"),
    *("next_token", "referenced_tweets", "public_metrics", "error", "deleted"),
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["1", "x"])
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)
BODIES = JSON.map(json.dumps) | st.text(max_size=20)

CALLS: list[Callable[[XAccount], object]] = [
    _post,
    lambda account: account.delete(5),
    lambda account: account.identity(),
    lambda account: account.own_posts(since_id=None, limit=50),
    lambda account: account.mentions(since_id=3, limit=50),
    lambda account: account.lookup([1, 2]),
]


@pytest.mark.parametrize("call", CALLS, ids=["post", "delete", "identity", "own_posts", "mentions", "lookup"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    status=st.sampled_from([200, 201, 204, 400, 403, 404, 429, 500]), body=JSON.map(json.dumps) | st.text(max_size=20)
)
def test_whatever_is_answered_nothing_but_our_own_errors_comes_out(
    rogue: RogueServer, rogue_account: XAccount, call: Callable[[XAccount], object], status: int, body: str
) -> None:
    rogue.script = raw_answer(status, body.encode("utf-8", "replace"))
    with contextlib.suppress(AccountError):
        call(rogue_account)


def test_no_secret_is_logged_or_said(
    rogue: RogueServer, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Even at DEBUG, and even if the service repeats what it was sent."""
    token = "bearer-token-to-be-kept"
    source: list[OAuth1Keys | Callable[[], str]] = [KEYS, lambda: token]
    for credentials in source:
        account = XAccount(credentials, Clock(), base_url=rogue.url, user_id=4711)
        with caplog.at_level(logging.DEBUG):
            said = []
            for status in (200, 400, 401, 403, 429, 500):
                echo = {"detail": f"You sent {token} and {' '.join(KEYS.secret_values())}"}
                rogue.script = json_answer(status, echo)
                with pytest.raises(AccountError) as caught:
                    account.post(DRAFT, timeout=1)
                said.append(f"{caught.value} {caught.value!r} {account!r}")
        shown = caplog.text + "".join(said) + "".join(capsys.readouterr())
        secrets = KEYS.secret_values() if isinstance(credentials, OAuth1Keys) else (token,)
        assert not [secret for secret in secrets if secret in shown]


def test_the_original_error_is_not_chained_for_it_may_quote_headers(
    rogue: RogueServer, rogue_account: XAccount
) -> None:
    error = _failure(rogue, rogue_account, 403, _problem(403, "No."))
    assert error.__suppress_context__
