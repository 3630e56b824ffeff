"""Cohorts, the cadences in use, and which procedures a cohort learns."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, insert, select, update

from reinforce.domain.cohort import LIVE, Answers, Approval, Cohort, CohortState, Completes, Hold, Opening
from reinforce.domain.errors import Conflict, NotFound
from reinforce.store import tables as t
from reinforce.store.one_trip import Change
from reinforce.store.session import Last, do_last

_LIVE = [state.value for state in LIVE]


@dataclass(frozen=True, slots=True)
class CohortDraft:
    """A cohort about to be created. Empty `country`: no holidays are kept. Dates are local to `zone`."""

    slug: str
    title: str
    account_id: int
    schedule_id: int
    zone: str
    language: str
    country: str
    answers: Answers
    starts_on: date | None
    assessment: date | None
    opens_on: date | None = None
    closes_on: date | None = None
    ends_on: date | None = None
    completes: Completes = Completes.END
    lapse_after: int = 0
    updates: bool = True
    approval: Approval = Approval.NONE
    opening: Opening | None = None


def cohorts(connection: Connection) -> tuple[Cohort, ...]:
    """Every cohort, by slug."""
    return _read(connection, _cohorts().order_by(t.cohort.c.slug))


def slugs(connection: Connection) -> dict[int, str]:
    """The slugs of all cohorts, by id."""
    return {row.id: row.slug for row in connection.execute(select(t.cohort.c.id, t.cohort.c.slug))}


def cohort_by_id(connection: Connection, cohort_id: int) -> Cohort:
    """One cohort. Raises NotFound."""
    found = _read(connection, _cohorts().where(t.cohort.c.id == cohort_id))
    if not found:
        raise NotFound(f"there is no cohort with the id {cohort_id}", "See what there is: reinforce cohort list")
    return found[0]


def cohort_by_slug(connection: Connection, slug: str) -> Cohort:
    """One cohort. Raises NotFound, which names the nearest there is."""
    found = _read(connection, _cohorts().where(t.cohort.c.slug == slug))
    if found:
        return found[0]
    known = connection.execute(select(t.cohort.c.slug)).scalars().all()
    raise NotFound(f"there is no cohort {slug}", _advice(slug, known, "reinforce cohort create --help"))


def created_at(connection: Connection, cohort_id: int) -> datetime:
    """When a cohort that is known to be there was made (programme time)."""
    made: datetime = connection.execute(select(t.cohort.c.created_at).where(t.cohort.c.id == cohort_id)).scalar_one()
    return made


def cohorts_of_learner(connection: Connection, learner_id: int) -> tuple[int, ...]:
    """The ids of the cohorts in which this learner counts."""
    e = t.enrollment.c
    query = select(e.cohort_id).where(e.learner_id == learner_id, e.state.in_(_LIVE)).order_by(e.cohort_id)
    return tuple(connection.execute(query).scalars())


def cohorts_of_procedure(connection: Connection, procedure_id: int) -> tuple[Cohort, ...]:
    """The cohorts that learn this procedure and are not finished."""
    query = (
        _cohorts()
        .join(t.cohort_procedure, t.cohort_procedure.c.cohort_id == t.cohort.c.id)
        .where(t.cohort_procedure.c.procedure_id == procedure_id, t.cohort.c.state != CohortState.FINISHED.value)
        .order_by(t.cohort.c.slug)
    )
    return _read(connection, query)


def running_on(connection: Connection, account_id: int) -> tuple[tuple[Cohort, dict[str, Any], datetime], ...]:
    """The running cohorts of an account, by slug, each with the content of its cadence and when it was made."""
    c = t.cohort.c
    here = (c.account_id == account_id, c.state == CohortState.RUNNING.value)
    of_schedule = select(c.id, t.schedule.c.content, c.created_at).join(t.schedule, t.schedule.c.id == c.schedule_id)
    more = {row.id: (dict(row.content), row.created_at) for row in connection.execute(of_schedule.where(*here))}
    found = _read(connection, _cohorts().where(*here).order_by(c.slug))
    return tuple((one, *more[one.id]) for one in found)


def all_on(connection: Connection, account_id: int) -> tuple[Cohort, ...]:
    """Every cohort there is or was on an account, by slug."""
    return _read(connection, _cohorts().where(t.cohort.c.account_id == account_id).order_by(t.cohort.c.slug))


def open_on(connection: Connection, account_id: int) -> tuple[Cohort, ...]:
    """The open cohorts of an account that are not finished, by slug."""
    found = all_on(connection, account_id)
    return tuple(one for one in found if one.opening is not None and one.state is not CohortState.FINISHED)


def zones_on(connection: Connection, account_id: int) -> tuple[str, ...]:
    """The zones of an account's running cohorts, by name."""
    c = t.cohort.c
    query = select(c.zone).where(c.account_id == account_id, c.state == CohortState.RUNNING.value).distinct()
    return tuple(sorted(connection.execute(query).scalars()))


def create(connection: Connection, draft: CohortDraft, procedure_ids: Iterable[int], now: datetime) -> Cohort:
    """Add a cohort, running. Raises Conflict if its slug is taken."""
    taken = connection.execute(select(t.cohort.c.id).where(t.cohort.c.slug == draft.slug)).scalar()
    if taken is not None:
        raise Conflict(f"there is a cohort {draft.slug} already", "Give another name, or go on with that one.")
    values = {name: getattr(draft, name) for name in CohortDraft.__dataclass_fields__ if name != "opening"}
    row = values | {
        **({} if draft.opening is None else _opened(draft.opening)),
        "answers": draft.answers.value,
        "completes": draft.completes.value,
        "approval": draft.approval.value,
        "state": CohortState.RUNNING.value,
        "created_at": now,
    }
    new = insert(t.cohort).values(**row, version=0, paused_reason="").returning(t.cohort.c.id)
    cohort_id: int = connection.execute(new).scalar_one()
    for procedure_id in procedure_ids:
        connection.execute(insert(t.cohort_procedure).values(cohort_id=cohort_id, procedure_id=procedure_id))
    return cohort_by_id(connection, cohort_id)


def set_state(
    connection: Connection, cohort_id: int, state: CohortState, *, was: Iterable[CohortState], reason: str = ""
) -> None:
    """Move a cohort from one of the states in `was` to `state`, and raise its version. Raises Conflict if it is in
    none of them; `reason` is shown to people wherever a paused cohort is."""
    c = t.cohort.c
    moved = connection.execute(
        update(t.cohort)
        .where(c.id == cohort_id, c.state.in_([one.value for one in was]))
        .values(state=state.value, paused_reason=reason, version=c.version + 1)
    )
    if moved.rowcount != 1:
        there = cohort_by_id(connection, cohort_id)
        raise Conflict(f"the cohort {there.slug} is {there.state.value}", "See where it stands: reinforce cohort list")


def change(connection: Connection, cohort_id: int, values: Mapping[str, Any]) -> None:
    """Change what a cohort promises its learners (`respond_hours`, `acknowledge`, `facilitator_id`), its `priority`
    among the account's cohorts, or which of its texts need `approval`."""
    connection.execute(update(t.cohort).where(t.cohort.c.id == cohort_id).values(**values))


def set_dates(connection: Connection, cohort_id: int, values: Mapping[str, Any]) -> None:
    """Change a cohort's dates and what follows from them, which gives it a new version: `title`, `opens_on`,
    `closes_on`, `starts_on`, `ends_on`, `assessment`, `completes`, `lapse_after`, `updates`."""
    connection.execute(update(t.cohort).where(t.cohort.c.id == cohort_id).values(**values))
    raise_version(connection, cohort_id)


def set_schedule(connection: Connection, cohort_id: int, schedule_id: int) -> None:
    """Give a cohort another cadence, and with it a new version."""
    connection.execute(update(t.cohort).where(t.cohort.c.id == cohort_id).values(schedule_id=schedule_id))
    raise_version(connection, cohort_id)


def schedule_id_of(connection: Connection, cohort_id: int) -> int:
    """The id of the cadence that a cohort has."""
    return int(connection.execute(select(t.cohort.c.schedule_id).where(t.cohort.c.id == cohort_id)).scalar_one())


def set_opening(connection: Connection, cohort_id: int, opening: Opening) -> None:
    """Change how one joins an open cohort."""
    connection.execute(update(t.cohort).where(t.cohort.c.id == cohort_id).values(**_opened(opening)))
    raise_version(connection, cohort_id)


def _opened(opening: Opening) -> dict[str, Any]:
    return {"hashtag": opening.hashtag, "most": opening.most, "an_hour": opening.an_hour}


_RAISE_VERSION = update(t.cohort).where(t.cohort.c.id == bindparam("cohort")).values(version=t.cohort.c.version + 1)


def keep(connection: Connection, cohort_ids: Iterable[int]) -> None:
    """Nobody else changes these cohorts until the transaction ends. Whoever goes on to lock their accounts calls it
    first: a send locks the cohort before the account, and two orders would wait for each other."""
    c = t.cohort.c
    connection.execute(select(c.id).where(c.id.in_(sorted(set(cohort_ids)))).order_by(c.id).with_for_update())


def raise_version(connection: Connection, cohort_id: int) -> None:
    """Say, when the transaction ends, that something changed that could change this cohort's plan; plans under way
    choose again."""
    do_last(connection, Last.COHORT_VERSION, cohort_id, partial(_raise_version, cohort_id))


def version_raised(cohort_id: int) -> Change:
    """The same at once, beside another change: for a transaction that counts for this cohort alone."""
    return Change(_RAISE_VERSION, {"cohort": cohort_id})


def _raise_version(cohort_id: int, connection: Connection) -> None:
    connection.execute(_RAISE_VERSION, {"cohort": cohort_id})


def save_schedule(
    connection: Connection, name: str, content: Mapping[str, Any], content_hash: str, now: datetime
) -> int:
    """Keep a validated cadence under its name and return its id. A changed one replaces what is there, and every
    cohort that uses it gets a new version."""
    s = t.schedule.c
    row = connection.execute(select(s.id, s.content_hash).where(s.name == name)).mappings().first()
    values = {"content": dict(content), "content_hash": content_hash, "loaded_at": now}
    if row is None:
        return int(connection.execute(insert(t.schedule).values(name=name, **values).returning(s.id)).scalar_one())
    schedule_id: int = row["id"]
    if row["content_hash"] != content_hash:
        connection.execute(update(t.schedule).where(s.id == schedule_id).values(**values))
        c = t.cohort.c
        connection.execute(update(t.cohort).where(c.schedule_id == schedule_id).values(version=c.version + 1))
    return schedule_id


def schedule_in_use(connection: Connection, cohort_id: int) -> dict[str, Any]:
    """The validated content of the cadence that a cohort uses. Raises NotFound if there is no such cohort."""
    query = select(t.schedule.c.content).join(t.cohort, t.cohort.c.schedule_id == t.schedule.c.id)
    content = connection.execute(query.where(t.cohort.c.id == cohort_id)).scalar()
    if content is None:
        raise NotFound(f"there is no cohort with the id {cohort_id}", "See what there is: reinforce cohort list")
    return dict(content)


def procedure_ids(connection: Connection, cohort_id: int) -> tuple[int, ...]:
    """The procedures a cohort learns."""
    c = t.cohort_procedure.c
    return tuple(
        connection.execute(select(c.procedure_id).where(c.cohort_id == cohort_id).order_by(c.procedure_id)).scalars()
    )


def _cohorts() -> Select[Any]:
    """Cohorts with their holds: a row for each hold, one for a cohort without any."""
    h = t.hold.c
    held = (h.id.label("hold_id"), h.first_day, h.last_day, h.reason)
    return (
        select(t.cohort, t.schedule.c.name.label("schedule"), *held)
        .join_from(t.cohort, t.schedule, t.schedule.c.id == t.cohort.c.schedule_id)
        .outerjoin(t.hold, h.cohort_id == t.cohort.c.id)
    )


_PLAIN = (
    *("id", "slug", "title", "account_id", "zone", "language", "schedule", "version", "country", "paused_reason"),
    *("respond_hours", "acknowledge", "facilitator_id", "lapse_after", "updates", "priority"),
    *("opens_on", "closes_on", "starts_on", "ends_on", "assessment"),
)


def _read(connection: Connection, query: Select[Any]) -> tuple[Cohort, ...]:
    """Each cohort of `_cohorts` once, in the order of the query, its holds by their first day."""
    rows: dict[int, list[RowMapping]] = {}
    for row in connection.execute(query).mappings():
        rows.setdefault(row["id"], []).append(row)
    return tuple(_cohort(of_one) for of_one in rows.values())


def _cohort(rows: list[RowMapping]) -> Cohort:
    row = rows[0]
    holds = [Hold(one["hold_id"], one["first_day"], one["last_day"], one["reason"]) for one in rows if one["hold_id"]]
    return Cohort(
        **{name: row[name] for name in _PLAIN},
        state=CohortState(row["state"]),
        answers=Answers(row["answers"]),
        approval=Approval(row["approval"]),
        completes=Completes(row["completes"]),
        opening=None if row["hashtag"] is None else Opening(row["hashtag"], row["most"], row["an_hour"]),
        holds=tuple(sorted(holds, key=lambda one: (one.first_day, one.id))),
    )


def _advice(name: str, known: Iterable[str], otherwise: str) -> str:
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(near)}?" if near else f"Make one: {otherwise}"
