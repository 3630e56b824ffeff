"""A poll of where a cohort stands: asked, sent, closed once, heard by the plan."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reinforce.actions.listening.measure import is_due
from reinforce.actions.polling.ask import Asked, ask_link, ask_poll, prepare_link
from reinforce.actions.polling.close import CloseOutcome, close_polls
from reinforce.domain.errors import NotAllowed, NotFound, ReinforceError
from reinforce.domain.polling.poll import NewPoll, Poll
from reinforce.domain.sending.outbox import State
from reinforce.store.authoring import nuggets
from reinforce.store.listening import signals
from reinforce.store.planning import plan_snapshot
from reinforce.store.polling import polls
from reinforce.store.sending import outbox
from tests.actions.planning.conftest import Course

OPTIONS = ("Isolating", "Tagging")


def _topics(course: Course) -> tuple[str, str]:
    with course.database.read() as connection:
        there = sorted({one.topic for one in nuggets.cohort_nuggets(connection, course.cohort.id) if one.topic})
    return there[0], there[1]


def _ask(course: Course, question: str = "What are you least sure of?", **more: object) -> Asked:
    new = NewPoll(question, OPTIONS, 60, **more)  # type: ignore[arg-type]
    request = f"{question}{len(_polls(course))}"
    return ask_poll(
        course.database, "press", new, request, course.renderer, course.tariff, now=course.now, actor="test"
    )


def _polls(course: Course) -> tuple[Poll, ...]:
    with course.database.read() as connection:
        return polls.polls(connection)


def _send(course: Course) -> None:
    course.now += timedelta(minutes=10)
    course.send()


def _count(course: Course, outbox_id: int, *votes: int, closed: bool = True) -> None:
    counts = {f"votes:{place}": number for place, number in enumerate(votes)}
    with course.database.write() as connection:
        signals.record(connection, outbox_id, {**counts, **({"poll_closed": 1} if closed else {})}, course.now)


def _importance(course: Course, topic: str) -> float:
    with course.database.read() as connection:
        snapshot, _ = plan_snapshot.snapshot(connection, course.cohort.id, course.now)
    return snapshot.needs.get(topic, 1.0)


def test_a_poll_goes_out_in_the_next_open_hour_with_its_options(course: Course) -> None:
    asked = _ask(course)
    assert (asked.item.form, asked.item.poll) == ("standing_poll", {"options": list(OPTIONS), "minutes": 60})
    assert asked.item.text.startswith("What are you least sure of?\n\n")
    assert asked.item.price_micros == course.tariff.poll
    assert asked.item.due_at >= course.now
    _send(course)
    assert _polls(course)[0].state == State.POSTED


def test_its_result_is_written_down_once_and_moves_the_plan(course: Course) -> None:
    topics = _topics(course)
    asked = _ask(course, topics=topics)
    _send(course)
    _count(course, asked.item.id, 9, 0, closed=False)
    assert close_polls(course.database, now=course.now) == CloseOutcome()
    assert _importance(course, topics[0]) == 1.0
    _count(course, asked.item.id, 30, 2)
    version = course.version()
    assert close_polls(course.database, now=course.now) == CloseOutcome(closed=1)
    assert (_polls(course)[0].votes, course.version()) == ((30, 2), version + 1)
    assert _importance(course, topics[0]) > 1.2
    assert _importance(course, topics[1]) < 0.8
    _count(course, asked.item.id, 1, 40)
    assert close_polls(course.database, now=course.now) == CloseOutcome()
    assert _polls(course)[0].votes == (30, 2)


def test_the_post_says_that_a_poll_made_its_topic_count_for_more(course: Course) -> None:
    asked = _ask(course, topics=("why", "people"))
    _send(course)
    _count(course, asked.item.id, 30, 2)
    close_polls(course.database, now=course.now)
    course.absorb()
    reasons = [post.reason for post in course.preview(14)]
    assert any("a poll of where the cohort stands makes its topic count" in reason for reason in reasons)


def test_the_same_question_before_and_after_is_said_in_other_words(course: Course) -> None:
    first = _ask(course, label="before")
    _send(course)
    second = _ask(course, label="after")
    assert first.item.text != second.item.text
    for _ in range(2):
        _ask(course)
    with pytest.raises(NotAllowed, match="said just this"):
        _ask(course)


def test_a_poll_whose_post_never_went_out_says_so(course: Course) -> None:
    asked = _ask(course)
    with course.database.write() as connection:
        outbox.skip(connection, asked.item, "nobody wants it")
    assert close_polls(course.database, now=course.now) == CloseOutcome(lost=1)
    assert _polls(course)[0].lost == "its post was skipped"


def test_a_poll_of_which_x_never_tells_the_end_is_given_up(course: Course) -> None:
    _ask(course)
    _send(course)
    course.now += timedelta(days=3)
    assert close_polls(course.database, now=course.now) == CloseOutcome(lost=1)


def test_a_poll_is_looked_at_again_as_soon_as_it_is_over(course: Course) -> None:
    asked = _ask(course)
    _send(course)
    with course.database.read() as connection:
        (post,) = signals.posted_since(connection, asked.item.account_id, course.now - timedelta(days=1))
    ends = post.posted_at + timedelta(minutes=61)
    assert is_due(post, ends)
    _count(course, asked.item.id, 1, 2)
    with course.database.read() as connection:
        (post,) = signals.posted_since(connection, asked.item.account_id, course.now - timedelta(days=1))
    assert post.poll_closed
    assert not is_due(post, course.now + timedelta(minutes=30))


@pytest.mark.parametrize(
    ("question", "options"),
    [
        ("Does Person3 Surname3 explain it well?", OPTIONS),
        ("Who explains best?", ("Person3 Surname3", "Somebody else")),
    ],
)
def test_neither_question_nor_option_names_anybody(course: Course, question: str, options: tuple[str, ...]) -> None:
    new = NewPoll(question, options, 60)
    with pytest.raises(NotAllowed, match="names somebody"):
        ask_poll(course.database, "press", new, "r", course.renderer, course.tariff, now=course.now, actor="test")


def test_a_topic_nobody_teaches_is_refused_with_those_there_are(course: Course) -> None:
    with pytest.raises(NotFound, match="no nugget of press") as refused:
        _ask(course, topics=("knitting", ""))
    assert _topics(course)[0] in refused.value.advice


def test_a_link_to_a_poll_elsewhere_shows_and_costs_a_links_price(course: Course) -> None:
    url = "https://forms.example.com/lockout"
    ready = prepare_link(course.database, "press", "Ten questions:", url, course.tariff, now=course.now)
    assert (ready.linked, ready.price_micros) == (True, course.tariff.post_with_link)
    asked = ask_link(course.database, "press", "Ten questions:", url, "r1", course.tariff, now=course.now, actor="test")
    assert (asked.item.text, asked.item.poll) == (f"Ten questions:\n{url}", None)
    with pytest.raises(ReinforceError, match="no web address"):
        prepare_link(course.database, "press", "Ten questions:", "forms", course.tariff, now=course.now)
