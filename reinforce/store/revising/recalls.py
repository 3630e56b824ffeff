"""Recalls: what is wrong, what was confirmed, what is still to be taken off X, from when memory begins anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, or_, select, update

from reinforce.domain.authoring.meaning import same_answer
from reinforce.domain.authoring.revision import Change
from reinforce.domain.errors import NotFound
from reinforce.domain.revising.recalling import TAKEN_OFF, PostState
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.store import tables as t
from reinforce.store.sending import outbox
from reinforce.store.session import database_now

_o, _r, _p, _m = t.outbox.c, t.recall.c, t.recall_post.c, t.memory_reset.c
# Those that stand on X, or may yet.
_OUT = (State.POSTED, State.LEASED, State.SENDING, State.UNKNOWN, State.HELD)


@dataclass(frozen=True, slots=True)
class Revised:
    """A nugget, and since when what was said of it before is wrong; why. None: nothing says so."""

    id: int
    slug: str
    title: str
    retired: bool
    since: datetime | None
    why: str


def revised(connection: Connection, procedure_id: int) -> tuple[Revised, ...]:
    """Every nugget of a procedure with its last change of meaning, or its retirement, in order."""
    n, v = t.nugget.c, t.nugget_revision.c
    earlier = t.nugget_revision.alias("earlier").c
    wrong = or_(earlier.meaning.is_(True), earlier.change == Change.RETIRED.value)
    last = select(func.max(earlier.id)).where(wrong, earlier.nugget_id == n.id).scalar_subquery()
    query = (
        select(n.id, n.slug, n.title, n.retired_at, v.at, v.why, v.change)
        .select_from(t.nugget)
        .outerjoin(t.nugget_revision, v.id == last)
        .where(n.procedure_id == procedure_id)
        .order_by(n.position, n.id)
    )
    return tuple(
        # One that retired and came back unchanged was never wrong.
        Revised(row.id, row.slug, row.title, row.retired_at is not None, *_since(row))
        for row in connection.execute(query)
    )


def _since(row: Any) -> tuple[datetime | None, str]:
    if row.at is None or (row.change == Change.RETIRED.value and row.retired_at is None):
        return None, ""
    return row.at, row.why or "it was taken out of the procedure"


def wrong_posts(connection: Connection, nugget: Revised, since: datetime) -> tuple[OutboxItem, ...]:
    """What went out of a nugget until `since`, or is on its way, and says what its present revision does not; what is
    taken off already is left out. Of a retired nugget that is everything."""
    query = (
        select(t.outbox)
        .where(_o.nugget_id == nugget.id, _o.created_at <= since)
        .where(_o.state.in_([state.value for state in _OUT]), _o.id.not_in(_taken_off()))
        .order_by(_o.id)
    )
    found = outbox.items_of(connection, query)
    if nugget.retired or not found:
        return found
    said = set(connection.execute(_live_wordings(nugget.id)).scalars())
    asks = _same_questions(connection, nugget.id)
    return tuple(one for one in found if not _still_right(one, said, asks))


def _still_right(item: OutboxItem, wordings: Collection[int], questions: Collection[int]) -> bool:
    if item.question_id is not None:
        return item.question_id in questions
    return item.wording_id in wordings


def _live_wordings(nugget_id: int) -> Any:
    w = t.wording.c
    return select(w.id).where(w.nugget_id == nugget_id, w.retired_at.is_(None))


def _same_questions(connection: Connection, nugget_id: int) -> frozenset[int]:
    """The nugget's questions, retired ones too, that ask what the live one asks and have its answer."""
    q, o = t.question.c, t.option.c
    rows = connection.execute(select(t.question).where(q.nugget_id == nugget_id)).mappings().all()
    contents = {}
    for row in rows:
        options = connection.execute(select(o.key, o.text, o.correct).where(o.question_id == row["id"]).order_by(o.key))
        contents[row["id"]] = {**row, "options": [tuple(one) for one in options]}
    live = next((contents[row["id"]] for row in rows if row["retired_at"] is None), None)
    return frozenset(key for key, content in contents.items() if same_answer(content, live))


def _taken_off() -> Any:
    return select(_p.outbox_id).where(_p.state.in_(sorted(state.value for state in TAKEN_OFF)))


def is_taken_off(outbox_id: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition that a post is off the timeline, or on its way off it."""
    return outbox_id.in_(_taken_off())


# --- one recall -----------------------------------------------------------------------------------------------------


def add(connection: Connection, procedure_id: int, actor: str, digest: str, now: datetime) -> int:
    """A confirmed recall; returns its id."""
    values = {"procedure_id": procedure_id, "actor": actor, "digest": digest, "at": now}
    return int(connection.execute(insert(t.recall).values(**values).returning(_r.id)).scalar_one())


def add_posts(connection: Connection, recall_id: int, outbox_ids: Iterable[int]) -> None:
    """Posts that are to be taken off X."""
    rows = [
        {"recall_id": recall_id, "outbox_id": key, "state": PostState.PENDING.value, "outcome": ""}
        for key in outbox_ids
    ]
    if rows:
        connection.execute(insert(t.recall_post), rows)


def reset_memory(connection: Connection, recall_id: int, nugget_ids: Iterable[int], now: datetime) -> None:
    """Put on the evidence log that these nuggets are learnt anew from `now` on."""
    rows = [{"recall_id": recall_id, "nugget_id": key, "at": now} for key in nugget_ids]
    if rows:
        connection.execute(insert(t.memory_reset), rows)


def waiting_reveals(connection: Connection, outbox_ids: Collection[int]) -> tuple[OutboxItem, ...]:
    """The answers that were to follow under these posts and have not begun to be sent."""
    waits = _o.state.in_([State.PLANNED.value, State.LEASED.value])
    return outbox.items_of(connection, select(t.outbox).where(_o.reply_to_outbox_id.in_(sorted(outbox_ids)), waits))


@dataclass(frozen=True, slots=True)
class Recall:
    """A recall as it stands. `posts` counts by `PostState`."""

    id: int
    procedure: str
    actor: str
    at: datetime
    undone_at: datetime | None
    posts: dict[str, int]
    nuggets: tuple[str, ...]


def recalls(connection: Connection, recall_id: int | None = None) -> tuple[Recall, ...]:
    """Every recall, the latest first; or the one."""
    query = select(t.recall, t.procedure.c.slug).join(t.procedure, t.procedure.c.id == _r.procedure_id)
    if recall_id is not None:
        query = query.where(_r.id == recall_id)
    counts: dict[int, dict[str, int]] = {}
    counted = select(_p.recall_id, _p.state, func.count()).group_by(_p.recall_id, _p.state)
    for key, state, count in connection.execute(counted):
        counts.setdefault(key, {})[state] = count
    named: dict[int, list[str]] = {}
    reset = select(_m.recall_id, t.nugget.c.slug).join(t.nugget, t.nugget.c.id == _m.nugget_id).order_by(_m.id)
    for key, slug in connection.execute(reset):
        named.setdefault(key, []).append(slug)
    return tuple(
        Recall(row.id, row.slug, row.actor, row.at, row.undone_at, counts.get(row.id, {}), tuple(named.get(row.id, ())))
        for row in connection.execute(query.order_by(_r.id.desc()))
    )


def recall_by_id(connection: Connection, recall_id: int) -> Recall:
    """Raises NotFound."""
    found = recalls(connection, recall_id)
    if not found:
        raise NotFound(f"there is no recall {recall_id}", "See what there is with: reinforce recall list")
    return found[0]


def posts_of(connection: Connection, recall_id: int) -> list[dict[str, Any]]:
    """Every post of a recall with what became of it, for a person."""
    query = (
        select(_p.outbox_id, _p.state, _p.outcome, _p.at, _o.form, _o.posted_at, _o.remote_id, _o.text)
        .join(t.outbox, _o.id == _p.outbox_id)
        .where(_p.recall_id == recall_id)
        .order_by(_p.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def corrections_of(connection: Connection, recall_id: int) -> tuple[OutboxItem, ...]:
    """The correction posts of a recall."""
    query = select(t.outbox).where(_o.occurrence.like(f"recall/{recall_id}/%")).order_by(_o.id)
    return outbox.items_of(connection, query)


def undo(connection: Connection, recall_id: int, now: datetime) -> tuple[int, int]:
    """Keep what is not off X yet, and let memory be what it was; (posts kept, resets undone)."""
    connection.execute(update(t.recall).where(_r.id == recall_id).values(undone_at=now))
    pending = and_(_p.recall_id == recall_id, _p.state == PostState.PENDING.value)
    kept = connection.execute(update(t.recall_post).where(pending).values(state=PostState.KEPT.value, at=now))
    standing = and_(_m.recall_id == recall_id, _m.undone_at.is_(None))
    undone = connection.execute(update(t.memory_reset).where(standing).values(undone_at=now))
    return kept.rowcount, undone.rowcount


# --- the queue of what is taken off X ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taking:
    """A post of the queue: its row, the outbox's, and X's id (None: not out yet); `state` is the outbox's."""

    id: int
    recall_id: int
    outbox_id: int
    remote_id: int | None
    state: State


def accounts_with_pending(connection: Connection) -> frozenset[int]:
    """The accounts that something is to be deleted on."""
    query = select(_o.account_id).join(t.recall_post, _p.outbox_id == _o.id).where(_p.state == PostState.PENDING.value)
    return frozenset(connection.execute(query.distinct()).scalars())


def pending(connection: Connection, account_id: int, limit: int) -> tuple[Taking, ...]:
    """What may be deleted now on an account, in order."""
    ready = or_(_p.not_before.is_(None), _p.not_before <= database_now(connection))
    query = (
        select(_p.id, _p.recall_id, _p.outbox_id, _o.remote_id, _o.state)
        .join(t.outbox, _o.id == _p.outbox_id)
        .where(_p.state == PostState.PENDING.value, _o.account_id == account_id, ready)
        .order_by(_p.id)
        .limit(limit)
    )
    return tuple(Taking(row.id, row.recall_id, row.outbox_id, row.remote_id, State(row.state)) for row in
                 connection.execute(query))  # fmt: skip


def settle(connection: Connection, taking: Taking, state: PostState, outcome: str, now: datetime) -> bool:
    """Write down what became of it; False if somebody else did before."""
    still = and_(_p.id == taking.id, _p.state == PostState.PENDING.value)
    done = connection.execute(update(t.recall_post).where(still).values(state=state.value, outcome=outcome, at=now))
    if done.rowcount and state in (PostState.DELETED, PostState.GONE):
        words = f"taken off X: recalled ({taking.recall_id})"
        connection.execute(update(t.outbox).where(_o.id == taking.outbox_id).values(outcome=words))
    return done.rowcount == 1


def put_off(connection: Connection, account_id: int, wait: timedelta, words: str) -> None:
    """Nothing is deleted on the account for a while (machine time)."""
    mine = exists().where(_o.id == _p.outbox_id, _o.account_id == account_id)
    until = database_now(connection) + wait
    still = and_(_p.state == PostState.PENDING.value, mine)
    connection.execute(update(t.recall_post).where(still).values(not_before=until, outcome=words))


# --- what the evidence log reads --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reset:
    """From when on a nugget is learnt anew, and which posts of it count no more even if they went out later."""

    at: datetime
    recalled: frozenset[int]

    def counts(self, outbox_id: int, posted_at: datetime | None) -> bool:
        """Whether a post of the nugget, that went out then, still counts."""
        return posted_at is not None and posted_at > self.at and outbox_id not in self.recalled


def resets(connection: Connection) -> dict[int, Reset]:
    """The last reset of each nugget that has one."""
    query = select(_m.nugget_id, func.max(_m.at)).where(_m.undone_at.is_(None)).group_by(_m.nugget_id)
    found = connection.execute(query).all()
    if not found:
        return {}
    standing = select(_p.outbox_id, _o.nugget_id).join(t.outbox, _o.id == _p.outbox_id)
    standing = standing.join(t.recall, _r.id == _p.recall_id).where(_r.undone_at.is_(None))
    recalled: dict[int, set[int]] = {}
    for outbox_id, nugget_id in connection.execute(standing):
        recalled.setdefault(nugget_id, set()).add(outbox_id)
    return {nugget_id: Reset(at, frozenset(recalled.get(nugget_id, ()))) for nugget_id, at in found}


def last_reset(nugget_id: ColumnElement[Any]) -> Any:
    """The instant of a nugget's last reset as a column, NULL where it has none."""
    return select(func.max(_m.at)).where(_m.nugget_id == nugget_id, _m.undone_at.is_(None)).scalar_subquery()
