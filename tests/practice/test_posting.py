"""What X lets an account post (2026), seen through tweepy and plain HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
import tweepy  # type: ignore[import-untyped]

from reinforce.clock import Clock
from reinforce.practice.running import PracticeThread

DUPLICATE = {
    "detail": "You are not allowed to create a Tweet with duplicate content.",
    "title": "Forbidden",
    "status": 403,
    "type": "about:blank",
}
REPLY_RULE = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the "
    "author of the post you are replying to."
)
QUOTE_RULE = "You can only reply to or quote posts where you are mentioned or are the author."

Ask = Callable[..., requests.Response]
Persons = Callable[..., Any]


def made(answer: Any) -> str:
    return str(answer.data["id"])


def test_a_post_is_made_and_stands_on_the_timeline(client: tweepy.Client, practice: PracticeThread) -> None:
    post = client.create_tweet(text="Lock it, tag it, try it.")
    assert practice.state()["texts"] == {"Lock it, tag it, try it.": 1}
    read = client.get_users_tweets(practice.credentials["user_id"], user_auth=True)
    assert [tweet.id for tweet in read.data] == [int(made(post))]


def test_ids_are_snowflakes_of_programme_time_and_only_grow(client: tweepy.Client, clock: Clock) -> None:
    ids = [int(made(client.create_tweet(text=f"post {number}"))) for number in range(3)]
    clock.step_to(clock.now() + timedelta(hours=1))
    ids.append(int(made(client.create_tweet(text="an hour later"))))
    clock.step_to(clock.now() - timedelta(days=1))
    ids.append(int(made(client.create_tweet(text="the clock was set back"))))
    assert ids == sorted(set(ids))
    assert (ids[3] >> 22) - (ids[2] >> 22) == 3_600_000
    assert (ids[0] >> 22) + 1_288_834_974_657 == 1_795_424_100_000  # 2026-11-23T08:55Z


@pytest.mark.parametrize("text", ["a" * 281, "漢" * 141, "https://example.com/" + "a" * 100 + " " + "b" * 257])
def test_a_text_that_is_too_long_is_refused(standing_client: tweepy.Client, text: str) -> None:
    with pytest.raises(tweepy.BadRequest, match="too long"):
        standing_client.create_tweet(text=text)


@pytest.mark.parametrize("text", ["a" * 280, "漢" * 140, "https://example.com/" + "a" * 300 + " " + "b" * 256])
def test_a_text_that_just_fits_is_taken(standing_client: tweepy.Client, text: str) -> None:
    assert made(standing_client.create_tweet(text=text))


def test_the_same_text_again_is_a_duplicate_for_a_day(client: tweepy.Client, clock: Clock, ask: Ask) -> None:
    first = made(client.create_tweet(text="Same words"))
    answer = ask("POST", "/2/tweets", {"text": "Same  words "})
    assert (answer.status_code, answer.json()) == (403, DUPLICATE)
    assert answer.headers["content-type"].startswith("application/problem+json")
    with pytest.raises(tweepy.Forbidden) as refused:
        client.create_tweet(text="Same words")
    assert refused.value.api_codes == []
    client.delete_tweet(first)
    client.create_tweet(text="Same words")
    clock.step_to(clock.now() + timedelta(hours=25))
    client.create_tweet(text="Same words")


def test_the_duplicate_check_can_be_switched_off(practice: PracticeThread, client: tweepy.Client) -> None:
    practice.control("POST", "/rules", {"duplicate_hours": 0})
    client.create_tweet(text="Same words")
    client.create_tweet(text="Same words")
    assert practice.state()["texts"] == {"Same words": 2}


def test_a_thread_is_a_chain_of_replies_to_oneself(client: tweepy.Client, practice: PracticeThread) -> None:
    first = made(client.create_tweet(text="Step 1"))
    second = made(client.create_tweet(text="Step 2", in_reply_to_tweet_id=first))
    made(client.create_tweet(text="Step 3", in_reply_to_tweet_id=second))
    posts = practice.state()["posts"]
    assert [post["conversation_id"] for post in posts] == [first] * 3
    assert [post["in_reply_to"] for post in posts] == [None, first, second]
    assert [post["full_text"] for post in posts] == ["Step 1", "Step 2", "Step 3"]


def test_a_learners_reply_to_us_mentions_us_and_may_be_answered(
    client: tweepy.Client, person: Persons, practice: PracticeThread
) -> None:
    post = made(client.create_tweet(text="Which lock comes first?"))
    reply = person().post("mine", reply_to=post)
    client.create_tweet(text="Noted, answer at 16:00.", in_reply_to_tweet_id=reply)
    last = practice.state()["posts"][-1]
    assert (last["text"], last["full_text"]) == ("Noted, answer at 16:00.", "@kim_r Noted, answer at 16:00.")


def test_a_stranger_who_did_not_engage_us_can_not_be_answered(client: tweepy.Client, person: Persons, ask: Ask) -> None:
    post = person().post("talking to myself")
    answer = ask("POST", "/2/tweets", {"text": "May I?", "reply": {"in_reply_to_tweet_id": post}})
    assert answer.status_code == 403
    assert answer.json()["detail"] == REPLY_RULE
    with pytest.raises(tweepy.Forbidden, match="not been mentioned"):
        client.create_tweet(text="May I?", in_reply_to_tweet_id=post)


def test_a_stranger_who_mentioned_or_quoted_us_can_be_answered(client: tweepy.Client, person: Persons) -> None:
    own = made(client.create_tweet(text="Ours"))
    kim = person()
    client.create_tweet(text="You asked", in_reply_to_tweet_id=kim.post("hello @ACME_reinforce!"))
    client.create_tweet(text="You quoted", in_reply_to_tweet_id=kim.post("look at this", quote=own))


def test_whether_an_implicit_mention_counts_is_a_rule(
    client: tweepy.Client, person: Persons, practice: PracticeThread
) -> None:
    practice.control("POST", "/rules", {"implicit_mentions": False})
    post = made(client.create_tweet(text="Which lock comes first?"))
    implicit = person().post("mine", reply_to=post)
    explicit = person().post("@acme_reinforce mine", reply_to=post)
    with pytest.raises(tweepy.Forbidden):
        client.create_tweet(text="Noted", in_reply_to_tweet_id=implicit)
    client.create_tweet(text="Noted", in_reply_to_tweet_id=explicit)
    read = client.get_users_mentions(practice.credentials["user_id"], user_auth=True)
    assert [str(tweet.id) for tweet in read.data] == [explicit]


def test_a_deleted_or_hidden_post_can_not_be_answered(client: tweepy.Client, person: Persons) -> None:
    gone = made(client.create_tweet(text="gone soon"))
    client.delete_tweet(gone)
    hidden = person("quiet_one", protected=True).post("@acme_reinforce hello")
    for target in (gone, hidden):
        with pytest.raises(tweepy.Forbidden, match="deleted or not visible"):
            client.create_tweet(text="To whom?", in_reply_to_tweet_id=target)


def test_quoting_liking_following_and_reposting_are_gone_from_self_serve(
    client: tweepy.Client, person: Persons, practice: PracticeThread, ask: Ask
) -> None:
    own = made(client.create_tweet(text="Ours"))
    theirs = person().post("theirs")
    quoted = ask("POST", "/2/tweets", {"text": "look", "quote_tweet_id": theirs})
    assert (quoted.status_code, quoted.json()["detail"]) == (403, QUOTE_RULE)
    assert ask("POST", "/2/tweets", {"text": "look", "quote_tweet_id": own}).status_code == 403
    user = person().user_id
    for act, target in ((client.like, theirs), (client.unlike, theirs), (client.follow_user, user),
                        (client.retweet, theirs)):  # fmt: skip
        with pytest.raises(tweepy.Forbidden, match="access tier"):
            act(target)


@pytest.mark.parametrize(
    ("options", "minutes"),
    [
        (["one"], 60),
        (["1", "2", "3", "4", "5"], 60),
        (["same", "same"], 60),
        (["fits", "x" * 26], 60),
        (["fits", " "], 60),
        (["a", "b"], 4),
        (["a", "b"], 10_081),
        (["a", "b"], None),
    ],
)
def test_a_poll_out_of_bounds_is_refused(
    standing_client: tweepy.Client, options: list[str], minutes: int | None
) -> None:
    with pytest.raises(tweepy.BadRequest):
        standing_client.create_tweet(text="Where do you stand?", poll_options=options, poll_duration_minutes=minutes)


def test_a_poll_counts_votes_and_closes_in_programme_time(
    client: tweepy.Client, person: Persons, practice: PracticeThread, clock: Clock
) -> None:
    options = ["Sure", "x" * 25, "Not yet", "Help"]
    made(client.create_tweet(text="Where do you stand?", poll_options=options, poll_duration_minutes=5))

    def read() -> Any:
        answer = client.get_users_tweets(
            practice.credentials["user_id"],
            user_auth=True,
            expansions=["attachments.poll_ids"],
            poll_fields=["duration_minutes", "end_datetime", "voting_status"],
        )
        return answer.includes["polls"][0]

    poll = read()
    assert [(option["position"], option["label"], option["votes"]) for option in poll.options] == [
        (number, label, 0) for number, label in enumerate(options, 1)
    ]
    assert (poll.voting_status, poll.duration_minutes) == ("open", 5)
    clock.step_to(clock.now() + timedelta(minutes=5))
    assert read().voting_status == "closed"


def test_deleting_is_for_ones_own_posts_and_says_if_one_was_gone(client: tweepy.Client, person: Persons) -> None:
    own = made(client.create_tweet(text="Ours"))
    assert client.delete_tweet(own).data == {"deleted": True}
    assert client.delete_tweet(own).data == {"deleted": False}
    with pytest.raises(tweepy.Forbidden, match="not authorized to delete"):
        client.delete_tweet(person().post("theirs"))


@pytest.mark.parametrize(
    "body",
    [
        {"txt": "unknown field"},
        {"text": 7},
        {"text": ""},
        {"text": "a", "reply": {"in_reply_to_tweet_id": 7}},
        {"text": "a", "reply": {}},
        {"text": "a", "poll": {}},
        {"text": "a", "reply": "x"},
        {"text": "a", "poll": {"options": "ab", "duration_minutes": 5}},
        {"text": "a", "media": {"media_ids": ["1"]}},
        ["text"],
    ],
)
def test_a_body_that_the_description_does_not_allow_is_refused(ask_standing: Ask, body: Any) -> None:
    answer = ask_standing("POST", "/2/tweets", body)
    assert answer.status_code == 400
    assert {"title", "detail", "type", "status"} <= answer.json().keys()
    assert answer.json()["type"].endswith("/invalid-request")


def test_what_x_forbids_without_enforcing_it_is_on_record(
    client: tweepy.Client, person: Persons, practice: PracticeThread
) -> None:
    reply = person().post("@acme_reinforce how?")
    client.create_tweet(text="Like this", in_reply_to_tweet_id=reply)
    client.create_tweet(text="Step 1")
    assert practice.state()["breaches"] == []
    again = made(client.create_tweet(text="And like that", in_reply_to_tweet_id=reply))
    named = made(client.create_tweet(text="Well done @kim_r"))
    assert practice.state()["breaches"] == [
        {"rule": "one automated reply per interaction", "post": again},
        {"rule": "no unsolicited mentions", "post": named},
    ]


def test_at_most_one_cashtag(client: tweepy.Client) -> None:
    with pytest.raises(tweepy.Forbidden, match="cashtag"):
        client.create_tweet(text="$ACME and $OTHER")
    client.create_tweet(text="$ACME alone")


def test_a_day_holds_so_many_posts(practice: PracticeThread, client: tweepy.Client, clock: Clock) -> None:
    practice.control("POST", "/rules", {"daily_posts": 2})
    client.create_tweet(text="one")
    client.create_tweet(text="two")
    with pytest.raises(tweepy.Forbidden, match="daily"):
        client.create_tweet(text="three")
    clock.step_to(clock.now() + timedelta(hours=25))
    client.create_tweet(text="three")
