"""Say how often may be posted on an account, all cohorts together, and how far apart two cohorts' posts are."""

from __future__ import annotations

from datetime import datetime

from reinforce.domain.accounts.account import CAP_BOUNDS, AccountRecord
from reinforce.domain.errors import NotAllowed
from reinforce.store.accounts import accounts
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.session import Database


def set_caps(
    database: Database,
    name: str,
    a_day: int | None,
    a_week: int | None,
    gap: int | None,
    *,
    actor: str,
    now: datetime,
) -> AccountRecord:
    """Keep what is given (posts a local day, posts in seven days, minutes between two cohorts' posts); None leaves a
    value. Raises NotFound, or NotAllowed for what is out of CAP_BOUNDS and a week that holds less than a day may."""
    with database.write() as connection:
        there = accounts.account_by_name(connection, name)
        given = {"posts_a_day": a_day, "posts_a_week": a_week, "gap_minutes": gap}
        values = {key: value for key, value in given.items() if value is not None}
        for key, value in values.items():
            least, most = CAP_BOUNDS[key]
            if not least <= value <= most:
                raise NotAllowed(f"{key.replace('_', ' ')} can't be {value}", f"It is {least} to {most}.")
        day = values.get("posts_a_day", there.posts_a_day)
        if values.get("posts_a_week", there.posts_a_week) < day:
            raise NotAllowed(
                "a week can't hold less than a day may", "Raise the posts a week or lower the posts a day."
            )
        if values:
            bound = [cohort.id for cohort in cohorts.cohorts(connection) if cohort.account_id == there.id]
            cohorts.keep(connection, bound)
            accounts.set_caps(connection, there.id, values)
            for cohort_id in bound:
                cohorts.raise_version(connection, cohort_id)
            audit.record(connection, actor, "account.set", f"account/{there.id}", dict(values), now)
        return accounts.account_by_id(connection, there.id)
