"""The days on which nothing is posted for a cohort: holidays of its cadence's country, else its own, and holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from reinforce.content.holiday_calendar import holidays_between
from reinforce.domain.cohort import Cohort
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.slots import OnHold

# A slot, its reveal, and the search for the next open day all lie within this.
_BACK, _AHEAD = timedelta(days=31), timedelta(days=430)


def holidays_of(cohort: Cohort, cadence: Cadence, now: datetime) -> Mapping[date, str]:
    """The names of the public holidays that a plan made at `now` can meet, by local date; days on hold are there too,
    as `OnHold` with its reason.

    A cohort's country is such as "DE" or "US-CA", "" for none. Raises ReinforceError for one that is not known.
    """
    country, _, subdivision = cohort.country.partition("-")
    if cadence.country:
        country, subdivision = cadence.country, cadence.subdivision
    first, last = (now - _BACK).date(), (now + _AHEAD).date()
    holidays = holidays_between(country, subdivision, first, last)
    return {**holidays, **_held(cohort, first, last)} if cohort.holds else holidays


def _held(cohort: Cohort, first: date, last: date) -> Mapping[date, str]:
    found: dict[date, str] = {}
    for hold in cohort.holds:
        day = max(hold.first_day, first)
        while day <= min(hold.last_day, last):
            found[day] = OnHold(hold.reason)
            day += timedelta(days=1)
    return found
