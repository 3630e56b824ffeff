"""Learners, their enrollments, what they agreed to, and what they asked of us (stop, snooze, no replies).

Nothing here logs or audits anything but ids. A stop is lifted by the learner's own "start" only: no import, restore or
second enrollment does it. In an open cohort "join" is such a start: nobody else can have said it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, insert, or_, select, true, update

from reinforce.domain.cohort import LIVE, Cause, ConsentKind, EnrollmentState, Learner, RosterRow
from reinforce.domain.errors import NotAllowed, NotFound
from reinforce.domain.texts.naming_guard import PersonMarks
from reinforce.store import tables as t
from reinforce.store.people import enrollments

_LIVE = [state.value for state in LIVE]
_REHEARSAL = "rehearsal"
# A link follows from what a learner posted: it is nobody's command.
_LINKER = "daemon"


def learners_of(connection: Connection, cohort_id: int, *, live: bool = True) -> tuple[Learner, ...]:
    """The learners of a cohort by id; `live` leaves out those who completed, withdrew or lapsed."""
    e = t.enrollment.c
    query = _learners().join(t.enrollment, e.learner_id == t.learner.c.id).where(e.cohort_id == cohort_id)
    if live:
        query = query.where(e.state.in_(_LIVE))
    return _all(connection, query)


def learner_by_id(connection: Connection, learner_id: int) -> Learner:
    """One learner. Raises NotFound."""
    found = _all(connection, _learners().where(t.learner.c.id == learner_id))
    if not found:
        raise NotFound(f"there is no learner with the id {learner_id}")
    return found[0]


def learner_by_remote_id(connection: Connection, remote_user_id: int) -> Learner | None:
    """The learner whom an X user id is linked to."""
    found = _all(connection, _learners().where(t.learner.c.remote_user_id == remote_user_id))
    return found[0] if found else None


def learners_by_handle(connection: Connection, handle: str) -> tuple[Learner, ...]:
    """Learners with this handle, however it is capitalised. Until linking it is only what a roster claims."""
    folded = handle.removeprefix("@").lower()
    return learners_by_handles(connection, [folded]).get(folded, ()) if folded else ()


def learners_known_as(connection: Connection, who: str) -> tuple[Learner, ...]:
    """Who is meant by a handle ("@pat_m") or an X user id ("x:123")."""
    if who.startswith("x:") and who[2:].isdecimal():
        found = learner_by_remote_id(connection, int(who[2:]))
        return () if found is None else (found,)
    return learners_by_handle(connection, who) if who.startswith("@") else ()


def learners_by_handles(connection: Connection, handles: Collection[str]) -> dict[str, tuple[Learner, ...]]:
    """As `learners_by_handle` for many at once, by the handle in lower case; one that nobody has is left out."""
    found: dict[str, tuple[Learner, ...]] = {}
    for batch in _batches({handle.lower() for handle in handles if handle}):
        for learner in _all(connection, _learners().where(func.lower(t.learner.c.handle).in_(batch))):
            key = learner.handle.lower()
            found[key] = (*found.get(key, ()), learner)
    return found


def learners_by_employee_id(connection: Connection, employee_ids: Collection[str]) -> dict[str, Learner]:
    """Those learners that are known, by employee id."""
    found: dict[str, Learner] = {}
    for batch in _batches(employee_ids):
        query = _learners().where(t.learner.c.employee_id.in_(batch))
        found |= {learner.employee_id: learner for learner in _all(connection, query)}
    return found


def add_learner(connection: Connection, row: RosterRow, now: datetime) -> int:
    """Add a person, unlinked, and return the id."""
    values = {name: getattr(row, name) for name in ("employee_id", "name", "handle", "zone", "role")}
    new = insert(t.learner).values(**values, created_at=now).returning(t.learner.c.id)
    return int(connection.execute(new).scalar_one())


def add_joiner(connection: Connection, remote_user_id: int, handle: str, source: str, now: datetime) -> int:
    """Add somebody who joined an open cohort, linked by the post (`source`) in which they asked to, and return the id.
    No name is kept of them, and they have no employee id."""
    row = RosterRow("", "", handle.removeprefix("@"))
    learner_id = add_learner(connection, row, now)
    connection.execute(update(t.learner).where(t.learner.c.id == learner_id).values(remote_user_id=remote_user_id))
    give_consent(connection, learner_id, ConsentKind.LINKING, source, now)
    return learner_id


def update_learner(connection: Connection, learner_id: int, **changes: str) -> None:
    """Change `name`, `zone`, `role` or `handle` of a person; nothing else can be changed from a roster."""
    allowed = {"name", "zone", "role", "handle"}
    if not changes.keys() <= allowed:
        raise ValueError(f"only {sorted(allowed)} can be changed here")
    connection.execute(update(t.learner).where(t.learner.c.id == learner_id).values(**changes))


def set_own_zone(connection: Connection, learner_id: int, zone: str) -> None:
    """The learner said where they live (an IANA name): no roster changes it from then on."""
    connection.execute(update(t.learner).where(t.learner.c.id == learner_id).values(zone=zone, own_zone=True))


def set_language(connection: Connection, learner_id: int, language: str) -> None:
    """The learner said in which language they want to be written to (ISO 639-1)."""
    connection.execute(update(t.learner).where(t.learner.c.id == learner_id).values(language=language))


def link(connection: Connection, learner_id: int, remote_user_id: int, handle: str, source: str, now: datetime) -> None:
    """Bind an X user id to a person, with the consent that says so; invited enrollments become enrolled. It does so
    last, for a savepoint that is taken back takes nothing out of the audit log.

    Linking the same id again keeps the consent there is and takes the new handle. Raises NotAllowed if the id is
    somebody else's or the person has another one: a person has to look at that.
    """
    other = learner_by_remote_id(connection, remote_user_id)
    learner = learner_by_id(connection, learner_id)
    if (other is not None and other.id != learner_id) or learner.remote_user_id not in (None, remote_user_id):
        advice = "See that the right person used the code; unlink the other account first."
        raise NotAllowed("this X account or this learner is linked already, and not to each other", advice)
    person = update(t.learner).where(t.learner.c.id == learner_id)
    connection.execute(person.values(remote_user_id=remote_user_id, handle=handle.removeprefix("@")))
    give_consent(connection, learner_id, ConsentKind.LINKING, source, now)
    there = enrollments.of_learner(connection, learner_id)
    invited = [one for one in there if one.state is EnrollmentState.INVITED]
    enrollments.move(connection, invited, EnrollmentState.ENROLLED, Cause.LINKED, actor=_LINKER, now=now)


def link_for_rehearsal(connection: Connection, remote_ids: dict[str, int], now: datetime) -> tuple[int, ...]:
    """Link the learners whose handles are practice learners (`remote_ids`: handle → practice user id), as if each had
    posted a code. Returns the ids of those linked now.

    Raises NotAllowed in a workspace that is not a rehearsal: there only a learner's own post links.
    """
    if not connection.execute(select(t.workspace.c.rehearsal)).scalar():
        raise NotAllowed(
            "learners are linked without their doing only in a rehearsal", "Invite them: reinforce invite COHORT"
        )
    linked = []
    for handle, remote_user_id in remote_ids.items():
        for learner in learners_by_handle(connection, handle):
            if learner.remote_user_id is None and not learner.stopped:
                link(connection, learner.id, remote_user_id, handle, _REHEARSAL, now)
                linked.append(learner.id)
    return tuple(linked)


def give_consent(connection: Connection, learner_id: int, kind: ConsentKind, source: str, now: datetime) -> bool:
    """Record a consent; False if a live one of this kind is there already."""
    c = t.consent.c
    live = select(c.id).where(c.learner_id == learner_id, c.kind == ConsentKind(kind).value, c.withdrawn_at.is_(None))
    if connection.execute(live).first() is not None:
        return False
    connection.execute(insert(t.consent).values(learner_id=learner_id, kind=kind.value, source=source, given_at=now))
    return True


def withdraw_consent(connection: Connection, learner_id: int, kind: ConsentKind, now: datetime) -> bool:
    """End the live consent of this kind; False if there was none."""
    c = t.consent.c
    live = (c.learner_id == learner_id, c.kind == ConsentKind(kind).value, c.withdrawn_at.is_(None))
    return connection.execute(update(t.consent).where(*live).values(withdrawn_at=now)).rowcount > 0


def live_consents(connection: Connection, kind: ConsentKind) -> set[int]:
    """The ids of the learners whose consent of this kind is live."""
    c = t.consent.c
    return set(
        connection.execute(
            select(c.learner_id).where(c.kind == ConsentKind(kind).value, c.withdrawn_at.is_(None))
        ).scalars()
    )


def set_stopped(connection: Connection, learner_id: int, now: datetime) -> None:
    """The learner said stop: no replies, mentions, grading or planning weight. The first instant is kept."""
    _stamp(connection, learner_id, t.learner.c.stopped_at, now)


def clear_stopped(connection: Connection, learner_id: int) -> None:
    """The learner said start, which also ends a snooze and a pause of replies."""
    person = update(t.learner).where(t.learner.c.id == learner_id)
    connection.execute(person.values(stopped_at=None, snoozed_until=None, replies_paused_at=None))


def snooze(connection: Connection, learner_id: int, until: datetime) -> None:
    """No planning weight and no replies until `until` (programme time); the later of two wins."""
    person = t.learner.c
    later = or_(person.snoozed_until.is_(None), person.snoozed_until < until)
    connection.execute(update(t.learner).where(person.id == learner_id, later).values(snoozed_until=until))


def pause_replies(connection: Connection, learner_id: int, now: datetime) -> None:
    """Send this learner no reply until a person has looked at what they wrote. The first instant is kept."""
    _stamp(connection, learner_id, t.learner.c.replies_paused_at, now)


def resume_replies(connection: Connection, learner_id: int) -> None:
    """A person has looked: replies may go to this learner again (a stop still holds)."""
    connection.execute(update(t.learner).where(t.learner.c.id == learner_id).values(replies_paused_at=None))


def may_be_replied_to(connection: Connection, learner_id: int, now: datetime) -> bool:
    """False for one who stopped, is snoozed at `now`, or whose replies are paused."""
    person = t.learner.c
    awake = or_(person.snoozed_until.is_(None), person.snoozed_until <= now)
    query = select(person.id).where(
        person.id == learner_id, person.stopped_at.is_(None), person.replies_paused_at.is_(None), awake
    )
    return connection.execute(query).first() is not None


def snoozed(connection: Connection, cohort_id: int, now: datetime) -> set[int]:
    """The ids of a cohort's learners who are snoozed at `now`."""
    person, e = t.learner.c, t.enrollment.c
    query = select(person.id).join(t.enrollment, e.learner_id == person.id)
    return set(connection.execute(query.where(e.cohort_id == cohort_id, person.snoozed_until > now)).scalars())


def people_marks(
    connection: Connection, account_id: int, *, whatever_they_said: bool = False
) -> tuple[PersonMarks, ...]:
    """What would name any learner whom a post of this account may not name: all who are or were in a cohort of it,
    without a live opt-in, and those who stopped whatever they opted into. `whatever_they_said`: with an opt-in too."""
    person, c = t.learner.c, t.consent.c
    in_account = exists().where(
        t.enrollment.c.learner_id == person.id,
        t.enrollment.c.cohort_id == t.cohort.c.id,
        t.cohort.c.account_id == account_id,
    )
    opted_in = exists().where(c.learner_id == person.id, c.kind == ConsentKind.NAMING.value, c.withdrawn_at.is_(None))
    query = (
        select(person.id, person.name, person.handle, person.employee_id)
        .where(in_account, true() if whatever_they_said else ~and_(opted_in, person.stopped_at.is_(None)))
        .order_by(person.id)
    )
    return tuple(marks_in(row) for row in connection.execute(query))


def marks_in(row: Row[*tuple[Any, ...]]) -> PersonMarks:
    """What names the person of a row that holds `id`, `name`, `handle` and `employee_id`."""
    joined = not row.name and not row.employee_id
    return PersonMarks(row.id, row.name, row.handle, row.employee_id, only_at=joined)


def _batches(keys: Collection[str]) -> Iterator[list[str]]:
    """`keys` in pieces: SQLite takes some thousands of parameters in one statement, Postgres 65,535."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), 500):
        yield ordered[start : start + 500]


def _stamp(connection: Connection, learner_id: int, column: Any, now: datetime) -> None:
    unset = update(t.learner).where(t.learner.c.id == learner_id, column.is_(None))
    connection.execute(unset.values({column.name: now}))


def is_linked() -> ColumnElement[bool]:
    """The condition that a learner of the query has an X account of theirs linked, by a consent that is live."""
    person, c = t.learner.c, t.consent.c
    agreed = exists().where(c.learner_id == person.id, c.kind == ConsentKind.LINKING.value, c.withdrawn_at.is_(None))
    return and_(person.remote_user_id.is_not(None), agreed)


def _learners() -> Select[Any]:
    person = t.learner.c
    return select(
        person.id,
        person.employee_id,
        person.name,
        person.handle,
        person.zone,
        person.role,
        person.remote_user_id,
        person.language,
        person.own_zone,
        person.stopped_at.is_not(None).label("stopped"),
        is_linked().label("linked"),
    ).order_by(person.id)


def _all(connection: Connection, query: Select[Any]) -> tuple[Learner, ...]:
    # By position, in the order of `_learners`: a cohort has thousands, and by name they take three times as long.
    return tuple(
        Learner(
            key, employee_id, name, handle, zone, role, remote_user_id, bool(stopped), bool(linked), language, bool(own)
        )
        for key, employee_id, name, handle, zone, role, remote_user_id, language, own, stopped, linked in (
            connection.execute(query)
        )
    )
