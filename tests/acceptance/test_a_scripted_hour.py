"""An hour of conversation by a script: sixty learners, three teams, a quiz, forty questions, look-ups, an event, a poll
and a prompt that asks for introductions.

What is said, when, and what has to come of it stands in scripted_hour/, made by hand from the rules in
docs/explanation/quizzes.md and docs/how-to/; nothing there was written by the product. hour.py plays it.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

import reinforce.cli  # noqa: F401 - adds the verbs
from reinforce.actions.gathering.record import event_record
from reinforce.actions.quizzing.show_quiz import show_quiz
from reinforce.cli.house import main_group
from reinforce.clock import Clock
from reinforce.content.lexicon_file import read_lexicons
from reinforce.daemon import Daemon
from reinforce.domain.answering.inquiry import Inquiry, InquiryKind, InquiryState
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.sending.outbox import State
from reinforce.practice.running import PracticeThread
from reinforce.settings import Settings
from reinforce.shipped import shipped
from reinforce.store.answering import gaps
from reinforce.store.gathering import introductions
from reinforce.store.polling import polls
from tests.acceptance.hour import BEGIN, CHANCE, EVENT, HASHTAG, POLL, WEATHER, Hour, HourHouse, at, script

HOURS = [("sqlite", "rough")] + (
    [("sqlite", "calm"), ("postgres", "rough")] if os.environ.get("REINFORCE_SOAK") else []
)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """The lexicons that ship, read once."""
    return read_lexicons(shipped("templates") / "lexicon")


@pytest.fixture
def hour(weather: str, tmp_path: Path, migrated_url: str, lexicon: Lexicon) -> Iterator[Hour]:
    """The hour as it was: in calm weather, or with a third of the daemon's calls failing."""
    house = HourHouse(
        Settings(workspace=tmp_path / "workspace", database_url=migrated_url, listen_seconds=1, tick_seconds=0.05)
    )
    house.clock.step_to(at(BEGIN))
    house.lexicon = lexicon
    house.make(rehearsal=True)
    # Its machine time is the machine's: signatures are checked by it.
    practice = PracticeThread(house.settings.practice_folder, Clock(house.settings.clock_file)).start()
    made = Hour(house, practice, Daemon(house))
    made.prepare(tmp_path)
    if weather == "rough":
        for seed, kind in enumerate(WEATHER):
            practice.fault("* /2/*", kind, probability=CHANCE, seed=seed, seconds=0.02)
    made.play()
    yield made
    made.daemon.leave()
    practice.stop()
    house.close()


@pytest.mark.parametrize(("backend", "weather"), HOURS)
def test_an_hour_comes_to_what_its_script_says_whatever_the_weather(hour: Hour, tmp_path: Path) -> None:
    _check_weather(hour)
    _check_quiz(hour)
    _check_questions(hour)
    _check_lookups(hour)
    _check_record(hour)
    _check_poll(hour)
    _check_introductions(hour)
    _check_names(hour, tmp_path)


def _check_weather(hour: Hour) -> None:
    """A third of the calls failed, in each of the ways; what came of it on X is as it should be."""
    faults = hour.practice.control("GET", "/faults")["faults"]
    if faults:
        assert all(fault["fired"] for fault in faults), [fault["kind"] for fault in faults if not fault["fired"]]
        assert 0.3 <= sum(fault["fired"] for fault in faults) / faults[0]["matched"] <= 0.4
    posts = hour.posts()
    assert {one.state for one in posts} <= {State.POSTED, State.PLANNED}
    state = hour.practice.state()
    assert state["breaches"] == []
    # Each post of the outbox stands once, and nothing stands that it does not know.
    ours = [one["id"] for one in state["posts"] if one["author"] == "acme_reinforce"]
    assert sorted(ours) == sorted(str(one.remote_id) for one in posts if one.state is State.POSTED)


def _check_quiz(hour: Hour) -> None:
    status = show_quiz(hour.house.database, "lockout-quiz", now=hour.house.clock.now())
    assert status.quiz.state == "closed", status.waiting
    expected = [
        (int(row["question"]), at(row["at"]), row["handle"], row["team"], row["verdict"], int(row["points"]))
        for row in script("answers.csv")
        if row["verdict"]
    ]
    table = [(one.number, one.at, one.author, one.team, one.ruling, one.points) for one in status.answers]
    assert sorted(table) == sorted(expected)
    places = [(one.place, one.team, one.points) for one in status.standings]
    assert places == [(int(row["place"]), row["team"], int(row["points"])) for row in script("standings.csv")]


def _check_questions(hour: Hour) -> None:
    """All forty are there; each answer stands on X where the script says, what has none is overdue in the list."""
    now, there = hour.house.clock.now(), _taken_up(hour, InquiryKind.QUESTION)
    asked = {one.post: one.row for one in hour.said if one.kind == "question"}
    assert there.keys() == asked.keys()
    ours = [one for one in hour.practice.state()["posts"] if one["author"] == "acme_reinforce"]
    for post, row in asked.items():
        one = there[post]
        replies = [mine["text"] for mine in ours if mine["in_reply_to"] == post]
        found = [mine["text"] for mine in ours if row["answer"] and row["answer"] in mine["text"]]
        if row["way"] == "overdue":
            assert (one.state, one.overdue(now), replies) == (InquiryState.OPEN, True, []), row
            continue
        assert (one.state, one.way) == (InquiryState.DELIVERED, row["way"]), (row, one)
        if row["way"] == "reply":
            assert len(replies) == 1, row
            assert row["answer"] in replies[0], row
        else:
            assert (replies, len(found)) == ([], 1), row
            agreed = row["quote"] == "yes" and row["handle"] == "anneke_v"
            assert (row["text"] in found[0]) == agreed, row
            assert (row["about"] or row["answer"]) in found[0], row


def _taken_up(hour: Hour, kind: InquiryKind) -> dict[str, Inquiry]:
    return {str(one.remote_id): one for one in hour.asked() if one.kind is kind}


def _check_lookups(hour: Hour) -> None:
    """The nugget that the script names came back as the one reply; what none fits waits for a person, as a gap."""
    now, there = hour.house.clock.now(), _taken_up(hour, InquiryKind.LOOKUP)
    looked_up = {one.post: one.row for one in hour.said if one.kind == "lookup"}
    assert there.keys() == looked_up.keys()
    example = YAML(typ="safe").load(shipped("examples") / "lockout.yaml")
    wordings = {one["slug"]: [wording["text"] for wording in one["wordings"]] for one in example["nuggets"]}
    ours = [one for one in hour.practice.state()["posts"] if one["author"] == "acme_reinforce"]
    given = []
    for post, row in looked_up.items():
        one = there[post]
        replies = [mine["text"] for mine in ours if mine["in_reply_to"] == post]
        if row["nugget"]:
            assert (one.state, one.missed, len(replies)) == (InquiryState.DELIVERED, False, 1), row
            given += [text for text in wordings[row["nugget"]] if text in replies[0]]
        else:
            assert (one.state, one.missed, replies) == (InquiryState.OPEN, True, []), row
            assert one.overdue(now) == (row["overdue"] == "yes"), row
    found = [row for row in looked_up.values() if row["nugget"]]
    assert len(set(given)) == len(given) == len(found)  # in other words each time
    with hour.house.database.read() as connection:
        topics = {str(row["topic"]) for row in gaps.gaps(connection)}
    assert topics == {row["text"].split(" how ")[1] for row in looked_up.values() if not row["nugget"]}


def _check_introductions(hour: Hour) -> None:
    """What was answered to the prompt is with the cohort, in order; who said stop there introduced nobody."""
    with hour.house.database.read() as connection:
        there = introductions.introductions(connection)
    kept = [row for row in script("introductions.csv") if row["kept"] == "yes"]
    wanted = [(at(row["at"]), row["handle"], row["text"].removeprefix("@acme_reinforce ")) for row in kept]
    assert [(one.at, one.handle, one.text) for one in there] == wanted
    assert {one.cohort for one in there} == {"press-shop"}


def _check_record(hour: Hour) -> None:
    """What was said in the event, by the practice account's own storage and by the script, is in its record."""
    record = event_record(hour.house.database, "live", now=hour.house.clock.now())
    lines = [line for thread in record.threads for line in thread if not line.ours]
    recorded = [(one.row["text"], one.at) for one in hour.said if one.row.get("recorded") == "yes"]
    tagged = [one for one in hour.said if one.kind == "question" and HASHTAG in one.row["text"]]
    recorded += [(one.row["text"], one.at) for one in tagged]
    stored = _said_in_the_event(hour)
    assert sorted(stored.values()) == sorted(recorded)
    assert sorted(line.at for line in lines) == sorted(moment for _, moment in recorded)
    assert record.left_out == {}
    texts = {line.at: line.text for line in lines}
    for text, moment in recorded:
        # Nobody here agreed to be named but three; what names others is not in it, all the rest is, word by word.
        wanted = [word for word in text.split() if "@" not in word] if "K-4214" not in text else []
        left = [word for word in wanted if word not in texts[moment].split()]
        assert set(left) <= {"Zofia", "Wojcik", "Wiebke", "Jansen"}, (text, texts[moment])
    questions = [line for line in lines if line.question]
    assert len(questions) == len(tagged) == 11
    assert all(line.answered for line in questions)


def _said_in_the_event(hour: Hour) -> dict[str, tuple[str, datetime]]:
    """Post id → text and stamp, from the practice account's storage: within its time, with its hashtag, or answering
    such a post or one of ours about it."""
    begins, ends = (at(one) for one in EVENT)
    about = {str(one.remote_id) for one in hour.posts() if one.form.startswith("event_")}
    found: dict[str, tuple[str, datetime]] = {}
    for post in hour.practice.state()["posts"]:
        moment = datetime.fromisoformat(post["created_at"])
        belongs = f"#{HASHTAG}" in post["text"].lower() or post["in_reply_to"] in about | found.keys()
        if belongs and begins <= moment < ends and post["author"] != "acme_reinforce":
            found[post["id"]] = (post["text"], moment)
    return found


def _check_poll(hour: Hour) -> None:
    with hour.house.database.read() as connection:
        [poll] = polls.polls(connection)
    votes = Counter[int]()
    for row in script("votes.csv"):
        votes[int(row["option"])] += len(row["handles"].split())
    assert poll.votes == (12, 7, 4) == tuple(votes[place] for place in (1, 2, 3))
    assert poll.options == POLL.options
    assert poll.closed_at == at("10:34")


def _check_names(hour: Hour, folder: Path) -> None:
    """No text of ours names anybody who has not agreed to it, whoever typed it; looked for as simply as can be."""
    assert hour.refused == 36 - 1  # each answer was tried with a name first; two questions shared one
    state = hour.practice.state()
    texts = [one["text"] for one in state["posts"] if one["author"] == "acme_reinforce"]
    for item in hour.posts():
        texts += [item.text, *(str(other) for other in item.alternatives)]
    texts += _written_records(hour, folder)
    everything = "\n".join(texts).casefold()
    unseen = [row for row in script("roster.csv") if row["naming"] != "yes"]
    assert len(unseen) == 57
    for row in unseen:
        for mark in (row["name"], row["name"].split()[-1], row["handle"], row["employee_id"]):
            assert not re.search(rf"\b{re.escape(mark.casefold())}\b", everything), mark
    assert "anneke verbruggen" in everything  # who agreed is named in the record


def _written_records(hour: Hour, folder: Path) -> list[str]:
    """The event's record as its verb writes it."""
    settings = hour.house.settings
    out = folder / "records"
    arguments = ["--workspace", str(settings.workspace), "event", "record", "live", "--out", str(out), "--json"]
    place: dict[str, Any] = {"REINFORCE_DATABASE_URL": settings.resolved_database_url}
    done = CliRunner().invoke(main_group, arguments, env=place)
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["said"] == 23
    return [path.read_text("utf-8") for path in sorted(out.iterdir())]
