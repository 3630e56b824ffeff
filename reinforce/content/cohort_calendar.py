"""The holidays of a cohort: its cadence's country, else its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from reinforce.content.holiday_calendar import holidays_between
from reinforce.domain.cohort import Cohort
from reinforce.domain.planning.cadence import Cadence

# A slot, its reveal, and the search for the next open day all lie within this.
_BACK, _AHEAD = timedelta(days=31), timedelta(days=430)


def holidays_of(cohort: Cohort, cadence: Cadence, now: datetime) -> Mapping[date, str]:
    """The names of the public holidays that a plan made at `now` can meet, by local date.

    A cohort's country is such as "DE" or "US-CA", "" for none. Raises ReinforceError for one that is not known.
    """
    country, _, subdivision = cohort.country.partition("-")
    if cadence.country:
        country, subdivision = cadence.country, cadence.subdivision
    return holidays_between(country, subdivision, (now - _BACK).date(), (now + _AHEAD).date())
