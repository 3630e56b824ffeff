"""What came back: posts saved with the cursor that says how far was read, what they were read as, and their reviews."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, select, update

from reinforce.domain.listening.inbound import Arrived, Evidence, Inbound, OurPost, ReadAs
from reinforce.domain.listening.intents import Intent
from reinforce.domain.planning.exposure import EvidenceKind
from reinforce.domain.quizzing.quiz import QuizPost
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.authoring import nuggets
from reinforce.store.quizzing import rounds

MENTIONS_FEED = "mentions"
_i = t.inbound.c
_r = t.review.c
_o = t.outbox.c


def cursor(connection: Connection, account_id: int, feed: str = MENTIONS_FEED) -> int | None:
    """The newest id up to which `feed` was read to its end; None if it never was."""
    c = t.cursor.c
    found: int | None = connection.execute(
        select(c.since_id).where(c.account_id == account_id, c.feed == feed)
    ).scalar()
    return found


def save_page(
    connection: Connection, account_id: int, posts: Iterable[Arrived], since_id: int | None, now: datetime
) -> int:
    """Keep those `posts` that are not known by their id, and move the cursor to `since_id` (None: leave it); it never
    moves back. What search had found and turns out to mention us can be replied to from now on. Returns how many were
    new."""
    arrived = {post.remote_id: post for post in posts}
    known = _known(connection, account_id, arrived)
    new = sorted(arrived.keys() - known)
    _note_mentions(connection, account_id, sorted(key for key in known if arrived[key].mentions_us))
    for remote_id in new:
        post = arrived[remote_id]
        values = {name: getattr(post, name) for name in Arrived.__dataclass_fields__ if name != "earlier"}
        _note_edit(connection, account_id, post, now)
        fresh = {"received_at": now, "read_as": [], "read_why": "", "needs_person": False}
        connection.execute(insert(t.inbound).values(account_id=account_id, **values, **fresh))
    if since_id is not None:
        _move_cursor(connection, account_id, since_id, now)
    return len(new)


def _note_mentions(connection: Connection, account_id: int, remote_ids: list[int]) -> None:
    for start in range(0, len(remote_ids), 500):
        searched = and_(_i.account_id == account_id, _i.mentions_us.is_(False))
        here = update(t.inbound).where(searched, _i.remote_id.in_(remote_ids[start : start + 500]))
        connection.execute(here.values(mentions_us=True))


def _note_edit(connection: Connection, account_id: int, post: Arrived, now: datetime) -> None:
    """Versions before `post` are shown no more: what waits for a person, waits with the new one."""
    if post.earlier:
        replace(connection, account_id, post.earlier, post.remote_id, now)


def replace(connection: Connection, account_id: int, versions: Collection[int], by: int, now: datetime) -> None:
    """Mark `versions` (X's ids) as edited into the post `by`. What they were read as stays."""
    older = and_(_i.account_id == account_id, _i.remote_id.in_(sorted(versions)), _i.remote_id != by)
    gone = func.coalesce(_i.gone_at, now)
    connection.execute(update(t.inbound).where(older).values(replaced_by=by, gone_at=gone, needs_person=False))


def _known(connection: Connection, account_id: int, remote_ids: Iterable[int]) -> set[int]:
    wanted = sorted(remote_ids)
    known: set[int] = set()
    for start in range(0, len(wanted), 500):
        here = select(_i.remote_id).where(_i.account_id == account_id, _i.remote_id.in_(wanted[start : start + 500]))
        known.update(connection.execute(here).scalars())
    return known


def _move_cursor(connection: Connection, account_id: int, since_id: int, now: datetime) -> None:
    c = t.cursor.c
    there = cursor(connection, account_id)
    if there is None:
        row = {"account_id": account_id, "feed": MENTIONS_FEED, "since_id": since_id, "at": now}
        connection.execute(insert(t.cursor).values(row))
        return
    here = and_(c.account_id == account_id, c.feed == MENTIONS_FEED)
    connection.execute(update(t.cursor).where(here).values(since_id=max(there, since_id), at=now))


# --- reading ------------------------------------------------------------------------------------------------------


def ungraded(connection: Connection, limit: int) -> tuple[int, ...]:
    """Row ids of what has not been read yet, in the order it was written."""
    query = select(_i.id).where(_i.graded_at.is_(None)).order_by(_i.created_at, _i.remote_id).limit(limit)
    return tuple(connection.execute(query).scalars())


def inbound(connection: Connection, inbound_id: int, *, lock: bool = False) -> Inbound | None:
    """One row; None if there is none. With `lock` nobody else reads or grades it until this transaction ends."""
    query = select(t.inbound).where(_i.id == inbound_id)
    found = rows(connection, query.with_for_update() if lock else query)
    return found[0] if found else None


def replies_of(connection: Connection, learner_id: int, outbox_id: int) -> tuple[Inbound, ...]:
    """What a learner wrote in reply to one post and was read, in the order of X's ids."""
    mine = and_(_i.learner_id == learner_id, _i.outbox_id == outbox_id, _i.graded_at.is_not(None))
    return rows(connection, select(t.inbound).where(mine).order_by(_i.remote_id))


def set_reading(connection: Connection, inbound_id: int, reading: ReadAs, now: datetime) -> None:
    """Write down what a post was read as, by whom it is and what it answers; it counts as graded at `now`."""
    values = {
        "read_as": [intent.value for intent in reading.intents],
        "read_why": reading.why,
        "learner_id": reading.learner_id,
        "outbox_id": reading.outbox_id,
        "needs_person": reading.needs_person,
        "right": reading.right,
        "judged": reading.judged,
        "graded_at": now,
    }
    connection.execute(update(t.inbound).where(_i.id == inbound_id).values(**values))


def last_said(connection: Connection, post: Inbound, intents: Collection[Intent]) -> Intent | None:
    """Which of `intents` the author of `post` said last on this account; None if they said none of them."""
    theirs = select(_i.read_as).where(
        _i.account_id == post.account_id, _i.author_remote_id == post.author_remote_id, _i.graded_at.is_not(None)
    )
    for read_as in connection.execute(theirs.order_by(_i.remote_id.desc())).scalars():
        for intent in intents:
            if intent.value in read_as:
                return intent
    return None


def said_later(connection: Connection, post: Inbound, intent: Intent) -> bool:
    """Whether the author of `post` said `intent` in something written later that was read already."""
    theirs = select(_i.read_as).where(
        _i.account_id == post.account_id,
        _i.author_remote_id == post.author_remote_id,
        _i.graded_at.is_not(None),
        _i.remote_id > post.remote_id,
    )
    return any(intent.value in read_as for read_as in connection.execute(theirs).scalars())


def has_late_matches(connection: Connection) -> bool:
    """Whether replies were read before their post was known to be ours: a send in doubt has been settled since."""
    return bool(_late_matches(connection))


def reopen_late_matches(connection: Connection) -> int:
    """Let those replies be read again. Joins are left alone: their code is used up. Returns how many."""
    ids = _late_matches(connection)
    if ids:
        connection.execute(update(t.inbound).where(_i.id.in_(ids)).values(graded_at=None))
    return len(ids)


def _late_matches(connection: Connection) -> list[int]:
    o = t.outbox.c
    found: set[int] = set()
    for column in (_i.in_reply_to, _i.quote_of, _i.conversation_id):
        same = and_(o.remote_id == column, o.account_id == _i.account_id)
        lost = select(_i.id, _i.read_as).join(t.outbox, same).where(_i.outbox_id.is_(None), _i.graded_at.is_not(None))
        found.update(row.id for row in connection.execute(lost) if Intent.JOIN.value not in row.read_as)
    return sorted(found)


def planned_replies(connection: Connection, account_id: int, author_remote_id: int) -> tuple[int, ...]:
    """Outbox ids of replies to one X user that have not been sent."""
    o = t.outbox.c
    theirs = select(_i.id).where(_i.account_id == account_id, _i.author_remote_id == author_remote_id)
    waiting = o.state.in_([State.PLANNED.value, State.LEASED.value])
    return tuple(connection.execute(select(o.id).where(o.inbound_id.in_(theirs), waiting).order_by(o.id)).scalars())


def handles(connection: Connection, account_id: int, author_ids: Collection[int]) -> dict[int, str]:
    """Handles of X users as far as they are known from what they wrote to us: search and quotes do not tell them."""
    wanted, found = sorted(set(author_ids)), dict[int, str]()
    for start in range(0, len(wanted), 500):
        those = _i.author_remote_id.in_(wanted[start : start + 500])
        query = select(_i.author_remote_id, _i.author_handle).where(_i.account_id == account_id, those)
        found |= {row[0]: row[1] for row in connection.execute(query.order_by(_i.remote_id)) if row[1]}
    return found


def call_a_person(connection: Connection, inbound_id: int, why: str) -> None:
    """Somebody has to deal with it, since `why`."""
    said = _i.read_why + f"; {why}"
    connection.execute(update(t.inbound).where(_i.id == inbound_id).values(needs_person=True, read_why=said))


def settle(connection: Connection, inbound_id: int) -> bool:
    """A person has dealt with it; False if it was not waiting for one."""
    waiting = update(t.inbound).where(_i.id == inbound_id, _i.needs_person.is_(True))
    return connection.execute(waiting.values(needs_person=False)).rowcount > 0


def let_wait(connection: Connection, inbound_id: int) -> None:
    """It waits for a person again."""
    connection.execute(update(t.inbound).where(_i.id == inbound_id).values(needs_person=True))


# --- what was replied to ------------------------------------------------------------------------------------------


def our_post(connection: Connection, post: Inbound) -> OurPost | None:
    """The post of ours that `post` replies to or quotes; else the one that its conversation began with; else, where its
    author plays in a quiz and replied to nothing, the question that was open; else None. What stands below a quiz
    question (a hint, the answer) is that question."""
    for remote_id in (post.in_reply_to, post.quote_of, post.conversation_id):
        if remote_id is not None:
            found = _our_post(connection, _o.account_id == post.account_id, _o.remote_id == remote_id)
            if found is not None:
                return found
    if post.in_reply_to is not None:
        return None
    asked = rounds.open_question(connection, post.account_id, post.author_remote_id, post.created_at)
    return None if asked is None else _our_post(connection, _o.id == asked)


def post_by_row(connection: Connection, account_id: int, outbox_id: int) -> OurPost | None:
    """Our post with this number of the outbox, if it is out on that account."""
    return _our_post(connection, _o.id == outbox_id, _o.account_id == account_id, _o.remote_id.is_not(None))


def _our_post_query() -> Select[Any]:
    c, n = t.cohort.c, t.nugget.c
    reveal = t.outbox.alias("reveal")
    revealed = (
        select(func.min(reveal.c.posted_at))
        .where(reveal.c.reply_to_outbox_id == _o.id, reveal.c.state == State.POSTED.value)
        .where(reveal.c.form != QuizPost.HINT.value)
        .scalar_subquery()
    )
    return (
        select(_o.id, _o.form, _o.nugget_id, _o.question_id, c.language, c.zone, n.revision)
        .add_columns(revealed.label("revealed_at"))
        .outerjoin(t.cohort, c.id == _o.cohort_id)
        .outerjoin(t.nugget, n.id == _o.nugget_id)
    )


# Put together once: an alias of a table with so many columns takes longer to make than the query takes to run.
_OUR_POST = _our_post_query()


def _our_post(connection: Connection, *which: ColumnElement[bool]) -> OurPost | None:
    row = connection.execute(_OUR_POST.where(*which)).mappings().first()
    if row is None:
        return None
    below = rounds.question_below(connection, row["id"])
    if below is not None and below[0] != row["id"]:
        return _our_post(connection, _o.id == below[0])
    question = below[1] if below else None
    if row["question_id"] is not None:
        question = nuggets.question_by_id(connection, row["question_id"])
    return OurPost(
        id=row["id"],
        form=row["form"],
        nugget_id=row["nugget_id"],
        nugget_revision=row["revision"],
        question=question,
        language=row["language"] or "en",
        zone=row["zone"] or "UTC",
        revealed_at=row["revealed_at"],
    )


# --- reviews ------------------------------------------------------------------------------------------------------


def set_reviews(
    connection: Connection, learner_id: int, post: OurPost, wanted: Sequence[Evidence], now: datetime
) -> bool:
    """Make the live reviews of a learner on one post exactly `wanted`: others are voided, never deleted. Replies bear
    the rating they were scored with, None where they were not. Returns whether anything changed."""
    here = and_(_r.learner_id == learner_id, _r.outbox_id == post.id, _r.voided_at.is_(None))
    live = {
        (row.inbound_id, EvidenceKind(row.evidence), row.rating): row.id
        for row in connection.execute(select(_r.id, _r.inbound_id, _r.evidence, _r.rating).where(here))
    }
    stays = {(one.inbound_id, one.kind, one.rating): one for one in wanted}
    gone = [live[key] for key in live.keys() - stays.keys()]
    new = [one for key, one in stays.items() if key not in live]
    if gone:
        connection.execute(update(t.review).where(_r.id.in_(gone)).values(voided_at=now))
    for one in new:
        connection.execute(insert(t.review).values(**_review(learner_id, post, one)))
    ratings = {one.inbound_id: one.rating for one in wanted}
    for reply in replies_of(connection, learner_id, post.id):
        if reply.rating != ratings.get(reply.id):
            connection.execute(update(t.inbound).where(_i.id == reply.id).values(rating=ratings.get(reply.id)))
    return bool(gone or new)


def _review(learner_id: int, post: OurPost, one: Evidence) -> dict[str, Any]:
    return {
        "learner_id": learner_id,
        "nugget_id": post.nugget_id,
        "outbox_id": post.id,
        "inbound_id": one.inbound_id,
        "rating": one.rating,
        "evidence": one.kind.value,
        "guess": one.guess,
        "nugget_revision": post.nugget_revision or 0,
        "at": one.at,
        "voided_at": None,
    }


def rows(connection: Connection, query: Select[Any]) -> tuple[Inbound, ...]:
    """The posts that a query of whole rows gives."""
    return tuple(
        Inbound(
            **{name: row[name] for name in Inbound.__dataclass_fields__ if name in row},
            intents=tuple(Intent(one) for one in row["read_as"]),
            why=row["read_why"],
        )
        for row in connection.execute(query).mappings()
    )
