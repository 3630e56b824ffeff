"""The rows of a preview: one for each post, and for each slot that would stay empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from reinforce.domain.planning.plan_state import PlanSnapshot
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.domain.walking.account import Lane, Walked
from reinforce.domain.walking.previewed import PreviewedPost


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
        options=_options(None if composed is None else composed.poll),
        media=tuple((None if composed is None else composed.media) or ()),
        recall_before=None if walked.recall is None else walked.recall[0],
        recall_after=None if walked.recall is None else walked.recall[1],
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
        options=_options(item.poll),
        media=tuple(item.media or ()),
    )


def _options(poll: Mapping[str, Any] | None) -> tuple[str, ...]:
    return () if poll is None else tuple(poll["options"])
