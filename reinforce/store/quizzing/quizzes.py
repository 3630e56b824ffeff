"""Rounds with their questions and teams: made, found, moved on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from reinforce.domain.cohort import LIVE
from reinforce.domain.errors import Conflict, NotFound
from reinforce.domain.nugget import Confidentiality, Option, Question, QuestionKind
from reinforce.domain.quizzing.quiz import Pace, Quiz, QuizFile, QuizQuestion, QuizState, Standing, TeamEntry, Via
from reinforce.domain.quizzing.scoring import Team
from reinforce.store import tables as t

_q, _team, _member = t.quiz.c, t.quiz_team.c, t.quiz_member.c


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question about to be kept, in the order of the round."""

    question: Question
    points: int
    nugget_id: int | None


def quizzes(connection: Connection, *states: QuizState) -> tuple[Quiz, ...]:
    """Every round in one of `states` (all without), the newest first."""
    query = select(t.quiz).order_by(_q.id.desc())
    if states:
        query = query.where(_q.state.in_([state.value for state in states]))
    return tuple(_quiz(row) for row in connection.execute(query).mappings())


def quiz_by_slug(connection: Connection, slug: str) -> Quiz:
    """One round. Raises NotFound, which names the nearest there is."""
    row = connection.execute(select(t.quiz).where(_q.slug == slug)).mappings().first()
    if row is not None:
        return _quiz(row)
    near = difflib.get_close_matches(slug, connection.execute(select(_q.slug)).scalars().all(), n=3, cutoff=0.5)
    advice = f"Did you mean {' or '.join(near)}?" if near else "Make one: reinforce quiz create --help"
    raise NotFound(f"there is no quiz {slug}", advice)


def quiz_by_id(connection: Connection, quiz_id: int, *, lock: bool = False) -> Quiz:
    """One round; with `lock` nobody else moves it until this transaction ends. Raises NotFound."""
    query = select(t.quiz).where(_q.id == quiz_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise NotFound(f"there is no quiz with the id {quiz_id}", "See what there is: reinforce quiz list")
    return _quiz(row)


def create(
    connection: Connection,
    draft: QuizFile,
    questions: Sequence[NewQuestion],
    cohort_id: int,
    account_id: int,
    now: datetime,
) -> Quiz:
    """Keep a round as a draft. Raises Conflict if its slug is taken."""
    if connection.execute(select(_q.id).where(_q.slug == draft.slug)).first() is not None:
        raise Conflict(f"there is a quiz {draft.slug} already", "Give it another name with --slug.")
    row = {
        "slug": draft.slug,
        "title": draft.title,
        "cohort_id": cohort_id,
        "account_id": account_id,
        "state": QuizState.DRAFT.value,
        "pace": asdict(draft.pace),
        "confidentiality": draft.confidentiality.value,
        "note": "",
        "standings": [],
        "created_at": now,
    }
    quiz_id = int(connection.execute(insert(t.quiz).values(**row).returning(_q.id)).scalar_one())
    for number, one in enumerate(questions, start=1):
        kept = {"nugget_id": one.nugget_id, "points": one.points, "content": content_of(one.question)}
        connection.execute(insert(t.quiz_question).values(quiz_id=quiz_id, number=number, **kept))
    for team in draft.teams:
        add_team(connection, quiz_id, team)
    return quiz_by_id(connection, quiz_id)


def move(connection: Connection, quiz: Quiz, to: QuizState, **changes: Any) -> Quiz:
    """Move a round from the state it was read in. Raises Conflict if somebody moved it meanwhile."""
    moving = update(t.quiz).where(_q.id == quiz.id, _q.state == quiz.state.value)
    if connection.execute(moving.values(state=to.value, **changes)).rowcount != 1:
        raise Conflict(f"the quiz {quiz.slug} was changed just now", f"Look again: reinforce quiz status {quiz.slug}")
    return quiz_by_id(connection, quiz.id)


def end(connection: Connection, quiz: Quiz, note: str, told: Sequence[Standing], now: datetime) -> Quiz:
    """Close a running round with the places that are told. Raises Conflict as `move` does."""
    return move(connection, quiz, QuizState.CLOSED, ended_at=now, note=note, standings=[asdict(one) for one in told])


def questions(connection: Connection, quiz_id: int) -> tuple[QuizQuestion, ...]:
    """The questions of a round in their order."""
    q, n, p = t.quiz_question.c, t.nugget.c, t.procedure.c
    query = (
        select(t.quiz_question, n.slug, p.slug.label("procedure"))
        .outerjoin(t.nugget, n.id == q.nugget_id)
        .outerjoin(t.procedure, p.id == n.procedure_id)
        .where(q.quiz_id == quiz_id)
        .order_by(q.number)
    )
    return tuple(_question(row) for row in connection.execute(query).mappings())


# --- teams --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredTeam:
    """A team of a round. `remote_user_id` is known of a team's own handle once it has answered."""

    id: int
    name: str
    handle: str
    remote_user_id: int | None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on a team. `user` is their X user id, None while a learner of the roster is not linked."""

    team_id: int
    learner_id: int | None
    user: int | None
    via: Via
    joined_at: datetime


def teams(connection: Connection, quiz_id: int) -> tuple[StoredTeam, ...]:
    """The teams of a round by name."""
    query = select(_team.id, _team.name, _team.handle, _team.remote_user_id).where(_team.quiz_id == quiz_id)
    return tuple(StoredTeam(*row) for row in connection.execute(query.order_by(_team.name)))


def add_team(connection: Connection, quiz_id: int, team: TeamEntry) -> int:
    """Add a team; its id."""
    new = insert(t.quiz_team).values(quiz_id=quiz_id, name=team.name, handle=team.handle)
    return int(connection.execute(new.returning(_team.id)).scalar_one())


def bind_handle(connection: Connection, team_id: int, remote_user_id: int) -> None:
    """Keep whose X account a team's own handle is, the first time it is heard."""
    unbound = update(t.quiz_team).where(_team.id == team_id, _team.remote_user_id.is_(None))
    connection.execute(unbound.values(remote_user_id=remote_user_id))


def roster_teams(connection: Connection, cohort_id: int) -> dict[str, tuple[int, ...]]:
    """The live learners (ids) of a cohort by their team of the roster; who is on none is left out."""
    e = t.enrollment.c
    live = [state.value for state in LIVE]
    query = select(e.team, e.learner_id).where(e.cohort_id == cohort_id, e.team != "", e.state.in_(live))
    found: dict[str, tuple[int, ...]] = {}
    for team, learner_id in connection.execute(query.order_by(e.team, e.learner_id)):
        found[team] = (*found.get(team, ()), learner_id)
    return found


def members(connection: Connection, quiz_id: int) -> tuple[Member, ...]:
    """Everybody on a team of a round, in the order of their joining."""
    person = t.learner.c
    query = (
        select(
            _member.team_id,
            _member.learner_id,
            _member.author_remote_id,
            person.remote_user_id,
            _member.via,
            _member.joined_at,
        )
        .outerjoin(t.learner, person.id == _member.learner_id)
        .where(_member.quiz_id == quiz_id)
        .order_by(_member.joined_at, _member.id)
    )
    return tuple(
        Member(row.team_id, row.learner_id, row.author_remote_id or row.remote_user_id, Via(row.via), row.joined_at)
        for row in connection.execute(query)
    )


def playing(connection: Connection, quiz: Quiz) -> tuple[Team, ...]:
    """The teams of a round that was started, with everybody on them whose X account is known."""
    assert quiz.starts_at is not None
    there = members(connection, quiz.id)
    found = []
    for team in teams(connection, quiz.id):
        of_team = [one for one in there if one.team_id == team.id]
        users = {one.user: one.joined_at for one in of_team if one.user is not None}
        if team.remote_user_id is not None:
            users[team.remote_user_id] = quiz.starts_at
        found.append(Team(team.name, users, len(of_team), spoken_for=bool(team.handle)))
    return tuple(found)


def add_members(connection: Connection, quiz_id: int, team_id: int, learners: Iterable[int], now: datetime) -> None:
    """Put learners of the roster on a team of a round."""
    for learner_id in learners:
        row = {"quiz_id": quiz_id, "team_id": team_id, "learner_id": learner_id, "via": Via.ROSTER.value}
        connection.execute(insert(t.quiz_member).values(**row, joined_at=now))


def join(connection: Connection, quiz_id: int, team_id: int, author: int, learner_id: int | None, at: datetime) -> None:
    """Put whoever replied "join red" on a team. They must be on none of this round yet."""
    row = {"quiz_id": quiz_id, "team_id": team_id, "author_remote_id": author, "learner_id": learner_id}
    connection.execute(insert(t.quiz_member).values(**row, via=Via.REPLY.value, joined_at=at))


# --- values -------------------------------------------------------------------------------------------------------


def content_of(question: Question) -> dict[str, Any]:
    """A question as plain JSON."""
    return {**asdict(question), "kind": question.kind.value}


def question_from(content: dict[str, Any]) -> Question:
    """A question from its JSON."""
    return Question(
        kind=QuestionKind(content["kind"]),
        prompt=content["prompt"],
        options=tuple(Option(**option) for option in content["options"]),
        accepted=tuple(content["accepted"]),
        tolerance=content["tolerance"],
        hints=tuple(content["hints"]),
        explanation=content["explanation"],
    )


def _question(row: RowMapping) -> QuizQuestion:
    nugget = "" if row["nugget_id"] is None else f"{row['procedure']}/{row['slug']}"
    question = question_from(row["content"])
    return QuizQuestion(row["id"], row["number"], question, row["points"], row["nugget_id"], nugget)


def _quiz(row: RowMapping) -> Quiz:
    plain = ("id", "slug", "title", "cohort_id", "account_id", "starts_at", "stop_at", "ended_at", "note", "created_at")
    return Quiz(
        **{name: row[name] for name in plain},
        state=QuizState(row["state"]),
        pace=Pace(**row["pace"]),
        confidentiality=Confidentiality(row["confidentiality"]),
        told=tuple(Standing(**one) for one in row["standings"]),
    )
