"""Whoever asks to catch up gets three nuggets in one reply, the same whether they had been right or wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from reinforce.actions.privacy.catch_up import CatchUpOutcome, catch_up
from reinforce.domain.sending.outbox import Planned
from reinforce.domain.texts.weighted_length import weighted_length
from reinforce.domain.texts.wording import text_hash
from reinforce.store import tables as t
from reinforce.store.people import people
from reinforce.store.sending import outbox
from tests.actions.planning.conftest import Course
from tests.databases import ON_SQLITE


def ask(course: Course, learner: int, number: int = 1, **more: Any) -> int:
    """A learner asks to catch up, and it was read; the row of what they wrote."""
    values = {
        "account_id": course.cohort.account_id, "remote_id": 700_000 + number, "author_remote_id": 9_000_000 + learner,
        "author_handle": "h", "learner_id": learner, "text": "catch up", "created_at": course.now,
        "received_at": course.now, "read_as": ["wish"], "read_why": "w", "needs_person": False, "graded_at": course.now,
    }  # fmt: skip
    with course.database.write() as connection:
        key = connection.execute(insert(t.inbound).values(**values | more).returning(t.inbound.c.id)).scalar_one()
        row = {"inbound_id": key, "learner_id": learner, "kind": "catch_up", "value": "", "at": course.now}
        connection.execute(insert(t.wish).values(**row, outcome=""))
    return int(key)


def answer(course: Course) -> CatchUpOutcome:
    """One tick of it."""
    return catch_up(course.database, course.renderer, course.tariff, now=course.now)


def replies(course: Course) -> list[Any]:
    with course.database.read() as connection:
        o = t.outbox.c
        return list(connection.execute(select(t.outbox).where(o.form == "catch_up").order_by(o.id)))


def inbound(course: Course, key: int) -> Any:
    with course.database.read() as connection:
        return connection.execute(select(t.inbound).where(t.inbound.c.id == key)).one()


@pytest.fixture
def weeks(course: Course) -> Course:
    """Five questions in ten days; one learner wrote under most of them."""
    with course.database.read() as connection:
        nuggets = connection.execute(select(t.nugget.c.id).order_by(t.nugget.c.id).limit(5)).scalars().all()
    for number, nugget in enumerate(nuggets):
        text = f"Question {number}?"
        with course.database.write() as connection:
            planned = Planned(
                account_id=course.cohort.account_id, cohort_id=course.cohort.id, nugget_id=nugget, form="question",
                occurrence=f"now/{number}", text=text, text_hash=text_hash(text), due_at=course.now,
                grace_until=course.now + timedelta(hours=4),
            )  # fmt: skip
            item = outbox.add(connection, planned, course.now)
        (posted,) = course.send()
        assert posted.id == item.id
        if number < 3:
            course.reply(course.learners[0], posted, 1)
        course.now += timedelta(days=2)
    course.absorb()
    return course


def test_three_nuggets_come_in_one_reply_that_x_takes(weeks: Course) -> None:
    key = ask(weeks, weeks.learners[0])
    assert answer(weeks) == CatchUpOutcome(planned=1)
    (reply,) = replies(weeks)
    assert [line[:2] for line in reply.text.splitlines()[1:]] == ["1.", "2.", "3."]
    assert weighted_length(reply.text) <= 280
    assert (reply.occurrence, reply.inbound_id, reply.reply_to) == (f"reply/{key}", key, 700_001)
    assert answer(weeks) == CatchUpOutcome()
    assert len(replies(weeks)) == 1


@ON_SQLITE
def test_the_reply_is_the_same_whether_they_were_right_or_wrong(weeks: Course) -> None:
    learner = weeks.learners[0]
    key = ask(weeks, learner)
    said = []
    for rating, voided in ((1, None), (3, None), (3, weeks.now)):
        with weeks.database.write() as connection:
            connection.execute(update(t.review).values(rating=rating, voided_at=voided))
            connection.execute(t.outbox.delete().where(t.outbox.c.inbound_id == key))
            connection.execute(update(t.wish).values(dealt_at=None))
        weeks.absorb()
        answer(weeks)
        said.append(replies(weeks)[0].text)
    assert len(set(said)) == 1


def test_the_reply_goes_by_the_learners_own_past_and_speaks_their_language(weeks: Course) -> None:
    first, second = weeks.learners[:2]
    with weeks.database.write() as connection:
        people.set_language(connection, second, "de")
    ask(weeks, first)
    ask(weeks, second, 2)
    assert answer(weeks).planned == 2
    one, other = (reply.text for reply in replies(weeks))
    assert other.splitlines()[0] in ("Zum Nachholen:", "Diese drei zuerst:", "Bitte sehr:")
    assert one.splitlines()[1:] != other.splitlines()[1:], "one wrote under the posts, the other never did"


def test_before_anything_is_out_the_reply_points_to_the_digest(course: Course) -> None:
    ask(course, course.learners[0])
    assert answer(course) == CatchUpOutcome(planned=1)
    assert "digest" in replies(course)[0].text


@ON_SQLITE
def test_where_no_reply_is_allowed_a_person_is_asked_and_silence_is_kept(weeks: Course) -> None:
    first, second, third = weeks.learners[:3]
    unmentioned = ask(weeks, first, 1, mentions_us=False)
    silent = ask(weeks, second, 2)
    taken = ask(weeks, third, 3)
    with weeks.database.write() as connection:
        people.set_stopped(connection, second, weeks.now)
    assert answer(weeks) == CatchUpOutcome(planned=1, by_hand=2)
    assert inbound(weeks, unmentioned).needs_person
    assert "digest" in inbound(weeks, unmentioned).read_why
    assert not inbound(weeks, silent).needs_person
    with weeks.database.write() as connection:
        connection.execute(update(t.outbox).where(t.outbox.c.inbound_id == taken).values(state="refused"))
    assert answer(weeks) == CatchUpOutcome(by_hand=1), "X did not take it"
    assert inbound(weeks, taken).needs_person
    assert answer(weeks) == CatchUpOutcome()
