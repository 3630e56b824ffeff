"""What people say to a workspace and it to them: questions that wait, and a quiz round under way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from reinforce.domain.nugget import Question, QuestionKind
from reinforce.domain.quizzing.quiz import Quiz, QuizFile, QuizPost, QuizState, TeamEntry, quiz_occurrence
from reinforce.domain.quizzing.scoring import Ruling
from reinforce.store import tables as t
from reinforce.store.quizzing import quizzes, rounds
from reinforce.store.quizzing.quizzes import NewQuestion
from tests.web.seeding import HOSTILE, NOW, Seeded


def converse(seeded: Seeded) -> None:
    """Let a learner of a workspace wait for an answer, and a round be under way."""
    with seeded.database.write() as connection:
        steam = select(t.inbound.c.id).where(t.inbound.c.text.endswith("?")).limit(1)
        ask(connection, int(connection.execute(steam).scalar_one()), seeded.cohort_id)
        quiz = hold_round(connection, "friday", seeded.cohort_id, seeded.account_id, f" {HOSTILE}")
        play(connection, quiz, seeded.learner_ids)


def ask(connection: Connection, inbound_id: int, cohort_id: int | None, **more: Any) -> int:
    """Make an open question of a reply, due in an hour; its number."""
    i = t.inbound.c
    row = connection.execute(select(i.account_id, i.created_at).where(i.id == inbound_id)).one()
    values: dict[str, Any] = {
        "inbound_id": inbound_id, "account_id": row.account_id, "cohort_id": cohort_id, "asked_at": row.created_at,
        "kind": "question", "state": "open", "topic": "", "about": "", "answer": "", "outcome": "",
        "due_soon_at": NOW, "due_at": NOW + timedelta(hours=1),
    }  # fmt: skip
    return int(connection.execute(insert(t.inquiry).values(values | more).returning(t.inquiry.c.id)).scalar_one())


def hold_round(connection: Connection, slug: str, cohort_id: int, account_id: int, words: str = "") -> Quiz:
    """A round of two questions that began a quarter of an hour ago: the first is answered, the second open."""
    asked = [
        NewQuestion(Question(QuestionKind.SHORT, f"What is number {n} of {slug}?{words}", accepted=("hasp",)), 1, None)
        for n in (1, 2)
    ]
    draft = QuizFile(slug, f"Round of {slug}", (), teams=(TeamEntry("red"), TeamEntry("blue"), TeamEntry("tiny")))
    began = NOW - timedelta(minutes=15)
    quiz = quizzes.create(connection, draft, asked, cohort_id, account_id, began)
    quiz = quizzes.move(connection, quiz, QuizState.RUNNING, starts_at=began)
    first, second = quizzes.questions(connection, quiz.id)
    steps = [
        (QuizPost.START, None, "start", 15), (QuizPost.QUESTION, first, "1", 14),
        (QuizPost.REVEAL, first, "1/reveal", 5), (QuizPost.QUESTION, second, "2", 2),
    ]  # fmt: skip
    for number, (kind, one, step, minutes) in enumerate(steps):
        at = NOW - timedelta(minutes=minutes)
        values: dict[str, Any] = {
            "account_id": account_id, "cohort_id": cohort_id, "form": kind.value, "state": "posted",
            "text": f"{slug} {step}{words}", "text_hash": f"{slug} {step}",
            "occurrence": quiz_occurrence(quiz.id, step), "due_at": at, "posted_at": at,
            "grace_until": at, "created_at": at, "fence": 1, "owner": "", "rounds": 0, "price_micros": 15_000,
            "reason": "", "decision": {}, "outcome": "", "alternatives": [], "remote_id": quiz.id * 1000 + number,
        }  # fmt: skip
        post = connection.execute(insert(t.outbox).values(values).returning(t.outbox.c.id)).scalar_one()
        rounds.record_post(connection, quiz.id, one.id if one else None, kind, int(post))
    return quiz


def play(connection: Connection, quiz: Quiz, learners: tuple[int, ...]) -> None:
    """Put three learners on each of the teams red and blue, one on tiny, and let them answer: red is right about the
    first question, and one of each team about the second, which is open."""
    teams = {team.name: team.id for team in quizzes.teams(connection, quiz.id)}
    first, second = quizzes.questions(connection, quiz.id)
    on = [("red", learners[0:3]), ("blue", learners[3:6]), ("tiny", learners[7:8])]
    for name, people in on:
        quizzes.add_members(connection, quiz.id, teams[name], people, NOW - timedelta(minutes=15))
    answers = [
        (first, learners[0], "red", True, 13), (first, learners[3], "blue", False, 13),
        (second, learners[1], "red", True, 1), (second, learners[4], "blue", True, 1),
        (second, learners[7], "tiny", True, 1),
    ]  # fmt: skip
    for number, (question, learner, team, right, minutes) in enumerate(answers):
        ruling = Ruling.WRONG if not right else Ruling.WON if team != "tiny" else Ruling.SMALL_TEAM
        row: dict[str, Any] = {
            "quiz_id": quiz.id, "question_id": question.id, "post_remote_id": 9000 + number,
            "author_remote_id": 100 + learner, "learner_id": learner, "team": team, "choice": "", "right": right,
            "at": NOW - timedelta(minutes=minutes), "deleted": False, "ruling": ruling.value, "points": int(right),
            "why": "",
        }  # fmt: skip
        connection.execute(insert(t.quiz_answer).values(row))
