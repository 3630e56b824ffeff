"""Quiz rounds: their questions, teams and posts, and what became of each answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field

from reinforce.store.tables.base import BIG, Base, instant, json_column, key, reference, remote_key, text_column


class QuizRow(Base, table=True):
    """A round (domain/quizzing/quiz.py). `starts_at`, `stop_at` and `ended_at` are programme time.
    `standings` are the teams' places as they were told when it ended, empty before."""

    __tablename__ = "quiz"
    id: int | None = key()
    slug: str = Field(unique=True)
    title: str
    cohort_id: int = reference("cohort.id")
    account_id: int = reference("account.id")
    state: str = Field(index=True)
    pace: dict[str, Any] = json_column()
    confidentiality: str
    starts_at: datetime | None = instant(null=True)
    stop_at: datetime | None = instant(null=True)
    ended_at: datetime | None = instant(null=True)
    note: str = text_column()
    standings: list[dict[str, Any]] = json_column()
    created_at: datetime = instant()


class QuizQuestionRow(Base, table=True):
    """A question as the round asks it: `content` is a copy, so that a revised nugget changes no round under way."""

    __tablename__ = "quiz_question"
    __table_args__ = (UniqueConstraint("quiz_id", "number"),)
    id: int | None = key()
    quiz_id: int = reference("quiz.id", index=False)
    number: int
    nugget_id: int | None = reference("nugget.id", null=True)
    points: int
    content: dict[str, Any] = json_column()


class QuizTeamRow(Base, table=True):
    """A team of a round. `handle` speaks for all of it; its X user id is kept from its first answer on, since handles
    change hands."""

    __tablename__ = "quiz_team"
    __table_args__ = (UniqueConstraint("quiz_id", "name"),)
    id: int | None = key()
    quiz_id: int = reference("quiz.id", index=False)
    name: str
    handle: str
    remote_user_id: int | None = remote_key()


class QuizMemberRow(Base, table=True):
    """Somebody on a team: a learner of the roster, or whoever replied "join red" (`author_remote_id`). `joined_at` is
    X's stamp of that reply, or the round's start."""

    __tablename__ = "quiz_member"
    __table_args__ = (UniqueConstraint("quiz_id", "learner_id"), UniqueConstraint("quiz_id", "author_remote_id"))
    id: int | None = key()
    quiz_id: int = reference("quiz.id", index=False)
    team_id: int = reference("quiz_team.id")
    learner_id: int | None = reference("learner.id", null=True)
    author_remote_id: int | None = remote_key()
    via: str
    joined_at: datetime = instant()


class QuizPostRow(Base, table=True):
    """Which post of the outbox says what of a round; a question's, hint's and answer's have its `question_id`."""

    __tablename__ = "quiz_post"
    outbox_id: int = Field(sa_column=Column(BIG, ForeignKey("outbox.id", ondelete="RESTRICT"), primary_key=True))
    quiz_id: int = reference("quiz.id")
    question_id: int | None = reference("quiz_question.id", null=True)
    kind: str


class QuizAnswerRow(Base, table=True):
    """What became of an answer, without its text. It is worked out anew at each tick until the round has ended, and
    stays then. `post_remote_id` is X's id of the reply, `at` X's stamp; `right` is empty where no answer was in it."""

    __tablename__ = "quiz_answer"
    __table_args__ = (
        UniqueConstraint("question_id", "post_remote_id"),
        Index("ix_quiz_answer_quiz_id_at", "quiz_id", "at"),
    )
    id: int | None = key()
    quiz_id: int = reference("quiz.id", index=False)
    question_id: int = reference("quiz_question.id", index=False)
    post_remote_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    author_remote_id: int = remote_key(null=False)
    learner_id: int | None = reference("learner.id", null=True)
    team: str
    at: datetime = instant()
    choice: str
    right: bool | None = None
    deleted: bool = False
    ruling: str
    points: int
    why: str = text_column()
