"""Wishes by reply: to be named or not, a language, a time zone."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.listening.grade import regrade
from reinforce.domain.cohort import ConsentKind, RosterRow
from reinforce.domain.listening.inbound import Correction
from reinforce.domain.listening.intents import Intent
from reinforce.store import tables as t
from reinforce.store.people import people
from tests.actions.listening.conftest import NOW, Scene


def may_be_named(scene: Scene) -> bool:
    with scene.database.read() as connection:
        return scene.dana in people.live_consents(connection, ConsentKind.NAMING)


def take_in(scene: Scene, *, naming: bool | None, zone: str = "") -> str:
    """Enroll a roster that says so of Dana."""
    row = RosterRow("E-Dana Fox", "Dana Fox", zone=zone, naming=naming, line=2)
    return str(enroll(scene.database, "press", [row], actor="t", now=NOW))


@pytest.mark.parametrize(
    ("agrees", "takes_back"),
    [
        ("You may name me!", "please don't name me"),
        ("@acme_learn ihr dürft mich nennen", "Verstanden. Aber nennt mich bitte nicht mehr"),
        ("vous pouvez me citer, merci", "ne me citez plus"),
        ("puedes mencionarme", "no me mencionen por favor"),
    ],
)
def test_a_learner_agrees_to_be_named_and_takes_it_back(scene: Scene, agrees: str, takes_back: str) -> None:
    before = scene.outgoing()
    post = scene.say(agrees, scene.reminder)
    assert post.intents == (Intent.WISH,)
    assert may_be_named(scene)
    with scene.database.read() as connection:
        sources = connection.execute(select(t.consent.c.source).where(t.consent.c.kind == "naming")).scalars().all()
    assert sources == [f"post/{post.remote_id}"]
    scene.say(takes_back, scene.reminder)
    assert not may_be_named(scene)
    assert scene.outgoing() == before, "nothing is sent to confirm it"


@pytest.mark.parametrize(
    "text",
    [
        "You may name me?", "you may name me, but only in March", "you may not name me", "may you name me", "name me",
        "you may name him", "if you like you may name me", "you may name me /s", "they said you may name me",
    ],
)  # fmt: skip
def test_whoever_says_more_or_less_is_not_named(scene: Scene, text: str) -> None:
    scene.say(text, scene.reminder)
    assert not may_be_named(scene)


def test_a_roster_neither_takes_back_nor_gives_what_a_learner_said_themselves(scene: Scene) -> None:
    scene.say("you may name me", scene.reminder)
    report = take_in(scene, naming=False)
    assert may_be_named(scene)
    assert "said themselves that they may be named" in report
    scene.say("don't name me", scene.reminder)
    report = take_in(scene, naming=True)
    assert not may_be_named(scene)
    assert "said themselves that they may not be named" in report


def test_a_roster_takes_back_only_what_a_roster_gave_and_only_where_it_says_so(scene: Scene) -> None:
    take_in(scene, naming=True)
    assert may_be_named(scene)
    take_in(scene, naming=None)
    assert may_be_named(scene), "a roster without the column says nothing"
    take_in(scene, naming=False)
    assert not may_be_named(scene)


def test_language_and_time_zone_are_the_learners_own_word(scene: Scene) -> None:
    scene.say("my language is German", scene.reminder)
    scene.say("my time zone is Lisbon", scene.reminder)
    learner = scene.learner(scene.dana)
    assert (learner.language, learner.zone, learner.own_zone) == ("de", "Europe/Lisbon", True)
    assert "said themselves in which time zone" in take_in(scene, naming=None, zone="Europe/Berlin")
    assert scene.learner(scene.dana).zone == "Europe/Lisbon"
    # Monday, 06:00 in Lisbon, not in Berlin.
    scene.say("snooze until monday", scene.reminder)
    assert scene.learner(scene.dana).snoozed_until.hour == 6


def test_a_wish_that_can_not_be_done_or_is_nobodys_goes_to_a_person(scene: Scene) -> None:
    assert scene.say("my time zone is Narnia", scene.reminder).needs_person
    assert scene.learner(scene.dana).zone == ""
    stranger = scene.say("you may name me", scene.reminder, author=999, handle="stranger")
    assert stranger.needs_person
    assert scene.say("you may name me", scene.reminder, author=998, handle="kim_lee").needs_person, "not linked"


def test_a_reply_to_a_question_is_its_answer_unless_it_says_that_it_is_a_wish(scene: Scene) -> None:
    assert Intent.WISH not in scene.say("in German", scene.short).intents
    assert scene.learner(scene.dana).language == ""
    assert scene.say("my language is German", scene.short).intents == (Intent.WISH,)
    assert scene.reviews() == [("answer", 1)]


def test_a_correction_takes_back_a_consent_that_was_none(scene: Scene) -> None:
    post = scene.say("you may name me", scene.reminder)
    regrade(scene.database, scene.lexicon, post.id, Correction((Intent.COMMENT,)), actor="t", now=NOW)
    assert not may_be_named(scene)
    take_in(scene, naming=True)
    assert may_be_named(scene), "nothing was said by themselves"
