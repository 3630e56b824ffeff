"""Where a round stands: its posts as the outbox has them, and what of the feed belongs to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, insert, or_, select

from reinforce.domain.cohort import Answers
from reinforce.domain.listening.inbound import made_at
from reinforce.domain.nugget import Question
from reinforce.domain.quizzing.quiz import Quiz, QuizPost, QuizState, quiz_occurrence
from reinforce.domain.quizzing.round import Item, Round, Sent
from reinforce.domain.quizzing.scoring import ScoredAnswer
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.people import cohorts
from reinforce.store.quizzing import quizzes

_o, _p = t.outbox.c, t.quiz_post.c
# An id that is no post's own (a test's, a restored row's) tells no time.
_NEAR = timedelta(days=7)


def round_of(connection: Connection, quiz: Quiz, scored: Sequence[ScoredAnswer] = ()) -> Round:
    """A round that was started, with everything of it that is planned, out or given up."""
    posts = _posts(connection, quiz.id)
    given_up = _given_up(connection, quiz.id)

    def sent(kind: QuizPost, question_id: int | None, step: str) -> Sent | None:
        there = posts.get((kind, question_id), ())
        return there[-1] if there else given_up.get(quiz_occurrence(quiz.id, step))

    items = tuple(
        Item(
            number=one.number,
            points=one.points,
            hints_there_are=len(one.question.hints),
            question=sent(QuizPost.QUESTION, one.id, str(one.number)),
            hints=_hints(posts.get((QuizPost.HINT, one.id), ()), given_up, quiz.id, one.number),
            reveal=sent(QuizPost.REVEAL, one.id, f"{one.number}/reveal"),
        )
        for one in quizzes.questions(connection, quiz.id)
    )
    unread = select(t.inbound.c.id).where(t.inbound.c.account_id == quiz.account_id, t.inbound.c.graded_at.is_(None))
    assert quiz.starts_at is not None
    return Round(
        pace=quiz.pace,
        starts_at=quiz.starts_at,
        items=items,
        stop_at=quiz.stop_at,
        start=sent(QuizPost.START, None, "start"),
        leaderboard=sent(QuizPost.LEADERBOARD, None, "leaderboard"),
        has_scores=cohorts.cohort_by_id(connection, quiz.cohort_id).answers is Answers.REPLIES,
        read_to=accounts.account_by_id(connection, quiz.account_id).read_at,
        is_unread=connection.execute(unread.limit(1)).first() is not None,
        scored=scored,
    )


def record_post(connection: Connection, quiz_id: int, question_id: int | None, kind: QuizPost, outbox_id: int) -> None:
    """Say which post of the outbox says what of a round."""
    row = {"outbox_id": outbox_id, "quiz_id": quiz_id, "question_id": question_id, "kind": kind.value}
    connection.execute(insert(t.quiz_post).values(**row))


def planned_posts(connection: Connection, quiz_id: int) -> tuple[int, ...]:
    """Outbox ids of the round's posts that have not begun to be sent."""
    waiting = _o.state.in_([State.PLANNED.value, State.LEASED.value])
    query = select(_o.id).join(t.quiz_post, _p.outbox_id == _o.id).where(_p.quiz_id == quiz_id, waiting)
    return tuple(connection.execute(query.order_by(_o.id)).scalars())


def question_posts(connection: Connection, quiz_id: int) -> dict[int, int]:
    """The numbers of a round's questions by the outbox ids of their posts."""
    q = t.quiz_question.c
    query = select(_p.outbox_id, q.number).join(t.quiz_question, q.id == _p.question_id)
    rows = connection.execute(query.where(_p.quiz_id == quiz_id, _p.kind == QuizPost.QUESTION.value))
    return {row.outbox_id: row.number for row in rows}


def question_below(connection: Connection, outbox_id: int) -> tuple[int, Question] | None:
    """What a reply to a question of a round, or to a hint or answer below it, is about: the question's own post (its
    outbox id), and the question as it was asked. None for any other post."""
    q = t.quiz_question.c
    table = t.quiz_post.alias("asked")
    asked = table.c
    query = (
        select(asked.outbox_id, q.content)
        .join(table, and_(asked.question_id == q.id, asked.kind == QuizPost.QUESTION.value))
        .join(t.quiz_post, _p.question_id == q.id)
        .where(_p.outbox_id == outbox_id)
        .order_by(asked.outbox_id.desc())
    )
    row = connection.execute(query).first()
    return None if row is None else (row.outbox_id, quizzes.question_from(row.content))


def open_question(connection: Connection, account_id: int, author: int, at: datetime) -> int | None:
    """The one question (its post's outbox id) that was open when somebody on a team wrote a post of its own, which
    answers no post; None if there was none, or there were two."""
    found = []
    for quiz in running_of(connection, account_id):
        if not _plays(connection, quiz.id, author):
            continue
        there = round_of(connection, quiz)
        posts = {number: post for post, number in question_posts(connection, quiz.id).items()}
        found += [posts[one.number] for one in there.asked if one.opened_at <= at <= one.closes_at + quiz.pace.grace]
    return found[0] if len(found) == 1 else None


def closes(connection: Connection, account_id: int) -> dict[int, datetime]:
    """When each question of the rounds under way closes, or closed, by the outbox id of its post."""
    found: dict[int, datetime] = {}
    for quiz in running_of(connection, account_id):
        posts = {number: post for post, number in question_posts(connection, quiz.id).items()}
        found |= {posts[one.number]: one.closes_at for one in round_of(connection, quiz).asked}
    return found


def running_of(connection: Connection, account_id: int) -> tuple[Quiz, ...]:
    """The rounds of an account that were started and are under way."""
    running = quizzes.quizzes(connection, QuizState.RUNNING)
    return tuple(quiz for quiz in running if quiz.account_id == account_id)


def last_asked(connection: Connection, account_id: int) -> dict[int, datetime]:
    """When a question about each nugget (id) last went out on the account, in a round or by the plan."""
    forms = ["question", "poll", QuizPost.QUESTION.value]
    query = select(_o.nugget_id, func.max(_o.posted_at)).where(_o.account_id == account_id, _o.form.in_(forms))
    query = query.where(_o.state == State.POSTED.value, _o.nugget_id.is_not(None)).group_by(_o.nugget_id)
    return dict(connection.execute(query).all())


def _plays(connection: Connection, quiz_id: int, author: int) -> bool:
    m, person, team = t.quiz_member.c, t.learner.c, t.quiz_team.c
    member = (
        select(m.id)
        .outerjoin(t.learner, person.id == m.learner_id)
        .where(m.quiz_id == quiz_id, or_(m.author_remote_id == author, person.remote_user_id == author))
    )
    spoken = select(team.id).where(team.quiz_id == quiz_id, team.remote_user_id == author)
    return any(connection.execute(query.limit(1)).first() is not None for query in (member, spoken))


def _posts(connection: Connection, quiz_id: int) -> dict[tuple[QuizPost, int | None], tuple[Sent, ...]]:
    query = (
        select(_p.kind, _p.question_id, _o.id, _o.state, _o.due_at, _o.posted_at, _o.remote_id)
        .join(t.outbox, _o.id == _p.outbox_id)
        .where(_p.quiz_id == quiz_id)
        .order_by(_o.id)
    )
    found: dict[tuple[QuizPost, int | None], tuple[Sent, ...]] = {}
    for row in connection.execute(query):
        key = (QuizPost(row.kind), row.question_id)
        at = row.due_at if row.posted_at is None else _stamp(row.remote_id, row.posted_at)
        found[key] = (*found.get(key, ()), Sent(State(row.state), at, row.id, row.remote_id))
    return found


def _stamp(remote_id: int | None, posted_at: datetime) -> datetime:
    """X's own stamp of a post, which its id holds: ours is of the moment when its answer had come back."""
    if remote_id is None:
        return posted_at
    made = made_at(remote_id)
    return made if posted_at - _NEAR <= made <= posted_at else posted_at


def _given_up(connection: Connection, quiz_id: int) -> dict[str, Sent]:
    """Steps for which it is on record that there is no post."""
    quiet = t.quiet.c
    query = select(quiet.occurrence, quiet.at).where(quiet.occurrence.startswith(quiz_occurrence(quiz_id, "")))
    return {row.occurrence: Sent(State.SKIPPED, row.at) for row in connection.execute(query)}


def _hints(sent: Iterable[Sent], given_up: dict[str, Sent], quiz_id: int, number: int) -> tuple[Sent, ...]:
    begins = quiz_occurrence(quiz_id, f"{number}/hint/")
    return (*sent, *(one for step, one in given_up.items() if step.startswith(begins)))
