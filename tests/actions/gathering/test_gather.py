"""What is said in an event, held against the practice server's own storage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from reinforce.domain.gathering.backchannel import bears
from tests.actions.gathering.conftest import Session


def expected(session: Session) -> list[int]:
    """What the practice server itself says was said in the event: others' posts of its time that bear the hashtag, and
    all that stands below such a post or one of ours about it."""
    event, state = session.event(), session.practice.state()
    company = state["company"]["handle"]
    forms = ("event_announcement", "event_reminder", "event_start")
    inside = {post["id"] for form in forms for post in session.ours(form)}
    found = []
    for post in state["posts"]:
        there = post["author"] == company
        tagged = bears(post["text"], event.hashtag)
        below = post["in_reply_to"] in inside or post["conversation_id"] in inside
        if there or not (tagged or below) or post["deleted"] or not event.holds(_instant(post)):
            continue
        inside.add(post["id"])
        found.append(int(post["id"]))
    return found


def _instant(post: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(post["created_at"]).replace(microsecond=0)


def chatter(session: Session) -> None:
    """An hour of people talking: with the hashtag, without it but in threads, before and after it."""
    session.arrange(link="https://example.com/stream", reminders=(1,))
    session.at(9, 30, ticks=2)
    session.at(11, 0, ticks=2)
    session.join_in(("visitor", "A Visitor"))
    session.say("kim_r", "too early #lockoutlive")
    session.at(12, 0, ticks=2)
    (start,) = session.ours("event_start")
    first = session.say("kim_r", "Hello from hall 2 #LockoutLive")
    session.say("sana_o", "is there sound?", reply_to=int(start["id"]))
    session.say("visitor", "Who removes the lock? #lockoutlive")
    session.at(12, 5)
    deep = session.say("tom_ach", "hall 3 too", reply_to=first)
    for minute in range(10, 50, 10):
        session.say("lin_c", f"remark {minute} #lockoutlive")
        session.at(12, minute)
    session.say("visitor", "and hall 4", reply_to=deep)
    session.say("ada_b", "@acme_reinforce What about the night shift? #lockoutlive")
    session.say("ada_b", "nothing to do with it")
    session.at(12, 59)
    session.say("mirela_d", "thanks #lockoutlive")
    session.at(13, 1)
    session.say("mirela_d", "too late #lockoutlive")
    session.at(13, 15, ticks=3)


@pytest.mark.parametrize("backend", ["postgres"], indirect=True)  # on SQLite while calls fail, below
def test_all_of_it_is_there_once(session: Session) -> None:
    chatter(session)
    wanted = expected(session)
    assert len(wanted) == 11
    assert [post.remote_id for post in session.said()] == wanted
    assert session.event().swept_at is not None
    (asked,) = [post for post in session.said() if "Who removes" in post.text]
    assert not asked.mentions_us
    assert [intent.value for intent in asked.intents] == ["question"]


def test_it_is_the_same_while_every_third_call_fails(sqlite_session: Session) -> None:
    session = sqlite_session
    session.practice.fault("GET /2/*", "server_errors", probability=1 / 3, seed=7)
    chatter(session)
    minutes = iter(range(16, 60))
    while session.event().swept_at is None:
        session.at(13, next(minutes))
    session.practice.control("DELETE", "/faults")
    wanted = expected(session)
    assert len(wanted) == 11
    assert [post.remote_id for post in session.said()] == wanted
