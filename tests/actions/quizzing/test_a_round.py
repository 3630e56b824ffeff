"""A round from its opening post to its leaderboard: the real daemon, the practice account over HTTP."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from reinforce.content.quiz_file import read_quiz
from reinforce.store import tables as t
from tests.actions.quizzing.conftest import QuizStage

QUIZ = """
title: Monday quiz
slug: monday
minutes: 2
pause_minutes: 1
join_minutes: 1
grace_seconds: 30
hint_minutes: 1
teams:
  - {name: nights, handle: acme_nights}
questions:
  - nugget: lockout/why-lockout
  - question:
      ask: Who takes a lock off?
      answer: [its owner, the owner]
      hints: [Whoever hung it.]
      explanation: nobody else knows why it hangs there.
  - nugget: lockout/own-lock
    points: 2
"""


def test_teams_play_a_round_and_the_table_is_what_a_hand_would_make_it(quiz_stage: QuizStage, tmp_path: Path) -> None:
    stage = quiz_stage
    file = tmp_path / "monday.yaml"
    file.write_text(QUIZ, "utf-8")
    stage.start(read_quiz(file))
    stage.step(1)
    [opening] = stage.posted("quiz_start")
    assert "Monday quiz" in opening["text"]

    stage.say("jara", "join green please", opening["remote_id"])
    stage.step(20)
    stage.step(45)
    [first] = stage.posted("quiz_question")
    right, wrong = _letters(stage, 0)
    stage.step(5)
    stage.say("dora", wrong, first["remote_id"])
    stage.step(5)
    stage.say("dora", right, first["remote_id"])  # changed: the first one counts
    stage.say("ana", right, first["remote_id"])
    stage.say("emil", right, first["remote_id"])  # the same second: both teams win
    stage.step(5)
    stage.say("jara", right, first["remote_id"])  # right, but later
    stage.say("kim", right, first["remote_id"])  # on no team
    stage.say("cleo", f"@{stage.practice.state()['company']['handle']} greetings from hall {wrong}")  # no answer
    stage.say("stranger", wrong, first["remote_id"])
    stage.another_daemon()
    stage.step(50)
    hints = stage.posted("quiz_hint")
    assert len(hints) == 1
    stage.say("gita", right, hints[0]["remote_id"])  # below the hint: an answer to the question
    stage.step(65)  # closed 10 s ago, within the grace
    stage.say("finn", right, first["remote_id"])
    stage.step(25)
    stage.say("hugo", right, first["remote_id"])  # late
    stage.step(5)
    [answer] = stage.posted("quiz_reveal")
    assert answer["text"].startswith(f"1: {right}")

    stage.step(60)
    second = stage.posted("quiz_question")[1]
    stage.step(5)
    stage.say("acme_nights", "the owner", second["remote_id"])
    stage.step(5)
    stage.say("ben", "the shift lead", second["remote_id"])
    withdrawn = stage.say("ines", "its owner", second["remote_id"])
    stage.step(5)
    stage.say("cleo", f"@{stage.practice.state()['company']['handle']} its owner")  # a mention, no reply
    del withdrawn
    us = stage.practice.state()["company"]["handle"]
    mended = stage.say("finn", f"@{us} nobody")
    stage.step(5)
    stage.edit("finn", mended, f"@{us} the owner")  # edited: kept, and the first version counts
    for _ in range(6):
        stage.step(40)
    third = stage.posted("quiz_question")[2]
    right, wrong = _letters(stage, 2)
    stage.say("ana", "STOP", third["remote_id"])
    stage.step(2)
    stage.say("ana", right, third["remote_id"])  # said stop: nothing of theirs is graded
    stage.say("ben", right, quoting=third["remote_id"])  # mentions nobody: found when the question is counted
    for _ in range(8):
        stage.step(45)

    status = stage.status("monday")
    assert status.quiz.state == "closed", status.waiting
    table = [(one.number, one.author.removesuffix("_s"), one.team, one.ruling, one.points) for one in status.answers]
    assert sorted(table) == sorted(
        [
            (1, "dora", "blue", "wrong", 0),
            (1, "dora", "blue", "repeated", 0),
            (1, "ana", "red", "won", 1),
            (1, "emil", "blue", "won", 1),
            (1, "jara", "green", "right", 0),
            (1, "kim", "", "no_team", 0),
            (1, "stranger", "", "no_team", 0),
            (1, "gita", "green", "right", 0),
            (1, "finn", "blue", "right", 0),
            (1, "hugo", "green", "late", 0),
            (2, "acme_nights", "nights", "won", 1),
            (2, "ben", "red", "wrong", 0),
            (2, "ines", "green", "right", 0),
            (2, "cleo", "red", "right", 0),
            (2, "", "blue", "wrong", 0),  # finn's: the words X shows no more went, and the handle with them
            (2, "finn", "blue", "repeated", 0),
            (3, "ana", "red", "stopped", 0),
            (3, "ben", "red", "won", 2),
        ]
    )
    places = [(one.place, one.team, one.points) for one in status.standings]
    assert places == [(1, "red", 3), (2, "nights", 1), (3, "blue", 1), (4, "green", 0)]
    [board] = stage.posted("quiz_leaderboard")
    assert "1. red: 3 points" in board["text"]
    assert "green" not in board["text"]
    _nobody_was_named_or_replied_to(stage)
    _evidence_is_each_learners_own(stage)


def _letters(stage: QuizStage, number: int) -> tuple[str, str]:
    options = stage.status("monday").questions[number]
    right = options.answer[0]
    return right, "A" if right != "A" else "B"


def _nobody_was_named_or_replied_to(stage: QuizStage) -> None:
    ids = {post["id"] for post in stage.ours()}
    texts = [post["text"] for post in stage.ours()]
    assert len(texts) == len(set(texts))
    for post in stage.ours():
        assert post["in_reply_to"] is None or post["in_reply_to"] in ids
        assert not any(name.lower() in post["text"].lower() for name in stage.users)


def _evidence_is_each_learners_own(stage: QuizStage) -> None:
    r, person = t.review.c, t.learner.c
    query = select(person.handle, r.rating).join(t.review, r.learner_id == person.id).where(r.voided_at.is_(None))
    with stage.house.database.read() as connection:
        reviews = sorted((row.handle.removesuffix("_s"), row.rating) for row in connection.execute(query))
    # Question 2 belongs to no nugget; the late and the stranger's are no evidence, nor what came after a stop.
    right = ("ana", "emil", "jara", "kim", "gita", "finn", "ben")
    assert reviews == sorted([("dora", 1), *((name, 3) for name in right)])
