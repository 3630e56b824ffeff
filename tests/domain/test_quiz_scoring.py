"""Who scores in a round: by X's stamps alone, whatever order the answers came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.quizzing.leaderboard import publishable_share, sharing_first, top
from reinforce.domain.quizzing.quiz import Standing
from reinforce.domain.quizzing.scoring import (
    COUNTED,
    Asked,
    Given,
    Ruling,
    ScoredAnswer,
    Scores,
    Team,
    score,
    standings,
)

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
GRACE = timedelta(seconds=30)
MINUTE = timedelta(minutes=1)
QUESTIONS = (Asked(1, START, START + 2 * MINUTE), Asked(2, START + 3 * MINUTE, START + 5 * MINUTE, points=2))
BEFORE = START - MINUTE


def team(name: str, *people: int, size: int | None = None, spoken_for: bool = False) -> Team:
    return Team(name, dict.fromkeys(people, BEFORE), len(people) if size is None else size, spoken_for)


RED, BLUE, GREEN = team("red", 1, 2, 3), team("blue", 4, 5, 6), team("green", 7, 8, 9)
TEAMS = (RED, BLUE, GREEN)


def answer(who: int, after: float, *, right: bool | None = True, number: int = 1, post: int = 0, **more: Any) -> Given:
    at = QUESTIONS[number - 1].opened_at + timedelta(seconds=after)
    return Given(post or int(after * 100) + who, number, who, at, right, **more)


def ruled(*answers: Given, teams: Sequence[Team] = TEAMS) -> list[tuple[Ruling, int]]:
    return [(one.ruling, one.points) for one in score(QUESTIONS, teams, answers, GRACE).answers]


def places(*answers: Given, teams: Sequence[Team] = TEAMS) -> list[tuple[int, str, int]]:
    return [(one.place, one.team, one.points) for one in score(QUESTIONS, teams, answers, GRACE).standings]


givens = st.builds(
    answer,
    st.integers(1, 12),
    st.integers(0, 160),
    right=st.sampled_from([True, True, False, None]),
    number=st.integers(1, 2),
    post=st.integers(1, 10**6),
    deleted=st.booleans(),
    stopped=st.sampled_from([False, False, False, True]),
)
rounds = st.lists(givens, max_size=25, unique_by=lambda one: one.post)


# --- what a hand would do ----------------------------------------------------------------------------------------


def test_the_earliest_right_answer_wins_the_points() -> None:
    answers = (answer(1, 5, right=False), answer(4, 10), answer(7, 20))
    assert ruled(*answers) == [(Ruling.WRONG, 0), (Ruling.WON, 1), (Ruling.RIGHT, 0)]
    assert places(*answers) == [(1, "blue", 1), (2, "green", 0), (3, "red", 0)]


def test_the_first_answer_counts_and_a_changed_one_does_not() -> None:
    assert ruled(answer(1, 5, right=False), answer(1, 6), answer(4, 50)) == [
        (Ruling.WRONG, 0),
        (Ruling.REPEATED, 0),
        (Ruling.WON, 1),
    ]


def test_two_answers_in_one_are_not_taken_and_the_next_one_is_the_first() -> None:
    assert ruled(answer(1, 5, right=None), answer(1, 6)) == [(Ruling.UNCLEAR, 0), (Ruling.WON, 1)]


def test_an_answer_within_the_grace_counts_and_one_after_it_is_late() -> None:
    assert ruled(answer(1, 150), answer(4, 151)) == [(Ruling.WON, 1), (Ruling.LATE, 0)]


def test_teams_in_the_same_second_both_win() -> None:
    scores = score(QUESTIONS, TEAMS, [answer(4, 10), answer(1, 10), answer(2, 10, post=10**6)], GRACE)
    assert [(one.team, one.points) for one in scores.answers] == [("red", 1), ("blue", 1), ("red", 0)]
    assert "in the same second as red" in scores.answers[1].why
    assert [(one.place, one.team) for one in scores.standings[:2]] == [(1, "blue"), (1, "red")]


def test_equal_points_go_to_who_solved_more_then_to_who_was_quicker() -> None:
    assert places(answer(1, 5), answer(4, 9), answer(4, 5, number=2, right=False), answer(7, 7))[:2] == [
        (1, "red", 1),
        (2, "green", 0),
    ]
    more = (answer(1, 5), answer(4, 10), answer(4, 9, number=2), answer(7, 20, number=2))
    assert places(*more) == [(1, "blue", 2), (2, "red", 1), (3, "green", 0)]


def test_a_deleted_answer_is_withdrawn_and_uses_the_first_one_up() -> None:
    assert ruled(answer(1, 5, deleted=True), answer(1, 20), answer(4, 40)) == [
        (Ruling.DELETED, 0),
        (Ruling.REPEATED, 0),
        (Ruling.WON, 1),
    ]


def test_nothing_is_graded_after_a_stop() -> None:
    assert ruled(answer(1, 5, stopped=True), answer(4, 10)) == [(Ruling.STOPPED, 0), (Ruling.WON, 1)]


def test_a_team_of_two_is_not_placed_and_takes_nothing_from_others() -> None:
    pair = team("pair", 10, 11)
    assert ruled(answer(10, 1), answer(1, 9), teams=(RED, pair)) == [(Ruling.SMALL_TEAM, 0), (Ruling.WON, 1)]
    assert [one[1] for one in places(answer(10, 1), teams=(RED, pair))] == ["red"]


def test_a_handle_that_speaks_for_a_team_is_enough() -> None:
    assert ruled(answer(20, 1), answer(1, 9), teams=(RED, team("nights", 20, size=0, spoken_for=True))) == [
        (Ruling.WON, 1),
        (Ruling.RIGHT, 0),
    ]


def test_who_joins_before_the_close_is_on_the_team_for_all_of_the_question() -> None:
    joined = Team("red", {1: BEFORE, 2: BEFORE, 3: START + 2 * MINUTE, 9: START + 3 * MINUTE}, 4)
    rulings = ruled(answer(3, 5), answer(9, 6), answer(9, 10, number=2), teams=(joined,))
    assert rulings == [(Ruling.WON, 1), (Ruling.NO_TEAM, 0), (Ruling.WON, 2)]


# --- whatever comes ----------------------------------------------------------------------------------------------


@given(rounds, st.randoms(use_true_random=False))
def test_the_order_in_which_answers_come_in_makes_no_difference(answers: list[Given], chance: object) -> None:
    shuffled = list(answers)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert score(QUESTIONS, TEAMS, answers, GRACE) == score(QUESTIONS, tuple(reversed(TEAMS)), shuffled, GRACE)


@given(rounds)
def test_points_of_answers_and_of_teams_are_the_same_points(answers: list[Given]) -> None:
    scores = score(QUESTIONS, TEAMS, answers, GRACE)
    for one in scores.standings:
        assert one.points == sum(each.points for each in scores.answers if each.team == one.team)


@given(rounds)
def test_every_answer_is_there_once_and_says_why(answers: list[Given]) -> None:
    scores = score(QUESTIONS, TEAMS, answers, GRACE)
    assert sorted(one.given.post for one in scores.answers) == sorted(one.post for one in answers)
    assert all(one.why for one in scores.answers)


@given(rounds)
def test_nobody_counts_twice_for_a_question(answers: list[Given]) -> None:
    counted = [
        (one.given.who, one.given.number)
        for one in score(QUESTIONS, TEAMS, answers, GRACE).answers
        if one.ruling in COUNTED
    ]
    assert len(counted) == len(set(counted))


@given(rounds)
def test_a_question_is_won_in_one_second_only_and_never_by_a_later_one(answers: list[Given]) -> None:
    scores = score(QUESTIONS, TEAMS, answers, GRACE)
    for question in QUESTIONS:
        here = [one for one in scores.answers if one.given.number == question.number]
        won = {one.given.at for one in here if one.ruling is Ruling.WON}
        right = [one.given.at for one in here if one.ruling in (Ruling.WON, Ruling.RIGHT)]
        assert len(won) <= 1
        assert not right or won == {min(right)}


@given(rounds, givens)
def test_a_later_answer_changes_nothing_of_what_was_given_before(answers: list[Given], late: Given) -> None:
    before = score(QUESTIONS, TEAMS, answers, GRACE)
    last = max([one.at for one in answers], default=START)
    later = replace(late, post=10**7, at=last + timedelta(seconds=1))
    after = score(QUESTIONS, TEAMS, [*answers, later], GRACE)
    assert after.answers[: len(answers)] == before.answers


@given(rounds)
def test_scores_that_were_kept_give_the_same_places(answers: list[Given]) -> None:
    scores = score(QUESTIONS, TEAMS, answers, GRACE)
    assert standings(QUESTIONS, TEAMS, scores.answers) == scores.standings


# --- what is for everybody ---------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8))
def test_at_most_three_teams_are_shown_none_before_an_equal_and_none_without_points(
    rows: list[tuple[int, int]],
) -> None:
    rows.sort(key=lambda row: (-row[0], -row[1]))
    there = tuple(
        Standing(f"t{n}", 1 + sum((-p, -s) < (-points, -solved) for p, s in rows), points, solved, 0.0)
        for n, (points, solved) in enumerate(rows)
    )
    shown = top(there)
    assert len(shown) <= 3
    assert all(one.points for one in shown)
    for one in shown:
        assert {other for other in there if other.place == one.place} <= set(shown)
    assert bool(shown) or sharing_first(there) in {0, *range(4, 9)}


def _answers(right: int, wrong: int) -> list[ScoredAnswer]:
    rulings = [Ruling.RIGHT] * right + [Ruling.WRONG] * wrong
    return [ScoredAnswer(answer(1, n), "red", ruling, 0, "") for n, ruling in enumerate(rulings)]


@given(st.integers(0, 30), st.integers(0, 30))
def test_a_share_is_told_of_ten_answers_or_more_and_from_one_half_up(right: int, wrong: int) -> None:
    share = publishable_share(_answers(right, wrong))
    assert (share is not None) == (right + wrong >= 10 and right >= wrong)


def test_an_empty_round_has_no_scores() -> None:
    assert score((), TEAMS, [], GRACE) == Scores((), score(QUESTIONS, TEAMS, [], GRACE).standings)
