"""Lists for the command line, as plain rows with every key a script may want."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from reinforce.domain.cohort import LIVE
from reinforce.domain.errors import NotFound
from reinforce.store import tables as t
from reinforce.store.reporting.enrolling import shown_handle

Row = dict[str, Any]

_LIVE = [state.value for state in LIVE]


def outbox_rows(
    connection: Connection, *, cohort: str | None = None, states: Sequence[str] = (), limit: int = 50
) -> list[Row]:
    """Posts, the newest first. `remote_id` is a string: JSON numbers lose 64-bit ids."""
    o, c, n = t.outbox.c, t.cohort.c, t.nugget.c
    query = (
        select(
            o.id,
            c.slug.label("cohort"),
            n.slug.label("nugget"),
            o.form,
            o.state,
            o.due_at,
            o.posted_at,
            o.remote_id,
            o.text,
            o.reason,
            o.outcome,
            o.price_micros,
            o.occurrence,
            func.coalesce(c.zone, "UTC").label("zone"),
        )
        .select_from(
            t.outbox.outerjoin(t.cohort, c.id == o.cohort_id).outerjoin(t.nugget, n.id == o.nugget_id),
        )
        .order_by(o.id.desc())
        .limit(limit)
    )
    if cohort is not None:
        query = query.where(c.slug == cohort)
    if states:
        query = query.where(o.state.in_(states))
    return [{**row, "remote_id": _text(row["remote_id"])} for row in connection.execute(query).mappings()]


def inbox_rows(
    connection: Connection, *, cohort: str | None = None, needs_person: bool = False, limit: int = 50
) -> list[Row]:
    """What came back, the newest first; ids of X as strings."""
    i = t.inbound.c
    query: Select[Any] = (
        select(
            i.id,
            i.author_handle.label("author"),
            i.text,
            i.in_reply_to,
            i.read_as,
            i.read_why.label("why"),
            i.rating,
            i.created_at.label("at"),
            i.needs_person,
            i.outbox_id.label("post"),
        )
        .order_by(i.id.desc())
        .limit(limit)
    )
    if needs_person:
        query = query.where(i.needs_person)
    if cohort is not None:
        enrolled = (
            select(t.enrollment.c.learner_id)
            .join(t.cohort, t.cohort.c.id == t.enrollment.c.cohort_id)
            .where(t.cohort.c.slug == cohort)
        )
        query = query.where(i.learner_id.in_(enrolled))
    return [{**row, "in_reply_to": _text(row["in_reply_to"])} for row in connection.execute(query).mappings()]


def cohort_rows(connection: Connection) -> list[Row]:
    """Every cohort with how many learners and nuggets it has."""
    c, e, n = t.cohort.c, t.enrollment.c, t.nugget.c
    learners = select(func.count()).where(e.cohort_id == c.id, e.state.in_(_LIVE)).scalar_subquery()
    linked = (
        select(func.count())
        .select_from(t.enrollment.join(t.learner, t.learner.c.id == e.learner_id))
        .where(e.cohort_id == c.id, e.state.in_(_LIVE), t.learner.c.remote_user_id.is_not(None))
        .scalar_subquery()
    )
    nuggets = (
        select(func.count())
        .select_from(t.cohort_procedure.join(t.nugget, n.procedure_id == t.cohort_procedure.c.procedure_id))
        .where(t.cohort_procedure.c.cohort_id == c.id, n.retired_at.is_(None))
        .scalar_subquery()
    )
    query = (
        select(
            c.id,
            c.slug,
            c.title,
            c.state,
            c.paused_reason,
            t.account.c.name.label("account"),
            t.schedule.c.name.label("schedule"),
            c.zone,
            c.country,
            c.language,
            c.answers,
            c.opens_on,
            c.closes_on,
            c.starts_on,
            c.ends_on,
            c.assessment,
            c.hashtag,
            c.most,
            learners.label("learners"),
            linked.label("linked"),
            nuggets.label("nuggets"),
        )
        .join(t.account, t.account.c.id == c.account_id)
        .join(t.schedule, t.schedule.c.id == c.schedule_id)
        .order_by(c.slug)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def cohort_detail(connection: Connection, slug: str) -> Row:
    """One cohort with its learners and its nuggets. Raises NotFound."""
    found = [row for row in cohort_rows(connection) if row["slug"] == slug]
    if not found:
        raise NotFound(f"there is no cohort {slug}", "See what there is with: reinforce cohort list")
    cohort = found[0]
    return {
        "cohort": cohort,
        "learners": _learners(connection, cohort["id"]),
        "nuggets": _nuggets(connection, cohort["id"]),
    }


def _learners(connection: Connection, cohort_id: int) -> list[Row]:
    person, e = t.learner.c, t.enrollment.c
    query = (
        select(
            person.employee_id,
            person.name,
            shown_handle().label("handle"),
            person.role,
            e.state,
            person.remote_user_id.is_not(None).label("linked"),
            person.stopped_at.is_not(None).label("stopped"),
        )
        .join(t.enrollment, e.learner_id == person.id)
        .where(e.cohort_id == cohort_id)
        .order_by(person.name)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


# What stands below a question says no nugget by itself.
_BELOW = ("reveal", "quiz_hint", "quiz_reveal")


def _nuggets(connection: Connection, cohort_id: int) -> list[Row]:
    n, o, r = t.nugget.c, t.outbox.c, t.review.c
    posted = and_(o.nugget_id == n.id, o.cohort_id == cohort_id, o.state == "posted", o.form.not_in(_BELOW))
    reviews = select(func.count()).where(r.nugget_id == n.id, r.voided_at.is_(None)).scalar_subquery()
    right = select(func.count()).where(r.nugget_id == n.id, r.voided_at.is_(None), r.rating >= 3).scalar_subquery()
    query = (
        select(
            n.slug.label("nugget"),
            n.title,
            n.topic,
            n.importance,
            n.retired_at.is_not(None).label("retired"),
            func.count(o.id).label("posts"),
            func.max(o.posted_at).label("last_posted"),
            reviews.label("reviews"),
            right.label("recalled"),
        )
        .select_from(
            t.cohort_procedure.join(t.nugget, n.procedure_id == t.cohort_procedure.c.procedure_id).outerjoin(
                t.outbox, posted
            )
        )
        .where(t.cohort_procedure.c.cohort_id == cohort_id)
        .group_by(n.id)
        .order_by(n.procedure_id, n.position)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
