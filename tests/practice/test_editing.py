"""People edit posts as X lets them: for half an hour, five times, each version with an id of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
import tweepy  # type: ignore[import-untyped]

from reinforce.clock import Clock
from reinforce.practice.running import ControlFailed, PracticeThread


@pytest.fixture
def edit(practice: PracticeThread) -> Callable[..., str]:
    """Somebody edits a post in X's own app; the new version's id."""

    def go(post: str, text: str, who: str = "kim_r") -> str:
        (made,) = practice.control("POST", "/acts", [{"as": who, "edit": post, "text": text}])["posts"]
        return str(made)

    return go


def _write(practice: PracticeThread, text: str, **more: Any) -> str:
    (made,) = practice.control("POST", "/acts", [{"as": "kim_r", "text": text, **more}])["posts"]
    return str(made)


def _look(client: tweepy.Client, *ids: str) -> list[Any]:
    fields = ["edit_controls", "conversation_id"]
    return list(client.get_tweets(list(ids), tweet_fields=fields, user_auth=True).data or ())


def test_an_edited_post_is_a_new_one_and_the_old_stays_readable_by_its_id(
    practice: PracticeThread, client: tweepy.Client, person: Callable[..., Any], edit: Callable[..., str]
) -> None:
    person()
    first = _write(practice, "@acme_reinforce its onwer")
    second = edit(first, "@acme_reinforce its owner")
    old, new = sorted(_look(client, first, second), key=lambda one: int(one.id))
    assert [old.text, new.text] == ["@acme_reinforce its onwer", "@acme_reinforce its owner"]
    assert [str(one) for one in new.edit_history_tweet_ids] == [first, second]
    assert old.edit_history_tweet_ids == new.edit_history_tweet_ids
    assert new.conversation_id == int(first)
    assert new.edit_controls["edits_remaining"] == 4
    me = client.get_me().data.id
    assert [str(one.id) for one in client.get_users_mentions(me, user_auth=True).data] == [second]
    found = client.search_recent_tweets("owner", user_auth=True).data
    assert [str(one.id) for one in found] == [second]


def test_five_times_within_half_an_hour_and_never_an_old_version(
    practice: PracticeThread, person: Callable[..., Any], edit: Callable[..., str], clock: Clock
) -> None:
    person()
    first = newest = _write(practice, "one")
    for number in range(5):
        newest = edit(newest, f"number {number}")
    with pytest.raises(ControlFailed, match="no longer be edited"):
        edit(newest, "once more")
    with pytest.raises(ControlFailed, match="newest version"):
        edit(first, "the old one")
    other = _write(practice, "two")
    clock.step_to(clock.now() + timedelta(minutes=30))
    with pytest.raises(ControlFailed, match="no longer be edited"):
        edit(other, "too late")


def test_replies_to_others_polls_and_posts_of_others_are_not_edited(
    practice: PracticeThread, client: tweepy.Client, person: Callable[..., Any], edit: Callable[..., str]
) -> None:
    token = person().token
    ours = client.create_tweet(text="Who?").data["id"]
    answer = _write(practice, "its owner", reply_to=ours)
    with pytest.raises(ControlFailed, match="replies to others"):
        edit(answer, "nobody")
    with pytest.raises(ControlFailed, match="not authorized"):
        edit(ours, "Whose?")
    body = {"text": "Mine", "edit_options": {"previous_post_id": ours}}
    url, headers = f"{practice.url}/2/tweets", {"Authorization": f"Bearer {token}"}
    assert requests.post(url, json=body, headers=headers, timeout=10).status_code == 403


def test_whoever_deletes_one_version_deletes_all(
    practice: PracticeThread, client: tweepy.Client, person: Callable[..., Any], edit: Callable[..., str]
) -> None:
    token = person().token
    first = _write(practice, "@acme_reinforce hm")
    second = edit(first, "@acme_reinforce got it")
    headers = {"Authorization": f"Bearer {token}"}
    requests.delete(f"{practice.url}/2/tweets/{second}", headers=headers, timeout=10).raise_for_status()
    assert _look(client, first, second) == []
