"""Nobody's mistake is public: whatever the answers were, no text of a round tells who gave them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.cohort import Answers
from reinforce.domain.nugget import Option, Question, QuestionKind
from reinforce.domain.quizzing.leaderboard import publishable_share
from reinforce.domain.quizzing.scoring import Asked, Given, Team, score
from reinforce.domain.texts.naming_guard import NamingGuard, PersonMarks
from reinforce.domain.texts.wording import LIMIT, mentions, weighted_length
from reinforce.rendering.posts import PostRenderer
from reinforce.rendering.quiz_posts import QuizTexts
from reinforce.shipped import shipped
from tests.rendering.test_posts import LANGUAGES, UNKIND

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
GRACE = timedelta(seconds=30)
RENDERER = PostRenderer(shipped("templates") / "posts")
CHOICE = Question(
    QuestionKind.MULTIPLE_CHOICE,
    "What comes first?",
    (Option("A", "Cut the power", correct=False), Option("B", "Tell the people affected", correct=True)),
    hints=("Who would be surprised?",),
    explanation="nobody is to be surprised by a machine that stops.",
)
SHORT = Question(QuestionKind.SHORT, "Who removes the lock?", accepted=("its owner",), hints=("Whoever hung it.",))
QUESTIONS = (CHOICE, SHORT)
ASKED = tuple(Asked(n, START + n * timedelta(minutes=5), START + n * timedelta(minutes=5, seconds=36)) for n in (1, 2))
PEOPLE = {n: f"Person{n:02} Surname{n:02}" for n in range(1, 13)}
GUARD = NamingGuard(PersonMarks(n, name, f"handle_{n:02}", f"E-{n:04}") for n, name in PEOPLE.items())
FIRST = {"red": 1, "blue": 5, "green": 9}
TEAMS = tuple(Team(name, dict.fromkeys(range(first, first + 4), START), 4) for name, first in FIRST.items())


def one_answer(who: int, number: int, after: int, right: bool | None) -> Given:
    return Given(0, number, who, ASKED[number - 1].opened_at + timedelta(seconds=after), right)


given_answers = st.builds(
    one_answer,
    st.sampled_from(sorted(PEOPLE)),
    st.integers(1, 2),
    st.integers(0, 60),
    st.sampled_from([True, False, None]),
)
rounds = st.lists(given_answers, max_size=24).map(
    lambda answers: [replace(one, post=n) for n, one in enumerate(answers, 1)]
)


def texts(given_: list[Given], language: str, answers: Answers = Answers.REPLIES) -> Iterator[str]:
    """Every text that a round may post, in every way to say it."""
    of = QuizTexts(RENDERER, language, "Lockout", len(QUESTIONS), answers)
    scores = score(ASKED, TEAMS, given_, GRACE)
    ways = [*of.start(timedelta(minutes=10), [team.name for team in TEAMS])]
    for number, question in enumerate(QUESTIONS, 1):
        ways += of.question(number, question, "16:00")
        ways += of.reveal(number, question)
        for hint in question.hints:
            ways += of.hint(number, hint)
    ways += of.leaderboard(scores.standings, publishable_share(scores.answers))
    return (RENDERER.render(form, values) for form, values in ways)


@given(rounds, st.sampled_from(LANGUAGES), st.sampled_from(Answers))
def test_no_text_of_a_round_names_anybody_or_says_that_somebody_was_wrong(
    answers: list[Given], language: str, how: Answers
) -> None:
    for text in texts(answers, language, how):
        assert not GUARD.find(text)
        assert not mentions(text)
        assert weighted_length(text) <= LIMIT
        assert not [word for word in UNKIND[language] if word in text.lower()]


@given(rounds, st.sampled_from(LANGUAGES), st.randoms(use_true_random=False))
def test_no_text_differs_by_who_of_a_team_was_wrong(answers: list[Given], language: str, chance: object) -> None:
    """The same answers, given by the others of each team: what everybody reads is the same, letter by letter."""
    swapped: dict[int, int] = {}
    for team in TEAMS:
        people = list(team.people)
        chance.shuffle(people)  # type: ignore[attr-defined]
        swapped |= dict(zip(team.people, people, strict=True))
    others = [replace(one, who=swapped[one.who]) for one in answers]
    assert list(texts(answers, language)) == list(texts(others, language))


@given(rounds, st.integers(0, 23))
def test_another_verdict_changes_the_leaderboard_and_nothing_else(answers: list[Given], which: int) -> None:
    if not answers:
        return
    place = which % len(answers)
    changed = [replace(one, right=not one.right) if n == place else one for n, one in enumerate(answers)]
    before, after = list(texts(answers, "en")), list(texts(changed, "en"))
    boards = RENDERER.variants("quiz_over", "en")
    assert before[:-boards] == after[:-boards]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_round_reads_as_it_should(language: str) -> None:
    right = [Given(n, 1, n, ASKED[0].opened_at + timedelta(seconds=n), right=n != 2) for n in PEOPLE]
    said = list(texts(right, language))
    assert any("91" in text for text in said[-3:])  # 11 of 12, and 91 per cent of them
    assert any(text.startswith("1/2 What comes first?\nA) Cut the power\nB)") for text in said)
    assert any(text.startswith("1: B") for text in said)
    assert all(team.name in said[0] for team in TEAMS)


def test_polls_leave_the_choices_to_x_and_thinking_first_asks_for_no_reply() -> None:
    poll = list(texts([], "en", Answers.POLLS))
    assert "1/2 What comes first?\n\nVote below." in poll
    think = list(texts([], "en", Answers.THINK_THEN_REVEAL))
    assert any("the answer follows at 16:00" in text for text in think)
    assert not any("Reply" in text for text in think)
