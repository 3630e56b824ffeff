"""Undo a recall as far as it can be: what is off X stays off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reinforce.domain.errors import NotAllowed
from reinforce.domain.revising.recalling import PostState
from reinforce.domain.sending.outbox import State
from reinforce.store.authoring import nuggets
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.revising import recalls
from reinforce.store.sending import attempts, outbox
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class Undone:
    """How many posts stay on X after all, how many are off it for good, how many corrections were taken back, how many
    are out, and of how many nuggets memory is what it was."""

    kept: int
    gone: int
    corrections: int
    corrections_out: int
    nuggets: int


def undo_recall(database: Database, recall_id: int, *, actor: str, now: datetime) -> Undone:
    """Take back what has not happened yet. Raises NotFound; NotAllowed if it is undone already."""
    with database.write() as connection:
        there = recalls.recall_by_id(connection, recall_id)
        if there.undone_at is not None:
            raise NotAllowed(f"recall {recall_id} is undone already", f"Look at it: reinforce recall show {recall_id}")
        waiting, out = 0, 0
        for item in recalls.corrections_of(connection, recall_id):
            may_wait = item.state in (State.PLANNED, State.LEASED)
            if may_wait and not attempts.may_have_been_sent(connection, item.id):
                waiting += outbox.cancel(connection, item, "its recall was undone") is not None
            else:
                out += item.state is not State.CANCELLED
        resets = recalls.undo(connection, recall_id, now)
        posts = recalls.recall_by_id(connection, recall_id).posts
        kept, gone = posts.get(PostState.KEPT, 0), posts.get(PostState.DELETED, 0)
        procedure = nuggets.procedure_by_slug(connection, there.procedure)
        for cohort in cohorts.cohorts_of_procedure(connection, procedure.id):
            cohorts.raise_version(connection, cohort.id)
        detail = {"kept": kept, "gone": gone, "corrections": waiting, "nuggets": resets}
        audit.record(connection, actor, "recall.undo", f"recall/{recall_id}", detail, now)
    return Undone(kept, gone, waiting, out, resets)
