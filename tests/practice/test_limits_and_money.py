"""Rate limits as headers and 429s, the price of each call, and what happens when the month's credit is spent."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests
import tweepy  # type: ignore[import-untyped]

from reinforce.clock import Clock
from reinforce.practice.auth import ALL_SCOPES, Caller
from reinforce.practice.endpoints import CREATE, LIKING, MENTIONS, USAGE
from reinforce.practice.limits import Limiter
from reinforce.practice.running import PracticeThread

Ask = Callable[..., requests.Response]

USER = Caller("user", 1, ALL_SCOPES, "OAuth 1.0a User Context")
APP = Caller("app", None, ALL_SCOPES, "OAuth 2.0 Application-Only")
PERSON = Caller("person", 2, ALL_SCOPES, "OAuth 2.0 User Context")


def test_every_answer_says_what_is_left(ask: Ask, practice: PracticeThread) -> None:
    first, second = (ask("GET", "/2/users/me") for _ in range(2))
    assert first.headers["x-rate-limit-limit"] == "75"
    assert [answer.headers["x-rate-limit-remaining"] for answer in (first, second)] == ["74", "73"]
    # The reset is machine time, whatever programme time is.
    assert 880 < int(first.headers["x-rate-limit-reset"]) - time.time() <= 901  # noqa: TID251
    refused = ask("GET", "/2/users/x/mentions")
    assert (refused.status_code, refused.headers["x-rate-limit-remaining"]) == (400, "299")


def test_the_date_header_is_machine_time(ask: Ask) -> None:
    said = parsedate_to_datetime(ask("GET", "/2/users/me").headers["date"]).timestamp()
    assert abs(said - time.time()) < 5  # noqa: TID251


def test_one_call_too_many_is_a_429_with_the_reset(client: tweepy.Client, practice: PracticeThread) -> None:
    practice.control("POST", "/rules", {"limits": {"POST /2/tweets": 2}})
    client.create_tweet(text="one")
    client.create_tweet(text="two")
    with pytest.raises(tweepy.TooManyRequests) as refused:
        client.create_tweet(text="three")
    response = refused.value.response
    assert response.json()["title"] == "Too Many Requests"
    assert response.headers["x-rate-limit-remaining"] == "0"
    assert refused.value.reset_time == int(response.headers["x-rate-limit-reset"])
    practice.control("POST", "/limits/reset")
    client.create_tweet(text="three")
    assert practice.state()["texts"] == {"one": 1, "two": 1, "three": 1}


def test_windows_of_user_and_app_are_counted_apart() -> None:
    limiter = Limiter()

    def take(caller: Caller, wall: float = 0.0) -> Any:
        return limiter.take(MENTIONS, caller, wall, {})

    for _ in range(300):
        assert not take(USER).exceeded
    assert take(USER).exceeded
    assert take(USER).reset == 900
    standing = take(APP)
    # The calls that the user was refused were counted by the app too.
    assert (standing.limit, standing.exceeded) == (450, False)
    assert not take(USER, 900.0).exceeded
    assert take(PERSON) is None


def test_the_app_as_a_whole_may_post_so_often_a_day() -> None:
    limiter = Limiter()
    callers = [Caller("user", number, ALL_SCOPES, "") for number in range(101)]
    standings = [limiter.take(CREATE, caller, 0.0, {}) for caller in callers for _ in range(100)]
    assert sum(standing is not None and standing.exceeded for standing in standings) == 100
    last = standings[-1]
    assert last is not None
    assert last.reset == 86_400
    assert last.headers()["x-app-limit-24hour-remaining"] == "0"


@pytest.mark.parametrize(("endpoint", "caller", "limit"), [(LIKING, USER, 75), (USAGE, APP, 50)])
def test_limits_are_those_of_the_table(endpoint: Any, caller: Caller, limit: int) -> None:
    standing = Limiter().take(endpoint, caller, 0.0, {})
    assert standing is not None
    assert standing.limit == limit


def test_each_call_has_its_price(client: tweepy.Client, practice: PracticeThread, person: Callable[..., Any]) -> None:
    user = practice.credentials["user_id"]
    post = client.create_tweet(text="plain").data["id"]
    client.create_tweet(text="with a link example.com")
    client.create_tweet(text="a thread", in_reply_to_tweet_id=post)
    reply = person().post("got it", reply_to=post)
    client.create_tweet(text="an answer", in_reply_to_tweet_id=reply)
    posts = {entry["text"]: entry["cost"] for entry in practice.state()["posts"]}
    assert posts == {"plain": 15_000, "with a link example.com": 200_000, "a thread": 15_000, "got it": 0,
                     "an answer": 10_000}  # fmt: skip
    client.get_users_tweets(user, user_auth=True)
    client.get_users_mentions(user, user_auth=True)
    client.search_recent_tweets("got", user_auth=True)
    calls = {name: entry["cost"] for name, entry in practice.state()["calls"].items()}
    assert calls == {
        "POST /2/tweets": 240_000,
        "GET /2/users/:id/tweets": 4_000,
        "GET /2/users/:id/mentions": 1_000,
        "GET /2/tweets/search/recent": 5_000,
    }
    assert practice.state()["spent"] == 250_000


def test_out_of_credit_is_a_402_until_the_next_month(
    client: tweepy.Client, practice: PracticeThread, clock: Clock, ask: Ask
) -> None:
    practice.control("POST", "/rules", {"monthly_credit": 30_000})
    client.create_tweet(text="one")
    client.create_tweet(text="two")
    refused = ask("POST", "/2/tweets", {"text": "three"})
    assert (refused.status_code, refused.json()["title"]) == (402, "CreditsDepleted")
    with pytest.raises(tweepy.HTTPException, match="402"):
        client.get_users_tweets(practice.credentials["user_id"], user_auth=True)
    clock.step_to(clock.now() + timedelta(days=8))
    client.create_tweet(text="three")


def test_usage_is_reported_by_day(client: tweepy.Client, practice: PracticeThread, ask: Ask, clock: Clock) -> None:
    user = practice.credentials["user_id"]
    client.create_tweet(text="one")
    client.get_users_tweets(user, user_auth=True)
    clock.step_to(clock.now() + timedelta(days=1))
    client.get_users_tweets(user, user_auth=True)
    bearer = practice.credentials["bearer"]
    fields = {"usage.fields": "daily_project_usage,daily_client_app_usage"}
    data = ask("GET", "/2/usage/tweets", token=bearer, days="7", **fields).json()["data"]
    assert data["project_usage"] == 2
    assert data["cap_reset_day"] == 7
    assert [(day["date"], day["usage"]) for day in data["daily_project_usage"]["usage"]] == [
        ("2026-11-23T00:00:00.000Z", 1),
        ("2026-11-24T00:00:00.000Z", 1),
    ]
