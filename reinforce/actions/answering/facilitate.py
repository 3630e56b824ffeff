"""Who answers, how they are told, and what a cohort promises."""

from __future__ import annotations

from datetime import datetime

from reinforce.domain.answering.addresses import checked_address, checked_initials, checked_name, checked_webhook
from reinforce.domain.answering.notices import Channel, Facilitator
from reinforce.domain.cohort import Cohort
from reinforce.store.answering import facilitators, notices
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.session import Database


def add_facilitator(
    database: Database, name: str, initials: str, channel: str, address: str, *, actor: str, now: datetime
) -> Facilitator:
    """Add somebody who answers. Raises ReinforceError for values that can't be, Conflict if the name is taken."""
    checked_name(name)
    signed, told = checked_initials(initials), Channel(channel)
    with database.write() as connection:
        made = facilitators.add(connection, name, signed, told, _address(told, address), now)
        audit.record(connection, actor, "facilitator.added", f"facilitator/{made.id}", {"channel": told.value}, now)
        return made


def change_facilitator(
    database: Database,
    name: str,
    initials: str | None,
    channel: str | None,
    address: str,
    *,
    actor: str,
    now: datetime,
) -> Facilitator:
    """Change what is not None; what could not be told so far is told by the new way. Raises as `add_facilitator`."""
    values = {} if initials is None else {"initials": checked_initials(initials)}
    if channel is not None:
        told = Channel(channel)
        values |= {"channel": told.value, "address": _address(told, address)}
    with database.write() as connection:
        there = facilitators.by_name(connection, name)
        if not values:
            return there
        made = facilitators.change(connection, there.id, **values)
        notices.retry_failed(connection, there.id)
        audit.record(connection, actor, "facilitator.changed", f"facilitator/{made.id}", {}, now)
        return made


def remove_facilitator(database: Database, name: str, *, actor: str, now: datetime) -> int:
    """Somebody answers no more. Returns how many unanswered questions are nobody's now. Raises NotFound."""
    with database.write() as connection:
        there = facilitators.by_name(connection, name)
        freed = facilitators.leave(connection, there.id, now)
        audit.record(connection, actor, "facilitator.left", f"facilitator/{there.id}", {}, now)
        return freed


def promise(
    database: Database,
    slug: str,
    respond_hours: float | None,
    acknowledge: bool | None,
    name: str | None,
    *,
    actor: str,
    now: datetime,
) -> Cohort:
    """Change what a cohort promises; None leaves a value, the name "" makes its questions nobody's. Raises NotFound."""
    with database.write() as connection:
        there = cohorts.cohort_by_slug(connection, slug)
        values: dict[str, float | bool | int | None] = {}
        if respond_hours is not None:
            values["respond_hours"] = respond_hours
        if acknowledge is not None:
            values["acknowledge"] = acknowledge
        if name is not None:
            values["facilitator_id"] = facilitators.by_name(connection, name).id if name else None
        if values:
            cohorts.change(connection, there.id, values)
            audit.record(connection, actor, "cohort.promise", f"cohort/{there.id}", dict(values), now)
        return cohorts.cohort_by_id(connection, there.id)


def _address(channel: Channel, address: str) -> str:
    if channel is Channel.EMAIL:
        return checked_address(address)
    return checked_webhook(address) if channel is Channel.WEBHOOK else ""
