"""What the store knows of a post at the moment it is to go out: the facts for `domain.send_guard.judge`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, exists, select

from reinforce.domain.cohort import CohortState, ConsentKind
from reinforce.domain.naming_guard import PersonMarks, find_names
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.outbox import OutboxItem, State
from reinforce.domain.send_guard import Circumstances, Parent
from reinforce.store import people
from reinforce.store import tables as t

# What a person without a row in the roster said counts as well: words that end replies, and the one that allows them.
_SILENCING = frozenset({"stop", "pause"})


def around(connection: Connection, item: OutboxItem, now: datetime) -> Circumstances:
    """The circumstances of `item` at `now` (programme time), as this transaction sees them."""
    state, reason = _cohort(connection, item.cohort_id)
    unnamable = find_names(item.text, people.people_marks(connection, item.account_id))
    return Circumstances(
        cohort_state=state,
        cohort_paused_reason=reason,
        confidentiality=_confidentiality(connection, item.nugget_id),
        wants_silence=_wants_silence(connection, item.inbound_id, now),
        unnamable=len(unnamable),
        names_somebody=bool(unnamable or find_names(item.text, _may_be_named(connection))),
        parent=_parent(connection, item.reply_to_outbox_id),
    )


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
