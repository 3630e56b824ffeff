"""Planned posts that wait for somebody's yes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.approving.approval import NEEDING
from reinforce.domain.cohort import Cohort
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.store.approving import approvals
from reinforce.store.sending import outbox

_MOST = 10_000


def unapproved(connection: Connection, cohort: Cohort, now: datetime) -> tuple[OutboxItem, ...]:
    """The cohort's planned posts that have no yes for their day, the first due first."""
    there = approvals.book(connection, cohort)
    if there is None:
        return ()
    planned = outbox.items(connection, cohort_id=cohort.id, states=[State.PLANNED], limit=_MOST)
    found = [one for one in planned if one.form in NEEDING and one.inbound_id is None]
    without = [one for one in found if not there.allows(one.text_hash, max(one.due_at, now), approvals.beside(one))]
    return tuple(sorted(without, key=lambda one: (one.due_at, one.id)))
