"""What a round posts next, from what is out: it goes on after any restart, and owes nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.quizzing.hints import FEWEST
from reinforce.domain.quizzing.quiz import Pace, QuizPost
from reinforce.domain.quizzing.round import SETTLED_AFTER, Item, Outlook, Round, Sent, Step, look
from reinforce.domain.quizzing.scoring import Given, Ruling, ScoredAnswer
from reinforce.domain.sending.outbox import State

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PACE = Pace(minutes=4, pause_minutes=1, join_minutes=2, grace_seconds=30)


def fresh(questions: int = 3, hints: int = 2, pace: Pace = PACE) -> Round:
    return Round(pace, START, tuple(Item(n, 1, hints) for n in range(1, questions + 1)))


def always(instant: datetime) -> datetime:
    return instant


def never(_instant: datetime) -> None:
    return None


def posted(there: Round, step: Step, at: datetime, state: State = State.POSTED) -> Round:
    """The round once a step was sent."""
    sent = Sent(state, at, outbox_id=1, remote_id=1)
    if step.kind is QuizPost.START:
        return replace(there, start=sent)
    if step.kind is QuizPost.LEADERBOARD:
        return replace(there, leaderboard=sent)
    items = list(there.items)
    item = items[step.number - 1]
    if step.kind is QuizPost.QUESTION:
        items[step.number - 1] = replace(item, question=sent)
    elif step.kind is QuizPost.REVEAL:
        items[step.number - 1] = replace(item, reveal=sent)
    else:
        items[step.number - 1] = replace(item, hints=(*item.hints, sent))
    return replace(there, items=tuple(items))


def run(there: Round, ticks: list[int], opening: object = always) -> tuple[list[Step], Outlook, Round]:
    """Let a daemon tick after so many seconds each; all that it posted."""
    now, steps = START, []
    outlook = look(there, opening, now)  # type: ignore[arg-type]
    for seconds in ticks:
        now += timedelta(seconds=seconds)
        there = replace(there, read_to=now)
        outlook = look(there, opening, now)  # type: ignore[arg-type]
        for step in outlook.steps:
            steps.append(step)
            there = posted(there, step, now)
    return steps, outlook, there


def test_a_round_goes_from_its_opening_to_its_leaderboard() -> None:
    steps, outlook, _ = run(fresh(2, 0), [10] * 120)
    assert [one.name for one in steps] == ["start", "1", "1/reveal", "2", "2/reveal", "leaderboard"]
    assert outlook.over
    assert [(one.due_at - START) / MINUTE for one in steps[:3]] == pytest.approx([0, 2 + 10 / 60, 6 + 40 / 60])


def test_a_hint_follows_by_time_and_each_only_once() -> None:
    steps, _, _ = run(fresh(1, 2, replace(PACE, hint_minutes=1)), [5] * 200)
    assert [one.name for one in steps] == ["start", "1", "1/hint/1", "1/hint/2", "1/reveal", "leaderboard"]


def _scored(right: int, wrong: int, at: datetime) -> list[ScoredAnswer]:
    rulings = [Ruling.RIGHT] * right + [Ruling.WRONG] * wrong
    return [ScoredAnswer(Given(n, 1, n, at, None), "red", ruling, 0, "") for n, ruling in enumerate(rulings, 1)]


@given(st.integers(0, 12), st.integers(0, 12))
def test_a_hint_by_share_waits_for_five_answers_so_that_it_tells_of_nobody(right: int, wrong: int) -> None:
    pace = replace(PACE, hint_share=0.5)
    _, _, there = run(fresh(1, 2, pace), [60, 60, 60])
    now = START + 4 * MINUTE
    outlook = look(replace(there, scored=_scored(right, wrong, now)), always, now)
    hint = any(one.kind is QuizPost.HINT for one in outlook.steps)
    assert hint == (right + wrong >= FEWEST and wrong >= right)


@given(st.permutations([True] * 4 + [False] * 4))
def test_which_people_were_right_makes_no_difference_to_what_is_posted(who: list[bool]) -> None:
    pace = replace(PACE, hint_share=0.5)
    _, _, there = run(fresh(1, 2, pace), [60, 60, 60])
    now = START + 4 * MINUTE
    rulings = [Ruling.RIGHT if right else Ruling.WRONG for right in who]
    scored = [ScoredAnswer(Given(n, 1, n, now, None), "red", ruling, 0, "") for n, ruling in enumerate(rulings)]
    assert look(replace(there, scored=scored), always, now) == look(
        replace(there, scored=_scored(4, 4, now)), always, now
    )


@given(st.lists(st.integers(1, 900), min_size=60, max_size=60))
def test_however_rarely_the_daemon_ticks_every_post_comes_once_and_in_order(ticks: list[int]) -> None:
    steps, outlook, there = run(fresh(3, 1, replace(PACE, hint_minutes=2)), [*ticks, *[400] * 40])
    names = [one.name for one in steps]
    assert len(names) == len(set(names))
    assert [name for name in names if "hint" not in name] == [
        "start", "1", "1/reveal", "2", "2/reveal", "3", "3/reveal", "leaderboard",
    ]  # fmt: skip
    assert outlook.over
    for asked in there.asked:
        assert asked.closes_at - asked.opened_at == PACE.window


def test_a_question_that_never_went_out_is_left_out_and_the_round_goes_on() -> None:
    there = posted(fresh(2, 0), Step(QuizPost.START, START, START, ""), START)
    there = posted(there, Step(QuizPost.QUESTION, START, START, "", 1), START, State.SKIPPED)
    outlook = look(there, always, START + 3 * MINUTE)
    assert [one.name for one in outlook.steps] == ["2"]


def test_a_post_in_doubt_is_waited_for() -> None:
    there = posted(fresh(2, 0), Step(QuizPost.START, START, START, ""), START)
    there = posted(there, Step(QuizPost.QUESTION, START, START, "", 1), START, State.UNKNOWN)
    outlook = look(there, always, START + 60 * MINUTE)
    assert (outlook.steps, outlook.over) == ((), False)


def test_the_leaderboard_waits_until_all_answers_were_read() -> None:
    steps, _, there = run(fresh(1, 0), [60] * 8)
    assert "leaderboard" not in [one.name for one in steps]
    ends = there.asked[0].closes_at + PACE.grace
    later = ends + 10 * MINUTE
    assert look(replace(there, read_to=ends), always, later).waiting == "all answers to be read"
    read = replace(there, read_to=ends + SETTLED_AFTER)
    assert look(replace(read, is_unread=True), always, later).waiting == "all answers to be read"
    assert [one.name for one in look(read, always, later).steps] == ["leaderboard"]


def test_a_round_closed_early_asks_nothing_more_and_tells_its_places() -> None:
    _, _, there = run(fresh(3, 0), [60, 60, 60])
    stopped = replace(there, stop_at=START + 4 * MINUTE)
    steps, outlook, ended = run(stopped, [240, 60, 60, 60, 60])
    assert [one.name for one in steps] == ["1/reveal", "leaderboard"]
    assert outlook.over
    assert ended.asked[0].closes_at == START + 4 * MINUTE


def test_a_round_without_scores_ends_with_its_last_answer() -> None:
    steps, outlook, _ = run(replace(fresh(1, 0), has_scores=False), [60] * 30)
    assert [one.name for one in steps] == ["start", "1", "1/reveal"]
    assert outlook.over


def test_a_live_round_keeps_to_its_times_and_one_over_days_to_the_open_hours() -> None:
    assert [one.name for one in run(fresh(1, 0), [60] * 30, never)[0]][-1] == "leaderboard"
    days = replace(PACE, minutes=1440)
    assert run(fresh(2, 0, days), [3600] * 30, never)[0] == []


def test_over_days_a_question_waits_for_the_next_open_hour_and_keeps_its_whole_time() -> None:
    def daytime(at: datetime) -> datetime:
        return at if 8 <= at.hour < 18 else at.replace(hour=8, minute=0, second=0) + timedelta(days=at.hour >= 18)

    pace = replace(PACE, minutes=600)
    steps, outlook, there = run(fresh(2, 0, pace), [600] * 600, daytime)
    assert [one.name for one in steps] == ["start", "1", "1/reveal", "2", "2/reveal", "leaderboard"]
    assert all(8 <= one.due_at.hour < 18 for one in steps)
    assert all(one.closes_at - one.opened_at == pace.window for one in there.asked)
    assert outlook.over
