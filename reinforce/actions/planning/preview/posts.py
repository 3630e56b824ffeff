"""What a preview shows: one row for each post, and for each slot that would stay empty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from reinforce.domain.planning.plan_state import PlanSnapshot
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.domain.walking.account import Lane, Walked


@dataclass(frozen=True, slots=True)
class PreviewedPost:
    """One slot, reveal, or update of the days to come. `local` is due_at in the cohort's zone.

    Where the plan would stay quiet, `nugget` and `text` are "", `form` is "quiet" and `reason` says why. `planned` is
    True for what stands in the outbox already. `cohort` is the slug of whose it is.
    """

    due_at: datetime
    local: datetime
    slot: str
    nugget: str
    form: str
    text: str
    price_micros: int
    reason: str
    planned: bool = False
    cohort: str = ""

    @property
    def at(self) -> datetime:
        """As `due_at`."""
        return self.due_at


def row_of(lane: Lane, walked: Walked) -> PreviewedPost:
    """What was walked, as a row."""
    there, composed = lane.cohort, walked.composed
    return PreviewedPost(
        due_at=walked.at,
        local=walked.at.astimezone(ZoneInfo(there.zone)),
        slot="" if walked.slot is None else walked.slot.slot,
        nugget="" if walked.nugget is None else f"{walked.nugget.procedure}/{walked.nugget.slug}",
        form=walked.form,
        text="" if composed is None else composed.text,
        price_micros=0 if composed is None else composed.price_micros,
        reason=walked.reason,
        cohort=there.slug,
    )


def standing(snapshot: PlanSnapshot, item: OutboxItem) -> PreviewedPost:
    """A post that is planned already, as it is."""
    nugget = next((one for one in snapshot.nuggets if one.id == item.nugget_id), None)
    slot = item.occurrence.rsplit("/", 1)[1] if item.occurrence.startswith("slot/") else ""
    return PreviewedPost(
        due_at=item.due_at,
        local=item.due_at.astimezone(ZoneInfo(snapshot.cohort.zone)),
        slot=slot,
        nugget="" if nugget is None else f"{nugget.procedure}/{nugget.slug}",
        form=item.form,
        text=item.text,
        price_micros=item.price_micros,
        reason=item.reason,
        planned=True,
        cohort=snapshot.cohort.slug,
    )
