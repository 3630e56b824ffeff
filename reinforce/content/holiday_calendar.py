"""Public holidays by country, from the `holidays` library (heavy, so it is loaded when first asked)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType, ModuleType

from reinforce.domain.errors import ReinforceError

_ADVICE = "Write the two letters of ISO 3166 (DE), and the subdivision's own code (BY); leave both out for none."


def holidays_between(country: str, subdivision: str, first: date, last: date) -> Mapping[date, str]:
    """The names of the public holidays from `first` to `last`, in English, by local date; none for no country.

    Raises ReinforceError for a country or subdivision that the library does not know.
    """
    found: dict[date, str] = {}
    if country:
        for year in range(first.year, last.year + 1):
            found |= {day: name for day, name in _of_year(country, subdivision, year).items() if first <= day <= last}
    return found


def why_unknown(country: str, subdivision: str) -> str:
    """What is wrong with a country and subdivision, "" if nothing is."""
    known = _library().list_supported_countries()
    if country and country not in known:
        return f'there are no holidays for the country "{country}".'
    if subdivision and subdivision not in known.get(country, []):
        return f'"{subdivision}" is no subdivision of "{country}" with holidays of its own.'
    return ""


@lru_cache(maxsize=256)
def _of_year(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    problem = why_unknown(country, subdivision)
    if problem:
        raise ReinforceError(problem, _ADVICE)
    subdivided = subdivision or None
    calendar = _library().country_holidays(country, subdiv=subdivided, years=year, language=_language(country))
    return MappingProxyType(dict(sorted(calendar.items())))


def _language(country: str) -> str | None:
    """English where the library has it for this country, else what it prefers."""
    known = _library().list_localized_countries().get(country, [])
    return next((language for language in ("en_US", "en_GB", "en") if language in known), None)


def _library() -> ModuleType:
    # Two hundred calendars are imported with it, which nobody should wait for who asks for help.
    import holidays  # noqa: PLC0415

    return holidays
