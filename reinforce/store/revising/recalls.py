"""Recalls: what is wrong, what was confirmed, what is still to be taken off X, from when memory begins anew."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, or_, select, true, update

from reinforce.domain.authoring.meaning import same_answer
from reinforce.domain.authoring.revision import Change
from reinforce.domain.errors import NotFound
from reinforce.domain.revising.recalling import CORRECTION, PostState
from reinforce.domain.sending.outbox import TERMINAL, OutboxItem, State
from reinforce.store import tables as t
from reinforce.store.sending import deletions, outbox
from reinforce.store.sending.deletions import DeletionState

_DROPPED = "it was taken out of the procedure"
REASON = "its procedure was revised, and it was recalled"

_o, _r, _p, _m, _d = t.outbox.c, t.recall.c, t.recall_post.c, t.memory_reset.c, t.deletion.c
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
    # One that retired and came back was never wrong for that.
    dropped = and_(earlier.change == Change.RETIRED.value, n.retired_at.is_not(None))
    wrong = or_(earlier.meaning.is_(True), dropped)
    last = select(func.max(earlier.id)).where(wrong, earlier.nugget_id == n.id).scalar_subquery()
    query = (
        select(n.id, n.slug, n.title, n.retired_at, v.at, v.why)
        .select_from(t.nugget)
        .outerjoin(t.nugget_revision, v.id == last)
        .where(n.procedure_id == procedure_id)
        .order_by(n.position, n.id)
    )
    return tuple(
        Revised(row.id, row.slug, row.title, row.retired_at is not None, row.at, row.why or _DROPPED)
        for row in connection.execute(query)
    )


def wrong_posts(connection: Connection, nugget: Revised, since: datetime) -> tuple[OutboxItem, ...]:
    """What went out of a nugget until `since`, or is on its way, and says what its present revision does not; what is
    taken off already is left out. Of a retired nugget that is everything."""
    query = (
        select(t.outbox)
        .where(_o.nugget_id == nugget.id, _o.created_at <= since)
        .where(_o.state.in_([state.value for state in _OUT]), ~is_taken_off(_o.id))
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


def is_taken_off(outbox_id: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition that a post is off the timeline, or on its way off it."""
    standing = select(_p.outbox_id).join(t.recall, _r.id == _p.recall_id).where(_r.undone_at.is_(None))
    going = select(_d.outbox_id).where(_d.state.in_([DeletionState.ASKED.value, DeletionState.DONE.value]))
    return or_(outbox_id.in_(standing), outbox_id.in_(going))


# --- one recall -----------------------------------------------------------------------------------------------------


def add(connection: Connection, procedure_id: int, actor: str, digest: str, now: datetime) -> int:
    """A confirmed recall; returns its id."""
    values = {"procedure_id": procedure_id, "actor": actor, "digest": digest, "at": now}
    return int(connection.execute(insert(t.recall).values(**values).returning(_r.id)).scalar_one())


def add_posts(connection: Connection, recall_id: int, items: Iterable[OutboxItem], now: datetime) -> None:
    """Posts that are to be taken off X: at once those that are out, the others once they are (`late`)."""
    for item in items:
        connection.execute(insert(t.recall_post).values(recall_id=recall_id, outbox_id=item.id))
        if item.remote_id is not None:
            deletions.ask(connection, item, REASON, now)


def late(connection: Connection) -> tuple[OutboxItem, ...]:
    """Posts of recalls that are out by now and whose deletion nobody has asked for."""
    asked = select(_d.outbox_id)
    query = (
        select(t.outbox)
        .join(t.recall_post, _p.outbox_id == _o.id)
        .join(t.recall, _r.id == _p.recall_id)
        .where(_r.undone_at.is_(None), _o.remote_id.is_not(None), _o.id.not_in(asked))
        .order_by(_o.id)
    )
    return outbox.items_of(connection, query)


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
    wanted = true() if recall_id is None else _r.id == recall_id
    query = select(t.recall, t.procedure.c.slug).join(t.procedure, t.procedure.c.id == _r.procedure_id).where(wanted)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for row in connection.execute(_fates().where(wanted)):
        counts[row.recall_id][_fate(row)] += 1
    named: dict[int, list[str]] = {}
    reset = select(_m.recall_id, t.nugget.c.slug).join(t.nugget, t.nugget.c.id == _m.nugget_id).order_by(_m.id)
    for key, slug in connection.execute(reset.join(t.recall, _r.id == _m.recall_id).where(wanted)):
        named.setdefault(key, []).append(slug)
    return tuple(
        Recall(row.id, row.slug, row.actor, row.at, row.undone_at, dict(counts[row.id]), tuple(named.get(row.id, ())))
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
    return [
        {
            "outbox": row.id, "form": row.form, "posted_at": row.posted_at, "remote_id": row.remote_id,
            "state": _fate(row), "outcome": row.outcome or "", "text": row.text,
        }
        for row in connection.execute(_fates().where(_p.recall_id == recall_id))
    ]  # fmt: skip


def _fates() -> Select[Any]:
    columns = (_o.id, _o.form, _o.posted_at, _o.remote_id, _o.text, _o.state, _d.outcome, _d.state.label("deletion"))
    return (
        select(_p.recall_id, _r.undone_at, *columns)
        .join(t.outbox, _o.id == _p.outbox_id)
        .join(t.recall, _r.id == _p.recall_id)
        .outerjoin(t.deletion, _d.outbox_id == _o.id)
        .order_by(_p.id)
    )


def _fate(row: Any) -> PostState:
    """What became of a post of a recall: what happened to it counts, whatever was undone since."""
    if row.deletion == DeletionState.DONE.value:
        return PostState.DELETED
    if row.undone_at is not None:
        return PostState.KEPT
    if row.deletion == DeletionState.REFUSED.value:
        return PostState.REFUSED
    never = row.remote_id is None and State(row.state) in TERMINAL
    return PostState.NEVER_OUT if never else PostState.PENDING


def waiting_corrections(connection: Connection, procedure_id: int) -> tuple[OutboxItem, ...]:
    """The corrections of a procedure's nuggets that have not begun to be sent."""
    query = (
        select(t.outbox)
        .join(t.nugget, t.nugget.c.id == _o.nugget_id)
        .where(t.nugget.c.procedure_id == procedure_id, _o.form == CORRECTION)
        .where(_o.state.in_([State.PLANNED.value, State.LEASED.value]))
        .order_by(_o.id)
    )
    return outbox.items_of(connection, query)


def corrections_of(connection: Connection, recall_id: int) -> tuple[OutboxItem, ...]:
    """The correction posts of a recall."""
    query = select(t.outbox).where(_o.occurrence.like(f"recall/{recall_id}/%")).order_by(_o.id)
    return outbox.items_of(connection, query)


def undo(connection: Connection, recall_id: int, now: datetime) -> int:
    """Ask no more for deletions that have not happened, and let memory be what it was; how many resets were undone."""
    connection.execute(update(t.recall).where(_r.id == recall_id).values(undone_at=now))
    mine = list(connection.execute(select(_p.outbox_id).where(_p.recall_id == recall_id)).scalars())
    standing = select(_p.outbox_id).join(t.recall, _r.id == _p.recall_id).where(_r.undone_at.is_(None))
    others = set(connection.execute(standing.where(_p.outbox_id.in_(mine))).scalars())
    deletions.withdraw(connection, [key for key in mine if key not in others])
    still = and_(_m.recall_id == recall_id, _m.undone_at.is_(None))
    return connection.execute(update(t.memory_reset).where(still).values(undone_at=now)).rowcount


# --- what the evidence log reads --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reset:
    """From when on a nugget is learnt anew, and which posts of it count no more even if they went out later."""

    at: datetime
    recalled: frozenset[int]

    def counts(self, outbox_id: int, posted_at: datetime | None) -> bool:
        """Whether a post of the nugget, that went out then, still counts."""
        return posted_at is not None and posted_at > self.at and outbox_id not in self.recalled


def resets(connection: Connection, known: datetime | None = None) -> dict[int, Reset]:
    """The last reset of each nugget that has one; with `known` of those that there were by then."""
    counts = _m.undone_at.is_(None) if known is None else and_(_m.at <= known, _m.undone_at.is_(None))
    query = select(_m.nugget_id, func.max(_m.at)).where(counts).group_by(_m.nugget_id)
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
