"""What the store knows of a post at the moment it is to go out: the facts for `domain.sending.send_guard.judge`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, or_, select

from reinforce.domain.cohort import CohortState, ConsentKind
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.domain.sending.send_guard import Circumstances, Parent
from reinforce.domain.texts.naming_guard import PersonMarks, find_names
from reinforce.store import tables as t
from reinforce.store.people import people

# What a person without a row in the roster said counts as well: words that end replies, and the one that allows them.
_SILENCING = frozenset({"stop", "pause"})


def around(connection: Connection, item: OutboxItem, now: datetime) -> Circumstances:
    """The circumstances of `item` at `now` (programme time), as this transaction sees them."""
    state, reason = _cohort(connection, item.cohort_id)
    unnamable = find_names(item.text, people.people_marks(connection, item.account_id))
    names_somebody = bool(unnamable or find_names(item.text, _may_be_named(connection)))
    return Circumstances(
        cohort_state=state,
        cohort_paused_reason=reason,
        confidentiality=_confidentiality(connection, item.nugget_id),
        wants_silence=_wants_silence(connection, item.inbound_id, now),
        unnamable=len(unnamable),
        names_somebody=names_somebody,
        unread=_unread(connection, item, names_somebody=names_somebody),
        parent=_parent(connection, item.reply_to_outbox_id),
    )


def lock(connection: Connection, item: OutboxItem) -> None:
    """Keep the item's cohort, and the learner it answers, as they are until the transaction ends.

    To be called before the account is locked, as a plan does: two transactions that take both crosswise would wait for
    each other. A stop that is being committed is waited for, and holds.
    """
    if item.cohort_id is not None:
        connection.execute(select(t.cohort.c.id).where(t.cohort.c.id == item.cohort_id).with_for_update())
    if item.inbound_id is not None:
        answered = (
            select(t.learner.c.id).join(t.inbound, or_(*_wrote(t.inbound.c))).where(t.inbound.c.id == item.inbound_id)
        )
        connection.execute(answered.with_for_update(of=t.learner))


def _wrote(inbound: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return inbound.learner_id == t.learner.c.id, inbound.author_remote_id == t.learner.c.remote_user_id


def _unread(connection: Connection, item: OutboxItem, *, names_somebody: bool) -> bool:
    """Whether a stop may be hidden in what came in but was not read yet: from the one who is answered, or from anybody
    if the text names somebody."""
    i, answered = t.inbound.c, t.inbound.alias("answered").c
    unread = select(i.id).where(i.account_id == item.account_id, i.graded_at.is_(None)).limit(1)
    if not names_somebody:
        if item.inbound_id is None:
            return False
        author = select(answered.author_remote_id).where(answered.id == item.inbound_id).scalar_subquery()
        unread = unread.where(i.author_remote_id == author)
    return connection.execute(unread).first() is not None


def _cohort(connection: Connection, cohort_id: int | None) -> tuple[CohortState | None, str]:
    if cohort_id is None:
        return None, ""
    c = t.cohort.c
    state, reason = connection.execute(select(c.state, c.paused_reason).where(c.id == cohort_id)).one()
    return CohortState(state), reason


def _confidentiality(connection: Connection, nugget_id: int | None) -> Confidentiality | None:
    if nugget_id is None:
        return None
    label = select(t.nugget.c.confidentiality).where(t.nugget.c.id == nugget_id)
    return Confidentiality(connection.execute(label).scalar_one())


def _parent(connection: Connection, outbox_id: int | None) -> Parent | None:
    if outbox_id is None:
        return None
    o = t.outbox.c
    state, remote_id = connection.execute(select(o.state, o.remote_id).where(o.id == outbox_id)).one()
    return Parent(State(state), remote_id)


def _wants_silence(connection: Connection, inbound_id: int | None, now: datetime) -> bool:
    """Whether the author of what is answered said stop, is snoozed, or has their replies paused."""
    if inbound_id is None:
        return False
    i = t.inbound.c
    query = select(i.account_id, i.author_remote_id, i.learner_id).where(i.id == inbound_id)
    account_id, author, learner_id = connection.execute(query).one()
    if learner_id is None:
        linked = people.learner_by_remote_id(connection, author)
        learner_id = None if linked is None else linked.id
    if learner_id is not None:
        return not people.may_be_replied_to(connection, learner_id, now)
    words = select(i.read_as).where(i.account_id == account_id, i.author_remote_id == author)
    for read_as in connection.execute(words.order_by(i.remote_id.desc())).scalars():
        if "start" in read_as:
            return False
        if _SILENCING & set(read_as):
            return True
    return False


def _may_be_named(connection: Connection) -> tuple[PersonMarks, ...]:
    """What names those who agreed to be named: few, so their texts are looked at once more before they go out."""
    person, c = t.learner.c, t.consent.c
    agreed = exists().where(c.learner_id == person.id, c.kind == ConsentKind.NAMING.value, c.withdrawn_at.is_(None))
    query = select(person.id, person.name, person.handle, person.employee_id).where(agreed)
    return tuple(PersonMarks(row.id, row.name, row.handle, row.employee_id) for row in connection.execute(query))
