"""Make the digest of a cohort's week for those without X: its posts as they stood, answers that are out, no names."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from reinforce.domain.accounts.account import address_of
from reinforce.domain.enrolling.updates import end_of_day
from reinforce.domain.enrolling.weeks import name_of_week, week_before, week_named
from reinforce.domain.planning.slots import local_day
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.rendering.digest import Digest, Entry, without_names
from reinforce.rendering.print_words import print_words
from reinforce.store.accounts import accounts
from reinforce.store.people import cohorts, people
from reinforce.store.reporting.week import posts_of_week
from reinforce.store.session import Database


def week_digest(database: Database, slug: str, week: str | None, templates: Path, *, now: datetime) -> Digest:
    """The digest of a week ("2026-W12"; None: the last that is over), in the cohort's language. Raises NotFound,
    ReinforceError for a week that is none."""
    with database.read() as connection:
        cohort = cohorts.cohort_by_slug(connection, slug)
        account = accounts.account_by_id(connection, cohort.account_id)
        first, last = week_named(week) if week else week_before(local_day(now, cohort.zone))
        since, until = end_of_day(first - timedelta(days=1), cohort.zone), end_of_day(last, cohort.zone)
        posts = posts_of_week(connection, slug, since, until)
        guard = NamingGuard(people.people_marks(connection, account.id, whatever_they_said=True))
    entries = [
        Entry(
            one.at,
            one.form,
            one.text,
            one.options,
            one.pictures,
            one.answer,
            one.asked,
            address_of(account, one.remote_id) if one.remote_id else "",
        )
        for one in posts
    ]
    words, _ = print_words(templates, cohort.language)
    nameless = without_names(entries, guard, words.say(0, "colleague"))
    return Digest(cohort.title, name_of_week(first), first, last, cohort.zone, cohort.language, nameless)
