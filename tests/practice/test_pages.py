"""The pages: what they show, what they let a person do, and what they never let another site do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
import tweepy  # type: ignore[import-untyped]

from reinforce.clock import Clock
from reinforce.practice.running import ControlFailed, PracticeThread

HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(2)>'


@pytest.fixture
def page(practice: PracticeThread) -> Callable[..., requests.Response]:
    """Fetches a page."""

    def get(path: str = "/", **headers: str) -> requests.Response:
        return requests.get(practice.url + path, headers=headers, timeout=10)

    return get


@pytest.fixture
def submit(practice: PracticeThread, page: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
    """Sends a form as a browser does, with the token of the page it stands on."""

    def post(path: str, *, headers: dict[str, str] | None = None, **form: str) -> requests.Response:
        found = re.search(r'name="form_token" value="([^"]+)"', page("/faults").text)
        assert found is not None
        form = {"form_token": found[1]} | form
        address = practice.url + path
        return requests.post(address, form, headers=headers, timeout=10, allow_redirects=False)

    return post


def test_every_page_says_that_it_is_a_rehearsal(
    page: Callable[..., requests.Response], client: tweepy.Client, person: Callable[..., Any]
) -> None:
    person()
    post = client.create_tweet(text="hello #lockout").data["id"]
    for path in ("/", f"/posts/{post}", "/u/acme_reinforce", "/u/kim_r", "/tag/lockout", "/faults", "/posts/1"):
        text = page(path).text
        assert "Rehearsal." in text
        assert "Nothing here leaves this machine" in text


def test_the_timeline_shows_posts_with_price_poll_and_counts(
    page: Callable[..., requests.Response], client: tweepy.Client, person: Callable[..., Any], clock: Clock
) -> None:
    first = client.create_tweet(text="See https://example.com/lockout and ask @kim_r").data["id"]
    kim = person()
    kim.post("got it", reply_to=first)
    client.create_tweet(text="Where do you stand?", poll_options=["Sure", "Not yet"], poll_duration_minutes=60)
    clock.step_to(clock.now() + timedelta(minutes=5))
    text = page().text
    assert "$0.20" in text
    assert "$0.015" in text
    assert 'href="https://example.com/lockout"' in text
    assert "0 votes" in text
    assert "open until 23 Nov 09:55 UTC" in text
    assert text.index("Where do you stand?") < text.index("and ask")
    assert "got it" not in text
    assert "5m" in text


def test_a_thread_shows_what_is_above_and_below(
    page: Callable[..., requests.Response], client: tweepy.Client, person: Callable[..., Any]
) -> None:
    first = client.create_tweet(text="Step 1").data["id"]
    second = client.create_tweet(text="Step 2", in_reply_to_tweet_id=first).data["id"]
    person().post("got it", reply_to=second)
    text = page(f"/posts/{second}").text
    assert text.index("Step 1") < text.index("Step 2") < text.index("got it")
    assert page("/posts/12345").status_code == 404
    assert page("/posts/x").status_code == 404
    assert page("/u/nobody").status_code == 404


def test_a_person_replies_as_any_learner(
    submit: Callable[..., requests.Response],
    client: tweepy.Client,
    person: Callable[..., Any],
    practice: PracticeThread,
) -> None:
    post = client.create_tweet(text="Which lock?").data["id"]
    person("kim_r")
    person("lee_c")
    answer = submit(f"/posts/{post}/reply", **{"as": "lee_c", "text": "mine\r\nand yours"})
    assert answer.status_code == 303
    last = practice.state()["posts"][-1]
    assert (last["author"], last["text"], last["source"]) == ("lee_c", "mine\nand yours", "page")
    assert answer.headers["location"] == f"/posts/{post}#p{last['id']}"
    mentions = client.get_users_mentions(practice.credentials["user_id"], user_auth=True)
    assert [str(tweet.id) for tweet in mentions.data] == [last["id"]]


def test_a_person_votes_once_and_likes_and_takes_it_back(
    submit: Callable[..., requests.Response],
    client: tweepy.Client,
    person: Callable[..., Any],
    practice: PracticeThread,
    clock: Clock,
) -> None:
    post = client.create_tweet(text="Sure?", poll_options=["Yes", "No"], poll_duration_minutes=60).data["id"]
    person()
    assert submit(f"/posts/{post}/vote", **{"as": "kim_r", "position": "2"}).status_code == 303
    assert submit(f"/posts/{post}/vote", **{"as": "kim_r", "position": "1"}).status_code == 400
    assert submit(f"/posts/{post}/vote", **{"as": "kim_r", "position": "9"}).status_code == 400
    assert submit(f"/posts/{post}/like", **{"as": "kim_r"}).status_code == 303
    assert submit(f"/posts/{post}/like", **{"as": "kim_r"}).status_code == 303
    state = practice.state()["posts"][0]
    assert [option["votes"] for option in state["poll"]] == [0, 1]
    assert state["metrics"]["like_count"] == 1
    submit(f"/posts/{post}/like", **{"as": "kim_r", "act": "unlike"})
    assert practice.state()["posts"][0]["metrics"]["like_count"] == 0
    person("lee_c")
    clock.step_to(clock.now() + timedelta(hours=1))
    assert submit(f"/posts/{post}/vote", **{"as": "lee_c", "position": "1"}).status_code == 400


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"form_token": "wrong"}, {}),
        ({"form_token": ""}, {}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Origin": "http://127.0.0.1:1"}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {"Sec-Fetch-Site": "same-site"}),
        ({"as": "acme_reinforce"}, {}),
        ({"as": "nobody"}, {}),
        ({"text": " "}, {}),
        ({"text": "a" * 281}, {}),
    ],
)
def test_a_form_from_elsewhere_or_out_of_order_does_nothing(
    submit: Callable[..., requests.Response],
    client: tweepy.Client,
    person: Callable[..., Any],
    practice: PracticeThread,
    form: dict[str, str],
    headers: dict[str, str],
) -> None:
    post = client.create_tweet(text="Which lock?").data["id"]
    person()
    answer = submit(f"/posts/{post}/reply", headers=headers, **{"as": "kim_r", "text": "mine"} | form)
    assert answer.status_code in (400, 403)
    assert "That was not done" in answer.text
    assert len(practice.state()["posts"]) == 1


def test_nothing_a_stranger_writes_becomes_markup(
    page: Callable[..., requests.Response],
    client: tweepy.Client,
    person: Callable[..., Any],
    practice: PracticeThread,
    submit: Callable[..., requests.Response],
) -> None:
    person("kim_r", name=HOSTILE[:50])
    practice.control("POST", "/account", {"name": HOSTILE[:50], "description": HOSTILE})
    post = client.create_tweet(text=HOSTILE, poll_options=["<b>bold</b>", "plain"], poll_duration_minutes=60).data["id"]
    submit(f"/posts/{post}/reply", **{"as": "kim_r", "text": HOSTILE})
    for path in ("/", f"/posts/{post}", "/u/kim_r", "/u/acme_reinforce", "/tag/%3Cscript%3E", f"/u/{HOSTILE}"):
        text = page(path).text
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "<b>" not in text
        assert "onerror=alert(2)>" not in text
    assert "&lt;script&gt;" in page(f"/posts/{post}").text


def test_links_are_only_made_of_web_addresses(page: Callable[..., requests.Response], client: tweepy.Client) -> None:
    client.create_tweet(text='javascript:alert(1) data:text/html,x http://example.com/"onmouseover=1')
    links = re.findall(r'<p class="text">.*?</p>', page().text, re.DOTALL)[0]
    assert re.findall(r'href="([^"]*)"', links) == ["http://example.com/"]


def test_the_policy_allows_nothing_inline_and_frames_from_loopback_only(
    page: Callable[..., requests.Response], client: tweepy.Client
) -> None:
    client.create_tweet(text="hello")
    answer = page()
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*" in policy
    assert "x-frame-options" not in answer.headers
    assert not re.search(r"<style|style=|<script(?! src=\"/assets/practice.js\")|\son[a-z]+=", answer.text)


def test_a_page_that_did_not_change_is_a_304(
    page: Callable[..., requests.Response], client: tweepy.Client, clock: Clock
) -> None:
    client.create_tweet(text="hello")
    tag = page().headers["etag"]
    assert page("/", **{"If-None-Match": tag}).status_code == 304
    client.create_tweet(text="hello again")
    assert page("/", **{"If-None-Match": tag}).status_code == 200


def test_a_long_timeline_goes_on_on_older_pages(page: Callable[..., requests.Response], client: tweepy.Client) -> None:
    for number in range(31):
        client.create_tweet(text=f"post {number}!")
    first = page().text
    assert "post 0!" not in first
    more = re.search(r'href="(/\?before=\d+)"', first)
    assert more is not None
    assert "post 0!" in page(more[1]).text
    assert page("/?before=nonsense").status_code == 200


def test_assets_are_served_and_nothing_beside_them(page: Callable[..., requests.Response]) -> None:
    assert page("/assets/practice.css").headers["content-type"].startswith("text/css")
    assert page("/assets/practice.js").headers["content-type"].startswith("text/javascript")
    assert page("/assets/icon.svg").headers["content-type"] == "image/svg+xml"
    for name in ("base.html", "..%2Fpractice.css", "nothing"):
        assert page(f"/assets/{name}").status_code == 404


def test_a_fault_is_switched_on_from_its_page_by_whoever_has_the_token(
    submit: Callable[..., requests.Response], practice: PracticeThread, client: tweepy.Client
) -> None:
    form = {"endpoint": "POST /2/tweets", "kind": "unavailable_before", "count": "1"}
    assert submit("/faults", **form, control_token="wrong").status_code == 400
    token = practice.credentials["control_token"]
    assert submit("/faults", **form, control_token=token).status_code == 303
    with pytest.raises(tweepy.TwitterServerError):
        client.create_tweet(text="hello")
    assert submit("/faults", control_token=token, act="clear").status_code == 303
    assert practice.control("GET", "/faults")["faults"] == []
    assert submit("/faults", control_token=token, endpoint="x", kind="slow").status_code == 400


def test_people_act_in_their_own_app_whatever_becomes_of_calls_to_the_api(
    practice: PracticeThread, client: tweepy.Client, person: Callable[..., Any]
) -> None:
    person()
    asked = client.create_tweet(text="Where?", poll_options=["Left", "Right"], poll_duration_minutes=5).data["id"]
    practice.fault("* /2/*", "unavailable_before", count=None)
    acts: list[dict[str, Any]] = [{"as": "kim_r", "text": "here", "reply_to": asked}]
    [written, nothing] = practice.control("POST", "/acts", [*acts, {"as": "kim_r", "post": asked, "vote": 2}])["posts"]
    posts = {post["id"]: post for post in practice.state()["posts"]}
    assert (posts[written]["author"], posts[written]["in_reply_to"]) == ("kim_r", asked)
    assert ([one["votes"] for one in posts[asked]["poll"]], nothing) == ([0, 1], None)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ({"text": "hello"}, "needs `as`"),
        ({"as": "nobody", "text": "hello"}, "nobody to act as"),
        ({"as": "acme_reinforce", "text": "hello"}, "nobody to act as"),
        ({"as": "kim_r"}, "needs a `text`"),
        ({"as": "kim_r", "text": "x" * 281}, "too long"),
        ({"as": "kim_r", "text": "hello", "reply_to": 5}, "id as a string"),
        ({"as": "kim_r", "text": "hello", "reply_to": "5"}, "act 2"),
        ({"as": "kim_r", "post": "5", "vote": 1}, "that of a poll"),
    ],
)
def test_acts_that_can_not_be_are_refused_as_a_whole(
    practice: PracticeThread, person: Callable[..., Any], act: dict[str, Any], words: str
) -> None:
    person()
    with pytest.raises(ControlFailed, match=words):
        practice.control("POST", "/acts", [{"as": "kim_r", "text": "first"}, act])
    assert practice.state()["posts"] == []
