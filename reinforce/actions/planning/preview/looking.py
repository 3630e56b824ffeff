"""A cohort's days to come with all that a person wants to see of them, as they are to be or as somebody supposes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from reinforce.actions.planning.preview.imagining import AS_IT_IS, WhatIf
from reinforce.actions.planning.preview.walking import walk_of
from reinforce.domain.planning.slots import day_off
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.walking.account import Lane
from reinforce.domain.walking.previewed import LookAhead, figures, local_days
from reinforce.rendering.posts import PostRenderer
from reinforce.store.people import cohorts
from reinforce.store.session import Database


def look_ahead(
    database: Database,
    cohort_id: int,
    renderer: PostRenderer,
    tariff: Tariff,
    *,
    now: datetime,
    days: int,
    what_if: WhatIf = AS_IT_IS,
) -> LookAhead:
    """The days to come of a cohort, as they are to be or as `what_if` supposes; changes nothing. Raises as
    `plan_cohort` does."""
    with database.read() as connection:
        cohort = cohorts.cohort_by_id(connection, cohort_id)
    end = now + timedelta(days=days)
    supposed = WhatIf(cohort_id) if what_if is AS_IT_IS else what_if
    walked = walk_of(database, cohort.account_id, (renderer, tariff), now, end, supposed, expect=cohort_id)
    lane = next(one for one in walked.lanes if one.cohort.id == cohort_id)
    rows = tuple(one for one in walked.rows(end) if one.cohort == cohort.slug)
    assert lane.expected is not None
    nuggets, typical = lane.expected.nuggets(), lane.expected.typical
    there = lane.state.snapshot
    return LookAhead(
        cohort=there.cohort,
        account=there.account,
        cadence=lane.cadence.name,
        start=now,
        end=end,
        rows=rows,
        figures=figures(rows, cohort.zone, (now, end), nuggets, typical=typical),
        days_off=_days_off(lane, now, end),
        phases=tuple(there.phases),
        what_if=supposed.changes,
    )


def _days_off(lane: Lane, now: datetime, end: datetime) -> dict[date, str]:
    found = {}
    for day in local_days((now, end), lane.cohort.zone):
        why = day_off(day, lane.cadence, lane.state.holidays)
        if why:
            found[day] = why
    return found
