"""Make an announcement, show first what it will say and cost, and call it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import Connection

from reinforce.content.scalars import LONGEST_SLUG, SLUG
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.announcing.announcement import FORM, Announcement, NewAnnouncement, check, tellings
from reinforce.domain.authoring.confidentiality import may_carry, who_reads
from reinforce.domain.authoring.post_rules import objections
from reinforce.domain.cohort import Cohort
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.sending.budget import Tariff, holds_link, price_micros
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.domain.texts.weighted_length import weighted_length
from reinforce.rendering.dates import spoken_date
from reinforce.store.accounts import accounts
from reinforce.store.announcing import announcements
from reinforce.store.operating import audit
from reinforce.store.people import cohorts, people
from reinforce.store.sending import outbox
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class Foretold:
    """A post as it will stand: when at the earliest, its text, its weighted length and what it costs."""

    days: int
    at: datetime
    text: str
    length: int
    price_micros: int
    link: bool


def foretell(
    database: Database, cohort_slug: str, new: NewAnnouncement, tariff: Tariff, *, now: datetime
) -> tuple[Foretold, ...]:
    """What would be posted from `now` (programme time) on; changes nothing. Raises as `create` does."""
    with database.read() as connection:
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        return _checked(connection, cohort, new, tariff, now)


def create(
    database: Database, cohort_slug: str, new: NewAnnouncement, tariff: Tariff, *, actor: str, now: datetime
) -> Announcement:
    """Put an announcement on record; the daemon posts it. Raises NotFound for a cohort there is not, ReinforceError for
    what can't be told so, NotAllowed for a text that may not go out, Conflict if the name is taken."""
    with database.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        _checked(connection, cohort, new, tariff, now)
        made = announcements.add(connection, cohort.id, new, now)
        audit.record(connection, actor, "announcement.create", f"announcement/{made.id}", {"cohort": cohort.id}, now)
        return made


@dataclass(frozen=True, slots=True)
class CancelOutcome:
    """What of a cancelled announcement was withdrawn, and what is out or on its way and stays."""

    withdrawn: tuple[int, ...]
    stays: tuple[OutboxItem, ...]


def cancel(database: Database, slug: str, *, actor: str, now: datetime) -> CancelOutcome:
    """Post nothing more of an announcement. Raises NotFound; twice changes nothing."""
    with database.write() as connection:
        there = announcements.by_slug(connection, slug, lock=True)
        withdrawn, stays = [], []
        for days in there.ladder:
            item = outbox.item_by_occurrence(connection, f"announcement/{there.id}/{days}")
            if item is None:
                continue
            planned = item.state is State.PLANNED
            if planned and outbox.cancel(connection, item, "its announcement was cancelled") is not None:
                withdrawn.append(item.id)
            else:
                stays.append(item)
        if announcements.cancel(connection, there.id, now):
            cohorts.raise_version(connection, there.cohort_id)
            audit.record(connection, actor, "announcement.cancel", f"announcement/{there.id}", {}, now)
        return CancelOutcome(tuple(withdrawn), tuple(stays))


def _checked(
    connection: Connection, cohort: Cohort, new: NewAnnouncement, tariff: Tariff, now: datetime
) -> tuple[Foretold, ...]:
    check(new)
    if not SLUG.fullmatch(new.slug) or len(new.slug) > LONGEST_SLUG:
        raise ReinforceError(f'"{new.slug}" can\'t be a name', "Use lower case letters, digits and hyphens.")
    if new.link and (not new.link.startswith(("https://", "http://")) or not holds_link(new.link)):
        raise ReinforceError(f'"{new.link}" is no web address', 'Write it whole: "https://…".')
    account = accounts.account_by_id(connection, cohort.account_id)
    _require_fit(account, new)
    guard = NamingGuard(people.people_marks(connection, account.id))
    dated = spoken_date(datetime.combine(new.day, time(0)), cohort.language)
    found = []
    for one in tellings(new, cohort.zone, dated):
        against = objections(one.text)
        if against:
            raise NotAllowed(f"{against[0].message.rstrip('.')}: “{one.text}”", against[0].advice)
        if guard.find(one.text):
            raise NotAllowed("it names somebody who has not agreed to it", "Write the role instead of the name.")
        price = price_micros(one.text, form=FORM, tariff=tariff)
        if one.until > now:
            length = weighted_length(one.text)
            found.append(Foretold(one.days, max(one.at, now), one.text, length, price, holds_link(one.text)))
    if not found:
        raise NotAllowed("its time is over: nothing of it would be posted", "Give a later --day or --expires.")
    return tuple(found)


def _require_fit(account: AccountRecord, new: NewAnnouncement) -> None:
    if not may_carry(account, new.audience):
        raise NotAllowed(
            f"the announcement is internal, and {who_reads(account)}",
            "Say that everybody may read it with --audience public, or use a protected account.",
        )
