"""Turn those away who wait to be let into an open cohort."""

from __future__ import annotations

from datetime import datetime

from reinforce.domain.errors import NotAllowed
from reinforce.store.enrolling import joining
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.session import Database


def turn_away(database: Database, slug: str, *, actor: str, now: datetime) -> int:
    """Refuse whoever waits because too many asked at once; they may ask again. Returns how many they were. Raises
    NotFound, NotAllowed for a cohort with a roster."""
    with about_people(database) as connection:
        cohort = cohorts.cohort_by_slug(connection, slug)
        if cohort.opening is None:
            raise NotAllowed(f"{slug} has a roster, and is not open", "Nobody waits there.")
        refused = joining.refuse_waiting(connection, cohort.id, now)
        if refused:
            audit.record(connection, actor, "joining.refused", f"cohort/{cohort.id}", {"requests": refused}, now)
        return refused
