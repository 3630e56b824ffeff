"""Each fault as a client meets it, and whether the post was made all the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import tweepy  # type: ignore[import-untyped]

from reinforce.practice.faults import KINDS, Faults
from reinforce.practice.running import ControlFailed, PracticeThread

CREATE = "POST /2/tweets"
Connect = Callable[..., tweepy.Client]


def give_up_after(client: tweepy.Client, seconds: float) -> None:
    for adapter in client.session.adapters.values():
        adapter.timeout = seconds


def made(practice: PracticeThread, text: str = "hello") -> int:
    return int(practice.state()["texts"].get(text, 0))


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize(
    ("kind", "error", "there"),
    [
        ("timeout_after", requests.ReadTimeout, 1),
        ("timeout_before", requests.ReadTimeout, 0),
        ("unavailable_after", tweepy.TwitterServerError, 1),
        ("unavailable_before", tweepy.TwitterServerError, 0),
        ("throttled", tweepy.TooManyRequests, 0),
        ("throttled_no_reset", tweepy.TooManyRequests, 0),
        ("throttled_bad_reset", ValueError, 0),
        ("html_ok", requests.JSONDecodeError, 0),
        ("html_bad_gateway", tweepy.TwitterServerError, 0),
        ("cut_off_json", requests.JSONDecodeError, 1),
        ("cut_off_body", requests.exceptions.ChunkedEncodingError, 1),
        ("empty_list", AttributeError, 0),
        ("null_body", AttributeError, 0),
        ("null_errors", TypeError, 0),
        ("reset_before", requests.ConnectionError, 0),
        ("reset_after", requests.ConnectionError, 1),
        ("unauthorized", tweepy.Unauthorized, 0),
        ("out_of_credit", tweepy.HTTPException, 0),
        ("suspended", tweepy.Forbidden, 0),
        ("duplicate", tweepy.Forbidden, 0),
        ("server_errors", tweepy.TwitterServerError, None),
    ],
)
def test_a_fault_is_met_once_and_then_all_is_well(
    standing_client: tweepy.Client, standing: PracticeThread, kind: str, error: type[Exception], there: int | None
) -> None:
    standing.fault(CREATE, kind)
    give_up_after(standing_client, 0.4 if kind.startswith("timeout") else 10)
    with pytest.raises(error):
        standing_client.create_tweet(text=f"hello {kind}")
    give_up_after(standing_client, 10)
    # After a time-out the post may still be on its way into the storage.
    assert there is None or eventually(lambda: made(standing, f"hello {kind}") == there)
    standing_client.create_tweet(text=f"a second try after {kind}")
    assert standing.control("GET", "/faults")["faults"][-1]["fired"] == 1


def test_every_kind_of_fault_is_tested() -> None:
    tested = {parameter[0] for parameter in test_a_fault_is_met_once_and_then_all_is_well.pytestmark[0].args[1]}
    assert tested | {"slow", "lands_late", "lagging_timeline", "shifting_pages"} == KINDS.keys()


@pytest.mark.parametrize(
    "kind", ["html_ok", "html_bad_gateway", "empty_list", "null_body", "throttled", "unauthorized"]
)
def test_a_fault_can_let_the_call_take_effect_first(
    standing_client: tweepy.Client, standing: PracticeThread, kind: str
) -> None:
    standing.fault(CREATE, kind, after=True)
    with pytest.raises((tweepy.TweepyException, requests.RequestException, AttributeError)):
        standing_client.create_tweet(text=f"first {kind}")
    assert made(standing, f"first {kind}") == 1


def test_a_throttled_answer_has_the_reset_that_was_asked_for(client: tweepy.Client, practice: PracticeThread) -> None:
    practice.fault(CREATE, "throttled", seconds=5)
    with pytest.raises(tweepy.TooManyRequests) as refused:
        client.create_tweet(text="hello")
    assert 3 <= refused.value.reset_time - time.time() <= 6  # noqa: TID251
    practice.fault(CREATE, "throttled_no_reset")
    with pytest.raises(tweepy.TooManyRequests) as refused:
        client.create_tweet(text="hello")
    assert refused.value.reset_time is None


def test_a_slow_answer_comes_late_and_is_right(client: tweepy.Client, practice: PracticeThread) -> None:
    practice.fault(CREATE, "slow", seconds=0.3)
    begin = time.monotonic()
    assert client.create_tweet(text="hello").data["text"] == "hello"
    assert time.monotonic() - begin >= 0.3


def test_a_post_can_land_after_its_connection_was_dropped(client: tweepy.Client, practice: PracticeThread) -> None:
    practice.fault(CREATE, "lands_late", seconds=0.4)
    with pytest.raises(requests.ConnectionError):
        client.create_tweet(text="hello")
    assert made(practice) == 0
    assert eventually(lambda: made(practice) == 1)


def test_a_lagging_timeline_shows_a_post_only_later(client: tweepy.Client, practice: PracticeThread) -> None:
    user = practice.credentials["user_id"]
    practice.fault("GET /2/users/*/tweets", "lagging_timeline", seconds=0.6, count=None)
    post = client.create_tweet(text="hello").data["id"]
    assert client.get_users_tweets(user, user_auth=True).data is None
    assert [str(tweet.id) for tweet in client.get_tweets([post], user_auth=True).data] == [post]
    assert eventually(lambda: client.get_users_tweets(user, user_auth=True).data is not None)


@pytest.mark.parametrize(("shift", "texts"), [(1, 13), (-1, 11)])
def test_pages_shift_while_they_are_read(
    client: tweepy.Client, practice: PracticeThread, shift: int, texts: int
) -> None:
    user = practice.credentials["user_id"]
    for number in range(13):
        client.create_tweet(text=f"post {number}")
    practice.fault("GET /2/users/*/tweets", "shifting_pages", shift=shift, count=None)
    pages = tweepy.Paginator(client.get_users_tweets, user, max_results=5, user_auth=True)
    read = [tweet.text for page in pages for tweet in page.data]
    assert len(set(read)) == texts
    assert len(read) > texts if shift > 0 else len(read) == texts


def test_a_fault_passes_some_calls_first_and_hits_so_many(client: tweepy.Client, practice: PracticeThread) -> None:
    practice.fault(CREATE, "unavailable_before", skip=1, count=2)
    outcomes = []
    for number in range(5):
        try:
            client.create_tweet(text=f"post {number}")
            outcomes.append("made")
        except tweepy.TwitterServerError:
            outcomes.append("503")
    assert outcomes == ["made", "503", "503", "made", "made"]


def test_two_faults_hit_one_call_after_the_other(client: tweepy.Client, practice: PracticeThread) -> None:
    practice.fault(CREATE, "unavailable_before")
    practice.fault(CREATE, "unauthorized")
    with pytest.raises(tweepy.TwitterServerError):
        client.create_tweet(text="hello")
    with pytest.raises(tweepy.Unauthorized):
        client.create_tweet(text="hello")
    client.create_tweet(text="hello")


def test_a_fault_hits_only_the_calls_it_is_for(client: tweepy.Client, practice: PracticeThread) -> None:
    practice.fault("GET /2/users/*/mentions", "unavailable_before", count=None)
    client.create_tweet(text="hello")
    client.get_users_tweets(practice.credentials["user_id"], user_auth=True)
    with pytest.raises(tweepy.TwitterServerError):
        client.get_users_mentions(practice.credentials["user_id"], user_auth=True)
    assert requests.get(practice.url + "/", timeout=10).status_code == 200


def drawn(seed: int) -> list[bool]:
    faults = Faults()
    faults.add({"endpoint": CREATE, "kind": "reset_after", "probability": 0.3, "seed": seed})
    return [faults.draw("POST", "/2/tweets")[0] is not None for _ in range(200)]


def test_chance_is_drawn_from_the_seed() -> None:
    assert drawn(1) == drawn(1) != drawn(2)
    assert 30 < sum(drawn(1)) < 90


def test_faults_are_listed_and_switched_off_one_by_one_or_all(practice: PracticeThread) -> None:
    first = practice.fault(CREATE, "slow")
    practice.fault("* /2/*", "unauthorized", count=3)
    listed = practice.control("GET", "/faults")
    assert [fault["kind"] for fault in listed["faults"]] == ["slow", "unauthorized"]
    assert listed["kinds"].keys() == KINDS.keys()
    assert practice.control("DELETE", f"/faults/{first['id']}") == {"cleared": 1}
    assert practice.control("DELETE", "/faults") == {"cleared": 1}
    assert practice.control("GET", "/faults")["faults"] == []


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "gremlins"},
        {"kind": "slow", "seconds": "long"},
        {"kind": "slow", "endpoint": "everything"},
        {"kind": "slow", "colour": "blue"},
        {"kind": "null_body", "status": 42},
        {"kind": "slow", "count": True},
        [],
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(standing: PracticeThread, asked: Any) -> None:
    with pytest.raises(ControlFailed, match="400"):
        standing.control("POST", "/faults", asked)


def test_a_client_that_hangs_up_leaves_nothing_behind(client: tweepy.Client, practice: PracticeThread) -> None:
    """A held connection ends with its client, so that the server stops in good time."""
    practice.fault(CREATE, "timeout_before", seconds=60)
    give_up_after(client, 0.4)
    with pytest.raises(requests.ReadTimeout):
        client.create_tweet(text="hello")
    client.session.close()
    begin = time.monotonic()
    practice.stop()
    assert time.monotonic() - begin < 5
