"""Show what would go out on the next days if nothing came back; changes nothing.

It is the plan itself, run over simulated time for all cohorts of the account together: each slot is decided by the same
code, and what it decided is on everybody's feed for the next.
"""

from __future__ import annotations

from datetime import datetime

from reinforce.actions.planning.preview.imagining import WhatIf
from reinforce.actions.planning.preview.looking import look_ahead
from reinforce.actions.planning.preview.walking import preview_account, walk_of
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.walking.previewed import LookAhead, PreviewedPost
from reinforce.rendering.posts import PostRenderer
from reinforce.store.people import cohorts
from reinforce.store.session import Database

__all__ = ["LookAhead", "PreviewedPost", "WhatIf", "look_ahead", "next_slots", "preview", "preview_account", "walk_of"]


def preview(
    database: Database,
    cohort_id: int,
    renderer: PostRenderer,
    tariff: Tariff,
    *,
    now: datetime,
    days: int,
    as_if_approved: bool = False,
) -> tuple[PreviewedPost, ...]:
    """What would go out from `now` (programme time) for `days` days, in order; with `as_if_approved` whatever waits for
    approval, too. Raises as `plan_cohort` does."""
    with database.read() as connection:
        cohort = cohorts.cohort_by_id(connection, cohort_id)
    what_if = WhatIf(cohort_id, approved=as_if_approved)
    found = preview_account(database, cohort.account_id, renderer, tariff, now=now, days=days, what_if=what_if)
    return tuple(one for one in found if one.cohort == cohort.slug)


def next_slots(
    database: Database, cohort_id: int, renderer: PostRenderer, tariff: Tariff, *, now: datetime, count: int
) -> tuple[PreviewedPost, ...]:
    """The next `count` rows of the preview, quiet ones included; fewer if the next year has fewer."""
    for days in (7, 30, 120, 366):
        found = preview(database, cohort_id, renderer, tariff, now=now, days=days)
        if len(found) >= count:
            return found[:count]
    return found
