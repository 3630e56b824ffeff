"""Say what an account, or one cohort of it, may spend in a month and how often it may post a day."""

from __future__ import annotations

from datetime import datetime

from reinforce.domain.errors import NotAllowed
from reinforce.domain.sending.allowance import Bounds
from reinforce.store.accounts import accounts
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.sending import spending
from reinforce.store.session import Database


def set_budget(
    database: Database, account_name: str, cohort_slug: str | None, wanted: Bounds, *, actor: str, now: datetime
) -> None:
    """Keep `wanted` in place of what was set; nothing bounded takes the budget away.

    Raises NotFound for an account or cohort there is not, NotAllowed for a cohort of another account, or one with a
    day's limit.
    """
    with database.write() as connection:
        account = accounts.account_by_name(connection, account_name)
        cohort = None if cohort_slug is None else cohorts.cohort_by_slug(connection, cohort_slug)
        if cohort is not None and cohort.account_id != account.id:
            raise NotAllowed(f"the cohort {cohort.slug} posts on another account", "See: reinforce cohort list")
        spending.set_bounds(connection, account.id, None if cohort is None else cohort.id, wanted)
        subject = f"account/{account.id}" if cohort is None else f"cohort/{cohort.id}"
        detail = {"micros": wanted.micros_a_month, "posts": wanted.posts_a_month}
        audit.record(connection, actor, "budget.set", subject, detail, now)
