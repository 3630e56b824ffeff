"""Our account on the practice account, through tweepy and HTTP, with every fault it can be asked for."""

from __future__ import annotations

import itertools
import json
import time
from datetime import timedelta

import pytest

from reinforce.accounts.base import (
    AccountError,
    BadCredentials,
    Draft,
    OutOfCredit,
    Poll,
    RefusalKind,
    Refused,
    Throttled,
    UnknownOutcome,
)
from reinforce.accounts.x import XAccount
from reinforce.clock import Clock
from reinforce.domain.accounts.credentials import OAuth1Keys
from reinforce.domain.texts.wording import same_text
from reinforce.practice.running import PracticeThread
from tests.accounts.conftest import Rehearsal
from tests.accounts.rogue_server import KEYS, RogueServer, Script, json_answer
from tests.pictures import png

_numbers = itertools.count(1)
POST, TIMELINE = "POST /2/tweets", "GET /2/users/*/tweets"


def _text() -> str:
    return f"Isolate the press before you reach in, number {next(_numbers)}."


def _say(rehearsal: Rehearsal, text: str = "", reply_to: int | None = None, seconds: float = 5) -> int:
    return rehearsal.account.post(Draft(text or _text(), reply_to=reply_to), timeout=seconds)


def _learner_says(rehearsal: Rehearsal, text: str) -> int:
    """A learner of the practice account posts `text` through an app of their own."""
    server = rehearsal.server
    handle = f"learner{next(_numbers)}"
    made = server.control("POST", "/people", [{"handle": handle, "name": "Ada Lovelace"}])
    token = made["people"][0]["token"]
    return XAccount(lambda: token, Clock(), base_url=server.url).post(Draft(text), timeout=5)


def test_what_is_posted_is_read_back_as_it_was(rehearsal: Rehearsal) -> None:
    text = _text() + " See A & B <now>."
    made = _say(rehearsal, text)
    answer = _say(rehearsal, reply_to=made)
    reading = rehearsal.account.own_posts(since_id=made - 1)
    assert reading.complete
    reply, first = reading.posts
    assert (first.id, first.in_reply_to, first.conversation_id, first.poll) == (made, None, made, None)
    assert (reply.id, reply.in_reply_to, reply.conversation_id) == (answer, made, made)
    assert first.author_id == rehearsal.account.identity().user_id
    assert abs(first.created_at - Clock.wall()) < timedelta(seconds=5)


def test_a_poll_is_read_back_with_its_options_in_order(rehearsal: Rehearsal) -> None:
    made = rehearsal.account.post(Draft(_text(), poll=Poll(("Valve", "Breaker", "Both"), 60)), timeout=5)
    (post,) = rehearsal.account.own_posts(since_id=made - 1).posts
    assert post.poll == (("Valve", 0), ("Breaker", 0), ("Both", 0))
    assert not post.poll_closed


def test_a_link_is_read_back_as_what_was_meant(rehearsal: Rehearsal) -> None:
    made = _say(rehearsal, _text() + " https://example.com/lockout")
    reading = rehearsal.account.own_posts(since_id=made - 1)
    assert reading.complete
    assert "https://example.com/lockout" in reading.posts[0].links.values()


def test_a_deleted_post_is_gone_and_deleting_it_again_says_so(rehearsal: Rehearsal) -> None:
    made = _say(rehearsal)
    assert rehearsal.account.delete(made)
    assert not rehearsal.account.delete(made)
    assert rehearsal.account.lookup([made]).posts == ()


def test_mentions_come_with_their_authors(rehearsal: Rehearsal) -> None:
    us = rehearsal.account.identity()
    said = _learner_says(rehearsal, f"@{us.handle} how lockout?")
    reading = rehearsal.account.mentions(since_id=said - 1)
    assert reading.complete
    (post,) = reading.posts
    assert (post.id, post.author_name) == (said, "Ada Lovelace")
    assert post.author_handle.startswith("learner")
    assert us.user_id in post.mentions


def test_a_search_finds_a_hashtag_and_a_conversation_page_by_page(rehearsal: Rehearsal) -> None:
    tag = f"session{next(_numbers)}"
    ours = _say(rehearsal)
    said = [_learner_says(rehearsal, f"{_text()} #{tag}") for _ in range(12)]
    us = rehearsal.account.identity()
    said.append(_learner_says(rehearsal, f"@{us.handle} and this? #{tag}"))
    query = f"#{tag} OR conversation_id:{ours}"
    first = rehearsal.account.search(query, since_id=ours, limit=10)
    assert not first.complete
    rest = rehearsal.account.search(query, since_id=ours, until_id=first.posts[-1].id, limit=10)
    assert rest.complete
    assert [post.id for post in (*first.posts, *rest.posts)] == said[::-1]
    assert [us.user_id in post.mentions for post in first.posts[:2]] == [True, False]
    assert rehearsal.account.search(query, since_id=ours).complete
    with pytest.raises(Refused, match="since_id"):
        rehearsal.account.search(query, since_id=1)
    with pytest.raises(ValueError, match="512"):
        rehearsal.account.search("x" * 513, since_id=ours)


def test_a_lookup_gives_counts_and_leaves_out_what_is_gone(rehearsal: Rehearsal) -> None:
    first, second = _say(rehearsal), _say(rehearsal)
    _say(rehearsal, reply_to=first)
    rehearsal.account.delete(second)
    reading = rehearsal.account.lookup([first, second])
    assert reading.complete
    assert [(post.id, post.metrics.replies) for post in reading.posts] == [(first, 1)]


def test_the_newer_names_of_xs_description_are_read_too(rehearsal: Rehearsal) -> None:
    rehearsal.server.control("POST", "/rules", {"new_names": True})
    try:
        first = _say(rehearsal)
        second = rehearsal.account.post(Draft(_text(), reply_to=first, poll=Poll(("a", "b"), 5)), timeout=5)
        (post,) = rehearsal.account.own_posts(since_id=first).posts
    finally:
        rehearsal.server.control("POST", "/rules", {"new_names": False})
    assert (post.id, post.in_reply_to, post.poll) == (second, first, (("a", 0), ("b", 0)))


def test_limits_and_clock_are_read_from_the_headers(rehearsal: Rehearsal) -> None:
    _say(rehearsal)
    rehearsal.account.own_posts(since_id=None, limit=5)
    limits = {limit.endpoint: limit for limit in rehearsal.account.limits()}
    assert 0 <= limits["POST /2/tweets"].remaining < limits["POST /2/tweets"].limit == 100
    assert limits["GET /2/users/:id/tweets"].limit == 900
    assert rehearsal.account.clock_skew() == pytest.approx(0, abs=2)


def test_oauth_2_tokens_reach_the_same_account(rehearsal: Rehearsal) -> None:
    token = rehearsal.server.credentials["oauth2"]["access_token"]
    account = XAccount(lambda: token, Clock(), base_url=rehearsal.server.url)
    made = account.post(Draft(_text()), timeout=5)
    assert account.identity() == rehearsal.account.identity()
    assert account.own_posts(since_id=made - 1).posts[0].id == made


def test_keys_that_are_not_ours_are_refused(rehearsal: Rehearsal) -> None:
    for credentials in (KEYS, lambda: "no-such-token"):
        with pytest.raises(BadCredentials):
            XAccount(credentials, Clock(), base_url=rehearsal.server.url).identity()


def test_the_same_text_again_is_a_duplicate(rehearsal: Rehearsal) -> None:
    text = _text()
    _say(rehearsal, text)
    with pytest.raises(Refused) as caught:
        _say(rehearsal, text)
    assert caught.value.kind is RefusalKind.DUPLICATE


def test_a_reply_to_somebody_who_did_not_mention_us_breaks_the_reply_rule(rehearsal: Rehearsal) -> None:
    said = _learner_says(rehearsal, "just talking")
    with pytest.raises(Refused) as caught:
        _say(rehearsal, reply_to=said)
    assert caught.value.kind is RefusalKind.REPLY_RULE


def test_a_reply_to_a_post_that_is_gone_says_so(rehearsal: Rehearsal) -> None:
    made = _say(rehearsal)
    rehearsal.account.delete(made)
    with pytest.raises(Refused) as caught:
        _say(rehearsal, reply_to=made)
    assert caught.value.kind is RefusalKind.GONE


def test_a_text_that_is_too_long_is_invalid(rehearsal: Rehearsal) -> None:
    with pytest.raises(Refused, match="too long") as caught:
        _say(rehearsal, "a" * 281)
    assert caught.value.kind is RefusalKind.INVALID


# kind of fault, what comes out of a post, and whether the post stands afterwards
POSTING_FAULTS = [
    ("timeout_after", {}, UnknownOutcome, True),
    ("timeout_before", {}, UnknownOutcome, False),
    ("unavailable_after", {}, UnknownOutcome, True),
    ("unavailable_before", {}, UnknownOutcome, False),
    ("throttled", {"seconds": 60}, Throttled, False),
    ("throttled_no_reset", {}, Throttled, False),
    ("throttled_bad_reset", {}, Throttled, False),
    ("html_ok", {}, UnknownOutcome, False),
    ("html_bad_gateway", {}, UnknownOutcome, False),
    ("cut_off_json", {}, UnknownOutcome, True),
    ("cut_off_body", {}, UnknownOutcome, True),
    ("empty_list", {}, UnknownOutcome, False),
    ("empty_list", {"status": 403}, UnknownOutcome, False),
    ("null_body", {"status": 400}, UnknownOutcome, False),
    ("null_errors", {"status": 404}, UnknownOutcome, False),
    ("reset_before", {}, UnknownOutcome, False),
    ("reset_after", {}, UnknownOutcome, True),
    ("unauthorized", {}, BadCredentials, False),
    ("out_of_credit", {}, OutOfCredit, False),
    ("suspended", {}, BadCredentials, False),
    ("duplicate", {}, Refused, False),
    ("server_errors", {"seed": 3, "count": 1}, UnknownOutcome, None),
]


@pytest.mark.parametrize(("kind", "more", "expected", "stands"), POSTING_FAULTS)
def test_every_fault_of_a_post_has_its_error_and_is_sent_once(
    rehearsal: Rehearsal, kind: str, more: dict[str, object], expected: type[AccountError], stands: bool | None
) -> None:
    text = _text()
    rehearsal.fault(POST, kind, **more)
    with pytest.raises(AccountError) as caught:
        _say(rehearsal, text, seconds=0.6 if kind.startswith("timeout") else 5)
    assert type(caught.value) is expected
    count = rehearsal.posted().count(text)
    assert count <= 1 if stands is None else count == int(stands)


READING_FAULTS = [
    ("timeout_before", {}, UnknownOutcome),
    ("unavailable_before", {}, UnknownOutcome),
    ("throttled", {"seconds": 60}, Throttled),
    ("throttled_bad_reset", {}, Throttled),
    ("html_ok", {}, UnknownOutcome),
    ("html_bad_gateway", {}, UnknownOutcome),
    ("cut_off_json", {}, UnknownOutcome),
    ("cut_off_body", {}, UnknownOutcome),
    ("empty_list", {"status": 200}, UnknownOutcome),
    ("null_body", {"status": 200}, UnknownOutcome),
    ("null_errors", {"status": 200}, UnknownOutcome),
    ("reset_before", {}, UnknownOutcome),
    ("unauthorized", {}, BadCredentials),
    ("out_of_credit", {}, OutOfCredit),
    ("suspended", {}, BadCredentials),
]


@pytest.mark.parametrize(("kind", "more", "expected"), READING_FAULTS)
def test_every_fault_of_a_reading_has_its_error(
    rehearsal: Rehearsal, kind: str, more: dict[str, object], expected: type[AccountError]
) -> None:
    us = rehearsal.account.identity().user_id
    hasty = XAccount(
        lambda: rehearsal.server.credentials["oauth2"]["access_token"],
        Clock(),
        base_url=rehearsal.server.url,
        user_id=us,
        read_seconds=0.6 if kind.startswith("timeout") else 5,
    )
    rehearsal.fault("GET /2/*", kind, **more)
    with pytest.raises(AccountError) as caught:
        hasty.own_posts(since_id=None)
    assert type(caught.value) is expected


def test_a_throttled_post_names_the_services_own_time(rehearsal: Rehearsal) -> None:
    rehearsal.fault(POST, "throttled", seconds=60)
    with pytest.raises(Throttled) as caught:
        _say(rehearsal)
    assert abs(caught.value.until - Clock.wall() - timedelta(seconds=60)) < timedelta(seconds=3)


def test_a_slow_answer_within_the_deadline_is_waited_for(rehearsal: Rehearsal) -> None:
    rehearsal.fault(POST, "slow", seconds=0.3)
    started = time.monotonic()
    assert _say(rehearsal) > 0
    assert time.monotonic() - started >= 0.3


def test_a_slow_answer_beyond_the_deadline_is_not(rehearsal: Rehearsal) -> None:
    rehearsal.fault(POST, "slow", seconds=5)
    started = time.monotonic()
    with pytest.raises(UnknownOutcome):
        _say(rehearsal, seconds=0.3)
    assert time.monotonic() - started < 3


def test_a_post_that_lands_after_its_connection_broke_is_found_on_the_timeline(rehearsal: Rehearsal) -> None:
    text = _text()
    rehearsal.fault(POST, "lands_late", seconds=0.3)
    with pytest.raises(UnknownOutcome):
        _say(rehearsal, text)
    assert text not in rehearsal.posted()
    end = time.monotonic() + 5
    while text not in rehearsal.posted():
        assert time.monotonic() < end


@pytest.fixture(scope="module")
def more_than_a_page(practice_server: PracticeThread) -> list[int]:
    """Ids of 105 posts of ours, oldest first: X gives 100 a page."""
    practice_server.control("POST", "/rules", {"limits": {"POST /2/tweets": 1000}})
    keys = OAuth1Keys(**practice_server.credentials["oauth1"])
    account = XAccount(keys, Clock(), base_url=practice_server.url)
    return [account.post(Draft(_text()), timeout=5) for _ in range(105)]


@pytest.mark.parametrize("shift", [3, -3])
def test_pages_that_shift_while_they_are_read_lose_nothing_and_double_nothing(
    rehearsal: Rehearsal, more_than_a_page: list[int], shift: int
) -> None:
    """Because each page is asked for by id, not by token."""
    rehearsal.fault(TIMELINE, "shifting_pages", shift=shift, count=None)
    reading = rehearsal.account.own_posts(since_id=more_than_a_page[0] - 1)
    assert reading.complete
    assert {post.id for post in reading.posts} >= set(more_than_a_page)
    assert len({post.id for post in reading.posts}) == len(reading.posts)


class Timeline:
    """A rogue server's timeline: posts by falling id, `size` a page; `meddle` changes what a page would hold."""

    def __init__(self, newest: int, size: int = 5, *, keeps_to_ids: bool = True) -> None:
        self.ids = list(range(newest, 0, -1))
        self.size = size
        self.keeps_to_ids = keeps_to_ids
        self.asked: list[str] = []

    def __call__(self) -> Script:
        def script(connection: object, request: bytes) -> None:
            address = request.split(b" ")[1].decode()
            self.asked.append(address)
            asked = dict(part.split("=") for part in address.partition("?")[2].split("&"))
            below = int(asked.get("until_id", 10**9)) if self.keeps_to_ids else 10**9
            above = int(asked.get("since_id", 0))
            fitting = [post_id for post_id in self.ids if above < post_id < below]
            page = [{"id": str(post_id), "text": f"post {post_id}", "author_id": "4711"} for post_id in fitting]
            meta = {"next_token": "more"} if len(fitting) > self.size else {}
            answer = {"data": page[: self.size], "meta": {"result_count": len(page[: self.size]), **meta}}
            json_answer(200, answer)(connection, request)  # type: ignore[arg-type]

        return script


def test_a_feed_of_many_pages_is_read_to_its_end(rogue: RogueServer, rogue_account: XAccount) -> None:
    timeline = Timeline(42)
    rogue.script = timeline()
    reading = rogue_account.own_posts(since_id=4)
    assert [post.id for post in reading.posts] == list(range(42, 4, -1))
    assert reading.complete
    assert len(timeline.asked) == 8


def test_a_feed_that_is_longer_than_was_asked_for_is_not_complete(rogue: RogueServer, rogue_account: XAccount) -> None:
    rogue.script = Timeline(42)()
    reading = rogue_account.own_posts(since_id=4, limit=12)
    assert [post.id for post in reading.posts] == list(range(42, 30, -1))
    assert not reading.complete


def test_a_feed_that_ends_at_xs_reach_is_not_complete(rogue: RogueServer, rogue_account: XAccount) -> None:
    """X just ends after 800 mentions, whether or not it came down to the id that was asked for."""
    rogue.script = Timeline(800, size=100)()
    assert not rogue_account.mentions(since_id=None).complete
    rogue.script = Timeline(799, size=100)()
    assert rogue_account.mentions(since_id=None).complete


def test_a_service_that_passes_over_until_id_makes_no_complete_reading(
    rogue: RogueServer, rogue_account: XAccount
) -> None:
    rogue.script = Timeline(42, keeps_to_ids=False)()
    reading = rogue_account.own_posts(since_id=None, limit=100)
    assert not reading.complete
    assert rogue.connections < 50


@pytest.mark.parametrize(
    "post",
    [
        {"id": "9"},
        {"text": "no id"},
        None,
        {"id": "9", "text": "a poll that did not come along", "attachments": {"poll_ids": ["5"]}},
        {"id": "9", "text": "a link nobody explains https://t.co/abc"},
    ],
)
def test_a_post_of_ours_that_can_not_be_compared_makes_the_reading_incomplete(
    rogue: RogueServer, rogue_account: XAccount, post: object
) -> None:
    rogue.script = json_answer(200, {"data": [post], "meta": {"result_count": 1}})
    assert not rogue_account.own_posts(since_id=None).complete


def test_a_mention_whose_link_nobody_explains_does_not_stop_the_reading_of_mentions(
    rogue: RogueServer, rogue_account: XAccount
) -> None:
    rogue.script = json_answer(200, {"data": [{"id": "9", "text": "look https://t.co/abc"}], "meta": {}})
    assert rogue_account.mentions(since_id=None).complete


def test_an_error_beside_posts_does_no_harm(rogue: RogueServer, rogue_account: XAccount) -> None:
    content = {
        "data": [{"id": "9", "text": "kept"}],
        "meta": {"result_count": 1},
        "errors": [{"type": "https://api.x.com/2/problems/resource-not-found", "value": "12"}],
    }
    rogue.script = json_answer(200, content)
    reading = rogue_account.mentions(since_id=None)
    assert ([post.text for post in reading.posts], reading.complete) == (["kept"], True)


def test_errors_in_the_place_of_a_feed_are_no_empty_feed(rogue: RogueServer, rogue_account: XAccount) -> None:
    """An empty reading would be taken as proof that a post is not there."""
    error = {"type": "https://api.x.com/2/problems/resource-not-found", "value": "4711", "title": "Not Found Error"}
    answers: list[object] = [{"errors": [error]}, {"errors": [{"title": "Oh"}]}, {}, {"data": {}}, []]
    for content in answers:
        rogue.script = json_answer(200, content)
        with pytest.raises(UnknownOutcome):
            rogue_account.own_posts(since_id=None)


def test_a_feed_that_counts_posts_it_does_not_send_is_not_complete(rogue: RogueServer, rogue_account: XAccount) -> None:
    rogue.script = json_answer(200, {"meta": {"result_count": 1}})
    assert not rogue_account.own_posts(since_id=None).complete


def test_an_empty_feed_is_read_as_one(rogue: RogueServer, rogue_account: XAccount) -> None:
    rogue.script = json_answer(200, {"meta": {"result_count": 0}})
    reading = rogue_account.own_posts(since_id=None)
    assert (reading.posts, reading.complete) == ((), True)


def test_a_time_that_is_missing_is_read_from_the_id(rogue: RogueServer, rogue_account: XAccount) -> None:
    """The example of X's own documentation of its ids."""
    rogue.script = json_answer(200, {"data": [{"id": "1541815603606036480", "text": "x"}], "meta": {}})
    (post,) = rogue_account.mentions(since_id=None).posts
    assert post.created_at.isoformat(timespec="milliseconds") == "2022-06-28T16:07:40.105+00:00"


def test_what_is_sent_is_what_x_describes(rogue: RogueServer, rogue_account: XAccount) -> None:
    rogue.script = json_answer(201, {"data": {"id": "1"}})
    rogue_account.post(Draft("Grüße 👷", reply_to=2**62, poll=Poll(("a", "b"), 30)), timeout=1)
    head, _, body = rogue.requests[0].partition(b"\r\n\r\n")
    assert json.loads(body) == {
        "text": "Grüße 👷",
        "reply": {"in_reply_to_tweet_id": str(2**62)},
        "poll": {"options": ["a", "b"], "duration_minutes": 30},
    }
    assert head.startswith(b"POST /2/tweets HTTP/1.1")
    assert b"Host: 127.0.0.1" in head
    assert b"Authorization: OAuth " in head


def test_a_picture_is_handed_over_described_and_posted_and_its_link_is_none_of_ours(rehearsal: Rehearsal) -> None:
    uploaded = rehearsal.account.upload(png(), timeout=5)
    assert uploaded.good_for == 86_400
    rehearsal.account.describe(uploaded.media_id, "A red square")
    text = _text()
    made = rehearsal.account.post(Draft(text, media_ids=(uploaded.media_id,)), timeout=5)
    [post] = rehearsal.account.own_posts(since_id=made - 1).posts
    assert post.text.startswith(f"{text} https://t.co/")
    assert same_text(text, post.text, post.links)


@pytest.mark.parametrize("kind", ["unavailable_before", "cut_off_json", "html_ok"])
def test_an_upload_that_is_not_answered_well_is_in_doubt(rehearsal: Rehearsal, kind: str) -> None:
    rehearsal.server.fault("POST /2/media/upload", kind)
    with pytest.raises(UnknownOutcome):
        rehearsal.account.upload(png(), timeout=5)


def test_what_is_no_picture_is_refused_with_words(rehearsal: Rehearsal) -> None:
    with pytest.raises(Refused, match="media type unrecognized") as caught:
        rehearsal.account.upload(b"no picture", timeout=5)
    assert caught.value.kind is RefusalKind.INVALID
