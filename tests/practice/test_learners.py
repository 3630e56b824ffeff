"""The scripted learners: they answer in programme time, by a memory of their own, the same for the same seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import tweepy  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from reinforce.clock import Clock
from reinforce.practice.config import Config
from reinforce.practice.forgetting import DAY, recall
from reinforce.practice.running import PracticeThread
from reinforce.practice.script import Subject, choices_in, react, traits_of

QUESTION = """Before you work inside the press, what must be true?
A) The guard is open
B) Every energy source is locked and tagged
C) A colleague watches

Reply with the letter. #lockout"""
REMINDER = "Your lock, your key: nobody else removes it. #lockout"
RIGHT = "Every energy source is locked and tagged"
KNOWLEDGE = [
    {
        "fingerprints": ["Before you work inside the press, what must be true?"],
        "nugget": "lockout/verify",
        "options": ["The guard is open", RIGHT, "A colleague watches"],
        "correct": [RIGHT],
        "wrong": ["The guard is open", "A colleague watches"],
    },
    {"fingerprints": ["Your lock, your key: nobody else removes it."], "nugget": "lockout/own-lock"},
]
RIGHT_REPLIES = {"B", "b", "B)", "It's B", f"B - {RIGHT}"}


@pytest.fixture
def cohort(practice: PracticeThread) -> PracticeThread:
    """Thirty learners who know what the posts are about."""
    practice.control("POST", "/people", [{"handle": f"learner_{number}"} for number in range(30)])
    assert practice.control("POST", "/knowledge", KNOWLEDGE) == {"learned": 2}
    return practice


@pytest.fixture
def pass_time(practice: PracticeThread, clock: Clock) -> Callable[..., int]:
    """Steps programme time and lets the learners act."""

    def step(**time: float) -> int:
        clock.step_to(clock.now() + timedelta(**time))
        return int(practice.control("POST", "/step")["acts"])

    return step


def replies(practice: PracticeThread, post: str) -> list[str]:
    return [entry["text"] for entry in practice.state()["posts"] if entry["in_reply_to"] == post]


def test_they_come_across_a_post_over_the_following_hours(
    cohort: PracticeThread, client: tweepy.Client, pass_time: Callable[..., int]
) -> None:
    post = client.create_tweet(text=REMINDER).data["id"]
    assert pass_time(seconds=1) == 0
    soon = pass_time(minutes=20)
    later = pass_time(hours=12)
    assert 1 <= soon < soon + later <= 30
    assert cohort.state()["posts"][0]["metrics"]["impression_count"] == soon + later
    assert 5 <= len(replies(cohort, post)) <= 28
    assert pass_time(hours=12) == 0


def test_they_answer_a_question_by_letter_right_wrong_or_unsure(
    cohort: PracticeThread, client: tweepy.Client, pass_time: Callable[..., int]
) -> None:
    post = client.create_tweet(text=QUESTION).data["id"]
    pass_time(hours=24)
    said = replies(cohort, post)
    right = [text for text in said if text in RIGHT_REPLIES]
    unsure = [text for text in said if "not sure" in text.lower()]
    assert len(right) >= 1
    assert len(unsure) >= 1
    assert len(said) - len(right) - len(unsure) >= 3


def test_they_learn_from_posts_and_forget(
    cohort: PracticeThread, client: tweepy.Client, pass_time: Callable[..., int]
) -> None:
    def right_share(text: str) -> float:
        post = client.create_tweet(text=text).data["id"]
        pass_time(hours=30)
        said = replies(cohort, post)
        return sum(reply in RIGHT_REPLIES for reply in said) / len(said)

    first = right_share(QUESTION)
    soon = right_share(QUESTION + " Again.")
    assert soon > first + 0.2
    pass_time(days=240)
    assert right_share(QUESTION + " Long after.") < soon


def test_their_replies_mention_us_as_on_x(
    cohort: PracticeThread, client: tweepy.Client, pass_time: Callable[..., int]
) -> None:
    client.create_tweet(text=REMINDER)
    pass_time(hours=24)
    mentions = client.get_users_mentions(cohort.credentials["user_id"], user_auth=True, max_results=100)
    assert all(tweet.text.startswith("@acme_reinforce ") for tweet in mentions.data)


def test_they_vote_in_polls_and_nobodys_vote_can_be_read(
    cohort: PracticeThread, client: tweepy.Client, pass_time: Callable[..., int]
) -> None:
    client.create_tweet(text="Where do you stand?", poll_options=["Sure", "Not yet"], poll_duration_minutes=1440)
    pass_time(hours=23)
    votes = [option["votes"] for option in cohort.state()["posts"][0]["poll"]]
    assert 10 <= sum(votes) <= 30


def test_they_let_answers_to_others_and_deleted_posts_pass(
    cohort: PracticeThread, client: tweepy.Client, pass_time: Callable[..., int], person: Callable[..., Any]
) -> None:
    reply = person("human_one", scripted=False).post("@acme_reinforce a question")
    client.create_tweet(text="An answer for you alone", in_reply_to_tweet_id=reply)
    gone = client.create_tweet(text=REMINDER).data["id"]
    client.delete_tweet(gone)
    assert pass_time(hours=24) == 0
    assert all(entry["source"] != "script" for entry in cohort.state()["posts"])


def test_a_reveal_under_a_question_refreshes_and_asks_nothing(
    cohort: PracticeThread, client: tweepy.Client, pass_time: Callable[..., int]
) -> None:
    post = client.create_tweet(text=QUESTION).data["id"]
    pass_time(hours=24)
    reveal = client.create_tweet(text="B. Why: stored energy kills.", in_reply_to_tweet_id=post).data["id"]
    pass_time(hours=24)
    assert not RIGHT_REPLIES.intersection(replies(cohort, reveal))


def rehearsed(folder: Path, seed: int, connect: Callable[..., tweepy.Client]) -> list[tuple[str, str]]:
    """Who said what in one rehearsed day."""
    clock = Clock(folder / "clock.json")
    clock.step_to(clock.wall().replace(year=2026, month=11, day=23, hour=9, minute=0, second=0, microsecond=0))
    config = Config(learners=False, learner_seed=seed)
    with PracticeThread(folder / "practice", clock, config=config) as practice:
        practice.control("POST", "/people", [{"handle": f"learner_{number}"} for number in range(12)])
        practice.control("POST", "/knowledge", KNOWLEDGE)
        client = connect(practice)
        for text in (QUESTION, REMINDER):
            client.create_tweet(text=text)
            for _ in range(4):
                clock.step_to(clock.now() + timedelta(hours=3))
                practice.control("POST", "/step")
        return [(entry["author"], entry["text"]) for entry in practice.state()["posts"]]


def test_the_same_seed_brings_the_same_rehearsal(tmp_path: Path, connect: Callable[..., tweepy.Client]) -> None:
    first = rehearsed(tmp_path / "a", 1, connect)
    assert rehearsed(tmp_path / "b", 1, connect) == first
    assert rehearsed(tmp_path / "c", 2, connect) != first


def test_what_they_meant_to_do_outlives_a_restart(
    start: Callable[..., PracticeThread], clock: Clock, connect: Callable[..., tweepy.Client]
) -> None:
    practice = start()
    practice.control("POST", "/people", [{"handle": f"learner_{number}"} for number in range(12)])
    connect(practice).create_tweet(text=REMINDER)
    practice.control("POST", "/step")
    practice.stop()
    clock.step_to(clock.now() + timedelta(hours=12))
    assert start().control("POST", "/step")["acts"] > 3


def test_they_act_by_themselves_while_programme_time_runs(
    start: Callable[..., PracticeThread], clock: Clock, connect: Callable[..., tweepy.Client]
) -> None:
    practice = start(learners=True, learner_pause=0.02)
    practice.control("POST", "/people", [{"handle": f"learner_{number}"} for number in range(12)])
    client = connect(practice)
    client.create_tweet(text=REMINDER)
    clock.start(at=clock.now(), speed=86_400.0)
    for _ in range(300):
        clock.beat()
        if practice.state()["posts"][0]["metrics"]["impression_count"] >= 3:
            break
    assert practice.state()["posts"][0]["metrics"]["impression_count"] >= 3


@given(st.floats(0, 20), st.integers(0, 400 * DAY), st.integers(0, 400 * DAY), st.floats(0.3, 3), st.floats(0, 0.5))
def test_recall_is_a_chance_that_falls_with_time_and_rises_with_practice(
    encounters: float, soon: int, more: int, forgetting: float, known: float
) -> None:
    now = recall(encounters, soon, forgetting, known)
    assert known <= now <= 1
    assert recall(encounters, soon + more, forgetting, known) <= now + 1e-12
    assert recall(encounters + 1, soon, forgetting, known) >= now - 1e-12


def test_who_knows_answers_right_and_who_does_not_guesses() -> None:
    subject = Subject("question", "n", ("The guard is open", RIGHT, "A colleague watches"), (RIGHT,))
    traits = traits_of(random.Random(3))

    def answers(recalled: float) -> Counter[bool]:
        found: Counter[bool] = Counter()
        for seed in range(300):
            reaction = react(traits, subject, QUESTION, (), recalled, random.Random(seed))
            found.update(act.text in RIGHT_REPLIES for act in reaction.acts if act.kind == "reply")
        return found

    assert answers(1.0)[False] < 0.1 * answers(1.0)[True]
    assert answers(0.0)[True] == 0


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        (QUESTION, "ABC"),
        ("Which? A. one B. two C. three D. four", "ABCD"),
        ("Which one?\na) one\nb) two", "AB"),
        ("Plan A: none", ""),
        ("B) only one", ""),
    ],
)
def test_lettered_options_are_read_off_a_post(text: str, letters: str) -> None:
    assert "".join(choices_in(text)) == letters
