"""Requests for approval, what of them holds, and which posts wait for one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update

from reinforce.domain.approving.approval import NEEDING, REVEAL, Request, RequestState
from reinforce.domain.cohort import Approval, Cohort
from reinforce.domain.planning.approved_texts import ApprovalBook, beside_hash
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.store import tables as t

_a, _o = t.approval.c, t.outbox.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text that somebody asks a yes for, with what it was made of."""

    form: str
    text: str
    text_hash: str
    nugget_id: int | None = None
    wording_id: int | None = None
    question_id: int | None = None
    media_hash: str = ""
    media: list[dict[str, Any]] | None = None


def sound() -> ColumnElement[bool]:
    """The condition that a request was not taken back, and that what its text was made of is still said. The answer to
    a question that was asked is that of the question as it was."""
    wording = select(t.wording.c.id).where(t.wording.c.id == _a.wording_id, t.wording.c.retired_at.is_not(None))
    question = select(t.question.c.id).where(t.question.c.id == _a.question_id, t.question.c.retired_at.is_not(None))
    edited = or_(wording.exists(), and_(_a.form != REVEAL, question.exists()))
    return and_(_a.voided_at.is_(None), ~edited)


def requests(
    connection: Connection, cohort_id: int, states: Iterable[RequestState] = (), ids: Sequence[int] = ()
) -> tuple[Request, ...]:
    """A cohort's requests, the oldest first; only those in `states`, or with these ids, where any are given."""
    name = (t.procedure.c.slug + "/" + t.nugget.c.slug).label("nugget")
    query = (
        select(t.approval, name, sound().label("sound"))
        .outerjoin(t.nugget, t.nugget.c.id == _a.nugget_id)
        .outerjoin(t.procedure, t.procedure.c.id == t.nugget.c.procedure_id)
        .where(_a.cohort_id == cohort_id)
        .order_by(_a.id)
    )
    wanted = [state.value for state in states]
    query = query.where(_a.state.in_(wanted)) if wanted else query
    query = query.where(_a.id.in_(ids)) if ids else query
    plain = [one for one in Request.__dataclass_fields__ if one not in ("state", "nugget", "voided")]
    return tuple(
        Request(
            **{one: row[one] for one in plain},
            nugget=row["nugget"] or "",
            state=RequestState(row["state"]),
            voided=not row["sound"],
        )
        for row in connection.execute(query).mappings()
    )


def submit(
    connection: Connection,
    cohort_id: int,
    wanted: Wanted,
    days: tuple[date, date],
    who: tuple[str, str],
    now: datetime,
) -> int:
    """Ask for a yes to a text on these local days; `who` are its author and who asks. Returns the request's id."""
    values = {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}
    values |= {"cohort_id": cohort_id, "first_day": days[0], "last_day": days[1], "author": who[0]}
    values |= {"state": RequestState.SUBMITTED.value, "submitted_by": who[1], "submitted_at": now}
    values |= {"decided_by": "", "note": ""}
    return int(connection.execute(insert(t.approval).values(**values).returning(_a.id)).scalar_one())


def decide(connection: Connection, one: Request, state: RequestState, actor: str, note: str, now: datetime) -> bool:
    """Move a request to `state`; False if it is not as it was read any more."""
    change = update(t.approval).where(_a.id == one.id, _a.state == one.state.value, _a.voided_at.is_(None))
    values = {"state": state.value, "decided_by": actor, "decided_at": now, "note": note}
    return connection.execute(change.values(**values)).rowcount == 1


def void(connection: Connection, request_id: int, now: datetime) -> bool:
    """Take a yes back; False if it did not stand."""
    change = update(t.approval).where(_a.id == request_id, _a.voided_at.is_(None))
    return connection.execute(change.values(voided_at=now)).rowcount == 1


def book(connection: Connection, cohort: Cohort) -> ApprovalBook | None:
    """What the cohort may post by its approvals; None where it needs none."""
    if cohort.approval is Approval.NONE:
        return None
    return _book(connection, cohort.id, cohort.approval, cohort.zone, ())


def is_approved(connection: Connection, item: OutboxItem, mode: Approval, zone: str, now: datetime) -> bool:
    """Whether a post may go out at `now` (programme time) as far as approval goes; what needs none may."""
    if mode is Approval.NONE or item.cohort_id is None or item.inbound_id is not None or item.form not in NEEDING:
        return True
    there = _book(connection, item.cohort_id, mode, zone, (item.text_hash,))
    return there.allows(item.text_hash, now, beside(item))


def beside(post: OutboxItem | Row[Any, Any, Any, Any]) -> str:
    """The hash of what people see of a post beside its text."""
    own_poll = post.poll if post.question_id is None else None
    return beside_hash(post.media, own_poll["options"] if own_poll else ())


def author_of(connection: Connection, nugget_id: int | None) -> str:
    """Who loaded the procedure of a nugget last, as an actor; "" if nobody is known."""
    if nugget_id is None:
        return ""
    procedure = select(t.nugget.c.procedure_id).where(t.nugget.c.id == nugget_id)
    procedure_id = connection.execute(procedure).scalar()
    g = t.audit.c
    last = select(g.actor).where(g.verb == "load", g.subject == f"procedure/{procedure_id}").order_by(g.id.desc())
    return str(connection.execute(last.limit(1)).scalar() or "")


def _book(connection: Connection, cohort_id: int, mode: Approval, zone: str, hashes: Sequence[str]) -> ApprovalBook:
    there = select(_a.text_hash, _a.media_hash, _a.first_day, _a.last_day).where(
        _a.cohort_id == cohort_id, _a.state == RequestState.APPROVED.value, sound()
    )
    out = select(_o.text_hash, _o.media, _o.poll, _o.question_id).where(
        _o.cohort_id == cohort_id, _o.state == State.POSTED.value
    )
    if hashes:
        there, out = there.where(_a.text_hash.in_(hashes)), out.where(_o.text_hash.in_(hashes))
    approved: dict[tuple[str, str], tuple[tuple[date, date], ...]] = {}
    for row in connection.execute(there):
        key = (row.text_hash, row.media_hash)
        approved[key] = (*approved.get(key, ()), (row.first_day, row.last_day))
    used = connection.execute(out) if mode is Approval.FIRST else ()
    return ApprovalBook(mode, zone, approved, frozenset((row.text_hash, beside(row)) for row in used))
