"""What came back to a round: replies to its questions, wishes to join, and what became of each answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from reinforce.domain.listening.intents import Intent
from reinforce.domain.quizzing.scoring import Given, Ruling, ScoredAnswer
from reinforce.store import tables as t

_i, _a = t.inbound.c, t.quiz_answer.c
_SAID = (Intent.STOP.value, Intent.START.value)


@dataclass(frozen=True, slots=True)
class Reply:
    """A post that was read, by somebody who may be on a team. `outbox_id` is what of ours it answers; `right` is how
    the answer in it was graded first. `edited`: it is a later version of a post; `gone`: it was deleted on X; `purged`:
    its words are not here any more."""

    id: int
    remote_id: int
    author: int
    handle: str
    learner_id: int | None
    outbox_id: int | None
    in_reply_to: int | None
    text: str
    at: datetime
    intents: tuple[str, ...]
    right: bool | None
    edited: bool
    gone: bool
    purged: bool


def replies_to(connection: Connection, posts: Collection[int]) -> tuple[Reply, ...]:
    """What was read of all replies to these posts of ours (outbox ids), in the order of X's ids."""
    if not posts:
        return ()
    return _replies(connection, _i.outbox_id.in_(sorted(posts)))


def written_since(connection: Connection, account_id: int, since: datetime) -> tuple[Reply, ...]:
    """Everything that came in on an account, written at or after `since` and read, in the order of X's ids."""
    return _replies(connection, _i.account_id == account_id, _i.created_at >= since)


def _replies(connection: Connection, *which: Any) -> tuple[Reply, ...]:
    query = select(t.inbound).where(*which, _i.graded_at.is_not(None)).order_by(_i.remote_id)
    return tuple(
        Reply(
            id=row["id"],
            remote_id=row["remote_id"],
            author=row["author_remote_id"],
            handle=row["author_handle"],
            learner_id=row["learner_id"],
            outbox_id=row["outbox_id"],
            in_reply_to=row["in_reply_to"],
            text=row["text"],
            at=row["created_at"],
            intents=tuple(row["read_as"]),
            right=row["right"],
            edited=row["edit_of"] is not None,
            # What was edited into another version was not withdrawn.
            gone=row["gone_at"] is not None and row["replaced_by"] is None,
            purged=row["purged_at"] is not None,
        )
        for row in connection.execute(query).mappings()
    )


def silences(
    connection: Connection, account_id: int, authors: Collection[int]
) -> dict[int, tuple[tuple[int, bool], ...]]:
    """When each of `authors` said stop (True) or start (False), as (X's id of the post, which), in order."""
    query = select(_i.author_remote_id, _i.remote_id, _i.read_as).where(
        _i.account_id == account_id, _i.author_remote_id.in_(sorted(authors)), _i.graded_at.is_not(None)
    )
    found: dict[int, tuple[tuple[int, bool], ...]] = {}
    for author, remote_id, read_as in connection.execute(query.order_by(_i.remote_id)):
        if any(word in read_as for word in _SAID):
            found[author] = (*found.get(author, ()), (remote_id, Intent.STOP.value in read_as))
    return found


def stopped_at(connection: Connection, users: Collection[int]) -> dict[int, datetime]:
    """When those of `users` (X user ids) who are learners, and stopped, did so (programme time)."""
    person = t.learner.c
    query = select(person.remote_user_id, person.stopped_at).where(
        person.stopped_at.is_not(None), person.remote_user_id.is_not(None)
    )
    return {user: at for user, at in connection.execute(query) if user in users}


def read_again(connection: Connection, inbound_ids: Collection[int]) -> None:
    """Let replies be read anew: what they answer is known by now."""
    if inbound_ids:
        connection.execute(update(t.inbound).where(_i.id.in_(sorted(inbound_ids))).values(graded_at=None))


def taken_as_joining(connection: Connection, inbound_id: int, team: str) -> None:
    """A wish to join a team was obeyed: no person need look at it."""
    row = connection.execute(select(_i.read_why).where(_i.id == inbound_id)).scalar_one()
    why = f"{row}; joined team {team}" if row else f"joined team {team}"
    connection.execute(update(t.inbound).where(_i.id == inbound_id).values(read_why=why, needs_person=False))


# --- what became of them ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was last scored. `author` is the X user's handle where it is known, `employee_id` the learner's;
    both are for facilitators only."""

    number: int
    post: int
    user: int
    author: str
    employee_id: str
    learner_id: int | None
    team: str
    at: datetime
    choice: str
    right: bool | None
    deleted: bool
    ruling: str
    points: int
    why: str


def kept(connection: Connection, quiz_id: int) -> tuple[KeptAnswer, ...]:
    """What became of every answer of a round, in the order they were written."""
    q, person = t.quiz_question.c, t.learner.c
    query = (
        select(t.quiz_answer, q.number, person.employee_id, _i.author_handle)
        .join(t.quiz_question, q.id == _a.question_id)
        .join(t.quiz, t.quiz.c.id == _a.quiz_id)
        .outerjoin(t.learner, person.id == _a.learner_id)
        .outerjoin(t.inbound, (_i.remote_id == _a.post_remote_id) & (_i.account_id == t.quiz.c.account_id))
        .where(_a.quiz_id == quiz_id)
        .order_by(_a.at, _a.post_remote_id)
    )
    return tuple(
        KeptAnswer(
            number=row["number"],
            post=row["post_remote_id"],
            user=row["author_remote_id"],
            author=row["author_handle"] or "",
            employee_id=row["employee_id"] or "",
            learner_id=row["learner_id"],
            team=row["team"],
            at=row["at"],
            choice=row["choice"],
            right=row["right"],
            deleted=row["deleted"],
            ruling=row["ruling"],
            points=row["points"],
            why=row["why"],
        )
        for row in connection.execute(query).mappings()
    )


def as_scored(one: KeptAnswer) -> ScoredAnswer:
    """What is kept of an answer, as it was scored."""
    given = Given(one.post, one.number, one.user, one.at, one.right, one.choice, one.deleted)
    return ScoredAnswer(given, one.team, Ruling(one.ruling), one.points, one.why)


def keep(
    connection: Connection,
    quiz_id: int,
    question_ids: Mapping[int, int],
    answers: Iterable[ScoredAnswer],
    learners: Mapping[int, int | None],
) -> bool:
    """Make what is kept exactly `answers`; `question_ids` are by number, `learners` by X's id of the post. Returns
    whether anything changed."""
    columns = [column for column in t.quiz_answer.c if column.name != "id"]
    rows = connection.execute(select(*columns).where(_a.quiz_id == quiz_id)).mappings()
    there = {(row["question_id"], row["post_remote_id"]): dict(row) for row in rows}
    wanted = {}
    for one in answers:
        row = _row(quiz_id, question_ids[one.given.number], one, learners.get(one.given.post))
        wanted[row["question_id"], row["post_remote_id"]] = row
    gone = there.keys() - wanted.keys()
    changed = [key for key, row in wanted.items() if there.get(key) != row]
    for question_id, post in {*gone, *(key for key in changed if key in there)}:
        connection.execute(delete(t.quiz_answer).where(_a.question_id == question_id, _a.post_remote_id == post))
    if changed:
        connection.execute(insert(t.quiz_answer), [wanted[key] for key in changed])
    return bool(gone or changed)


def _row(quiz_id: int, question_id: int, one: ScoredAnswer, learner_id: int | None) -> dict[str, Any]:
    given = one.given
    return {
        "quiz_id": quiz_id,
        "question_id": question_id,
        "post_remote_id": given.post,
        "author_remote_id": given.who,
        "learner_id": learner_id,
        "team": one.team,
        "at": given.at,
        "choice": given.choice,
        "right": given.right,
        "deleted": given.deleted,
        "ruling": one.ruling.value,
        "points": one.points,
        "why": one.why,
    }
