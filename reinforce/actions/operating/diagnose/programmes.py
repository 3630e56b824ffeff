"""Whether everything that has its place in a programme under way could be made."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from reinforce.domain.finding import Finding
from reinforce.domain.programmes.runs import ItemState
from reinforce.store.people import cohorts
from reinforce.store.programmes import runs


def programmes_under_way(connection: Connection) -> Iterator[Finding]:
    """What waits although its time has come, and what was let go."""
    for run in runs.running(connection):
        cohort = cohorts.cohort_by_id(connection, run.cohort_id).slug
        advice = f"reinforce programme show {run.programme.slug} --cohort {cohort}"
        for item in runs.items(connection, run.id):
            what = f"{item.kind.value} {item.name} of the programme on {cohort}"
            if item.state is ItemState.LET_GO:
                yield Finding("warn", f"the {what} was let go: {item.note}", advice)
            elif item.state is ItemState.WAITING and item.note:
                yield Finding("warn", f"the {what} can't be made yet: {item.note}", advice)
