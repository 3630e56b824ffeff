"""Texts that wait for a yes, or got one, as the console lists them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from reinforce.domain.access.rights import Scope
from reinforce.domain.approving.approval import RequestState
from reinforce.store import tables as t
from reinforce.store.approving.approvals import sound
from reinforce.store.reporting.console.rows import value_from, within

_a = t.approval.c
PAGE = 50


@dataclass(frozen=True, slots=True)
class ApprovalLine:
    """One request. `cohort` is a slug, `nugget` a title ("" where the text is of none); people are actors. `before` is
    the text that was approved last for the same nugget in the same form, "" for none. Days are local to the cohort."""

    id: int
    cohort_id: int
    cohort: str
    cohort_title: str
    zone: str
    nugget_id: int | None
    nugget: str
    form: str
    text: str
    media_hash: str
    media: list[dict[str, str]] | None
    first_day: date
    last_day: date
    state: RequestState
    author: str
    submitted_by: str
    submitted_at: datetime
    decided_by: str
    decided_at: datetime | None
    note: str
    voided: bool
    before: str


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    """Requests of a page, and whether more follow after the last."""

    lines: tuple[ApprovalLine, ...]
    more: bool


def waiting_for_a_yes(connection: Connection, seen: Scope) -> int:
    """How many texts wait, as far as `seen` reaches; those that were edited since they were submitted don't."""
    query = select(func.count()).where(_a.state == RequestState.SUBMITTED.value, sound(), within(seen, _a.cohort_id))
    return int(connection.execute(query).scalar_one())


def approval_page(
    connection: Connection, seen: Scope, *, waiting: bool, cohort: str = "", beyond: int | None = None
) -> ApprovalPage:
    """The requests that wait, the oldest first and of each cohort together; or those that were decided, the newest
    first. `beyond` is the id of the last one of the page before."""
    query = (
        select(
            t.approval,
            t.cohort.c.slug.label("cohort"),
            t.cohort.c.title.label("cohort_title"),
            t.cohort.c.zone,
            func.coalesce(t.nugget.c.title, "").label("nugget"),
            sound().label("is_sound"),
        )
        .join(t.cohort, t.cohort.c.id == _a.cohort_id)
        .outerjoin(t.nugget, t.nugget.c.id == _a.nugget_id)
        .where(within(seen, _a.cohort_id))
        .limit(PAGE + 1)
    )
    submitted = _a.state == RequestState.SUBMITTED.value
    query = (
        query.where(submitted, sound()).order_by(_a.id) if waiting else query.where(~submitted).order_by(_a.id.desc())
    )
    if cohort:
        query = query.where(t.cohort.c.slug == cohort)
    if beyond is not None:
        query = query.where(_a.id > beyond if waiting else _a.id < beyond)
    rows = connection.execute(query).mappings().all()
    before = _approved_before(connection, [row["nugget_id"] for row in rows if waiting and row["nugget_id"]])
    lines = tuple(
        value_from(
            ApprovalLine,
            row,
            state=RequestState(row["state"]),
            voided=not row["is_sound"],
            before=before.get((row["cohort_id"], row["nugget_id"], row["form"]), ""),
        )
        for row in rows[:PAGE]
    )
    return ApprovalPage(lines, len(rows) > PAGE)


def cohorts_of_requests(connection: Connection, ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """Whose these requests are: id and slug of the cohort by the request's id; what is none is left out."""
    query = select(_a.id, t.cohort.c.id, t.cohort.c.slug).join(t.cohort, t.cohort.c.id == _a.cohort_id)
    return {row[0]: (row[1], row[2]) for row in connection.execute(query.where(_a.id.in_(set(ids))).order_by(_a.id))}


def _approved_before(connection: Connection, nugget_ids: Sequence[int]) -> dict[tuple[int, int, str], str]:
    """The text that was approved last, by cohort, nugget and form."""
    if not nugget_ids:
        return {}
    approved = _a.state == RequestState.APPROVED.value
    query = select(_a.cohort_id, _a.nugget_id, _a.form, _a.text).where(approved, _a.nugget_id.in_(set(nugget_ids)))
    return {(row.cohort_id, row.nugget_id, row.form): row.text for row in connection.execute(query.order_by(_a.id))}
