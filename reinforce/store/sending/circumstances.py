"""What the store knows of a post at the moment it is to go out: the facts for `domain.sending.send_guard.judge`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.approving.approval import DATED
from reinforce.domain.cohort import Approval, CohortState
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.sending.outbox import OutboxItem, State, reply_occurrence
from reinforce.domain.sending.send_guard import Circumstances, Parent, late_reason
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.approving import approvals
from reinforce.store.people import people, roster_version
from reinforce.store.sending import due, outbox
from reinforce.store.sending.known_names import KnownNames
from reinforce.store.session import database_clock

# What a person without a row in the roster said counts as well: words that end replies, and the one that allows them.
_SILENCING = frozenset({"stop", "pause"})


_above = t.outbox.alias("above")
# A post's cohort, nugget and the post above it, whichever of them it has, and what else is to be known for the send.
# Made once: it is asked twice for each post.
_AROUND = (
    select(
        t.cohort.c.state.label("cohort_state"),
        t.cohort.c.paused_reason,
        t.cohort.c.approval,
        t.cohort.c.zone,
        select(t.hold.c.reason)
        .where(t.hold.c.cohort_id == t.outbox.c.cohort_id)
        .where(t.hold.c.since <= bindparam("now", type_=t.hold.c.since.type), t.hold.c.until > bindparam("now"))
        .order_by(t.hold.c.id)
        .limit(1)
        .correlate(t.outbox)
        .scalar_subquery()
        .label("hold_reason"),
        func.coalesce(t.nugget.c.confidentiality, t.outbox.c.confidentiality).label("confidentiality"),
        _above.c.state.label("above_state"),
        _above.c.remote_id.label("above_id"),
        roster_version.CURRENT.scalar_subquery().label("roster_version"),
        *accounts.NEWEST_KNOWN,
        database_clock().label("machine_now"),
    )
    .select_from(
        t.outbox.outerjoin(t.cohort, t.cohort.c.id == t.outbox.c.cohort_id)
        .outerjoin(t.nugget, t.nugget.c.id == t.outbox.c.nugget_id)
        .outerjoin(_above, _above.c.id == t.outbox.c.reply_to_outbox_id)
    )
    .where(t.outbox.c.id == bindparam("post"))
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`since_id`: our newest post that is known, so that what is sent now is newer; `machine_now`: the database's clock
    when this was read."""

    circumstances: Circumstances
    since_id: int | None
    machine_now: datetime


def around(connection: Connection, item: OutboxItem, now: datetime, known_names: KnownNames) -> Surroundings:
    """What is around `item` at `now` (programme time), as this transaction sees it."""
    there = connection.execute(_AROUND, {"post": item.id, "account": item.account_id, "now": now}).one()
    names = known_names.of(connection, item.account_id, there.roster_version or 0)
    words = _words(item)
    unnamable = names.unnamable.find(words)
    names_somebody = bool(unnamable or names.agreed.find(words))
    mode = Approval(there.approval or Approval.NONE)
    approved = mode is Approval.NONE or approvals.is_approved(connection, item, mode, there.zone, now)
    found = Circumstances(
        cohort_state=None if there.cohort_state is None else CohortState(there.cohort_state),
        cohort_paused_reason=there.paused_reason or "",
        hold_reason=there.hold_reason,
        confidentiality=None if there.confidentiality is None else Confidentiality(there.confidentiality),
        wants_silence=wants_silence(connection, item.inbound_id, now),
        unnamable=len(unnamable),
        names_somebody=names_somebody,
        unread=_unread(connection, item, names_somebody=names_somebody),
        unapproved=not approved and item.form not in DATED,
        waits_for_approval=not approved and item.form in DATED,
        parent=None if there.above_state is None else Parent(State(there.above_state), there.above_id),
    )
    return Surroundings(found, accounts.newest_known_in(there), there.machine_now)


def _words(item: OutboxItem) -> str:
    """All that people will read of it, the options of a poll included."""
    options = item.poll["options"] if item.poll else ()
    return "\n".join((item.text, *options, *(one["alt"] for one in item.media or ())))


def lock(connection: Connection, item: OutboxItem) -> AccountRecord:
    """Keep the learner whom the item answers, its cohort and its account as they are until the transaction ends; the
    account, as it is.

    The cohort comes before the account, as in a plan: two transactions that take both crosswise would wait for each
    other. A stop that is being committed is waited for, and holds.
    """
    if item.inbound_id is not None:
        answered = (
            select(t.learner.c.id).join(t.inbound, or_(*_wrote(t.inbound.c))).where(t.inbound.c.id == item.inbound_id)
        )
        connection.execute(answered.with_for_update(of=t.learner))
    return accounts.kept_behind_cohort(connection, item.account_id, item.cohort_id)


def _wrote(inbound: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return inbound.learner_id == t.learner.c.id, inbound.author_remote_id == t.learner.c.remote_user_id


_inbound, _answered = t.inbound.c, t.inbound.alias("answered").c
_UNREAD = select(_inbound.id).where(_inbound.account_id == bindparam("account"), _inbound.graded_at.is_(None)).limit(1)
_UNREAD_OF_AUTHOR = _UNREAD.where(
    _inbound.author_remote_id
    == select(_answered.author_remote_id).where(_answered.id == bindparam("answered")).scalar_subquery()
)


def _unread(connection: Connection, item: OutboxItem, *, names_somebody: bool) -> bool:
    """Whether a stop may be hidden in what came in but was not read yet: from the one who is answered, or from anybody
    if the text names somebody."""
    if names_somebody:
        return connection.execute(_UNREAD, {"account": item.account_id}).first() is not None
    if item.inbound_id is None:
        return False
    of_author = {"account": item.account_id, "answered": item.inbound_id}
    return connection.execute(_UNREAD_OF_AUTHOR, of_author).first() is not None


def may_reply(connection: Connection, inbound_id: int, now: datetime) -> bool:
    """Whether a reply to what somebody wrote may be planned: X takes one, it is still there, it has none, and whoever
    wrote it wants replies."""
    i = t.inbound.c
    query = select(i.mentions_us, i.gone_at).where(i.id == inbound_id)
    there = connection.execute(query).first()
    if (
        there is None
        or not there.mentions_us
        or there.gone_at is not None
        or wants_silence(connection, inbound_id, now)
    ):
        return False
    return outbox.item_by_occurrence(connection, reply_occurrence(inbound_id)) is None


def wants_silence(connection: Connection, inbound_id: int | None, now: datetime) -> bool:
    """Whether the author of what is answered said stop, is snoozed, or has their replies paused."""
    if inbound_id is None:
        return False
    i = t.inbound.c
    query = select(i.account_id, i.author_remote_id, i.learner_id).where(i.id == inbound_id)
    row = connection.execute(query).first()
    if row is None:
        return True  # whoever wrote it was erased a moment ago
    account_id, author, learner_id = row
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


def worth_nothing_more(
    connection: Connection, account_id: int, silent: str, now: datetime
) -> dict[int, tuple[OutboxItem, str]]:
    """The account's planned posts that are not worth posting any more at `now` (programme time), with the reason, by
    id. `silent` is why the account may not send, "" if it may."""
    return {
        item.id: (item, late_reason(item) + (f"; {silent}" if silent else ""))
        if item.grace_until < now
        else (item, "overtaken: the next slot of its cohort has come")
        for item in due.outlived(connection, account_id, now)
    }
