"""Introductions are gathered and tagged; a colleague's tip becomes a nugget, credited only with a live opt-in."""

from __future__ import annotations

import json

from tests.actions.gathering.conftest import Session
from tests.actions.gathering.test_holding_an_event import verb


def test_a_prompt_is_answered_gathered_and_tagged(sqlite_session: Session) -> None:
    session = sqlite_session
    planned = json.loads(verb(session, "introduce", "press-shop", "--at", "2026-03-02 09:30", "--json"))
    assert (planned["form"], planned["due_at"]) == ("prompt", "2026-03-02T08:30:00+00:00")
    assert "hardest" in planned["text"] or "difficult" in planned["text"] or "costs" in planned["text"]
    assert "Nobody has yet" in verb(session, "introductions", "list", "press-shop")
    session.at(9, 30, ticks=2)
    prompt = next(post for post in session.practice.state()["posts"] if post["text"] == planned["text"])
    session.say("kim_r", "Finding every lock when shifts change", reply_to=int(prompt["id"]))
    session.say("tom_ach", "stop", reply_to=int(prompt["id"]))
    session.at(9, 31, ticks=3)
    (only,) = json.loads(verb(session, "introductions", "list", "press-shop", "--json"))
    assert (only["name"], only["text"]) == ("Kim Reyes", "Finding every lock when shifts change")
    verb(session, "introductions", "tag", str(only["id"]), "own-lock", "lockout/try-out")
    (tagged,) = json.loads(verb(session, "introductions", "list", "press-shop", "--tag", "own-lock", "--json"))
    assert sorted(tagged["tags"]) == ["lockout/own-lock", "lockout/try-out"]
    verb(session, "introductions", "tag", str(only["id"]), "own-lock", "--remove")
    assert json.loads(verb(session, "introductions", "list", "press-shop", "--tag", "own-lock", "--json")) == []
    assert "no introduction" in verb(session, "introductions", "tag", "99", "own-lock", fails=True)


def test_a_prompt_in_words_of_ones_own_names_nobody(sqlite_session: Session) -> None:
    refused = verb(sqlite_session, "introduce", "press-shop", "--ask", "What does Kim Reyes do well?", fails=True)
    assert "names somebody" in refused
    assert "has passed" in verb(sqlite_session, "introduce", "press-shop", "--at", "2026-03-01 09:00", fails=True)
    assert "What is hard?" in verb(sqlite_session, "introduce", "press-shop", "--ask", "What is hard?")
    again = verb(sqlite_session, "introduce", "press-shop", "--ask", "What is hard?", fails=True)
    assert "out of wordings" in again


def test_a_tip_becomes_a_nugget_with_its_authors_name_only_while_that_is_agreed_to(sqlite_session: Session) -> None:
    session = sqlite_session
    session.say("pat_m", "@acme_reinforce Write your name on the tag first #tips https://example.com")
    session.say("kim_r", "@acme_reinforce Count the keys twice")
    session.at(9, 1, ticks=2)
    replies = {row["author"]: str(row["id"]) for row in json.loads(verb(session, "inbox", "--json"))}
    arguments = ["--procedure", "lockout", "--public", "--title"]
    refused = verb(session, "tip", replies["kim_r"], *arguments, "Count the keys", "--credit", fails=True)
    assert "has not agreed to be named" in refused
    plain = json.loads(verb(session, "tip", replies["kim_r"], *arguments, "Count the keys", "--json"))
    assert [wording["text"] for wording in plain["wordings"]] == ["Count the keys twice"]
    credited = json.loads(verb(session, "tip", replies["pat_m"], *arguments, "Tag first", "--credit", "--json"))
    assert [wording["text"] for wording in credited["wordings"]] == [
        "Write your name on the tag first (A tip from Pat Moreau)",
        "Write your name on the tag first",
    ]
    again = verb(session, "tip", replies["pat_m"], *arguments, "Tag once more", fails=True)
    assert "has become the nugget lockout/tag-first already" in again
    verb(session, "tip", replies["pat_m"], "--undo")
    named = verb(session, "tip", replies["kim_r"], "--undo")
    assert "lockout/count-the-keys is retired" in named
    naming = ["--wording", "Ask Kim Reyes to count"]
    assert "names somebody" in verb(session, "tip", replies["kim_r"], *arguments, "Count", *naming, fails=True)
    assert "there is no reply" in verb(session, "tip", "999", *arguments, "Count", fails=True)
