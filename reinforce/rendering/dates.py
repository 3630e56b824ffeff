"""Dates and times as a post of a language says them."""

from __future__ import annotations

from datetime import datetime

import pendulum

# As pendulum's own names of days and months want to be put together; other languages get figures, which all read.
_FORMATS = {"en": "dddd D MMMM", "de": "dddd, D. MMMM", "fr": "dddd D MMMM", "es": "dddd D [de] MMMM"}


def spoken_date(at: datetime, language: str) -> str:
    """The date of a local wall-clock time: "Wednesday 4 March"; "2026-03-04" in a language without a way of its own."""
    spoken = language.lower().split("-")[0]
    if spoken not in _FORMATS:
        return at.date().isoformat()
    return pendulum.date(at.year, at.month, at.day).format(_FORMATS[spoken], locale=spoken)


def spoken_time(at: datetime) -> str:
    """The time of a local wall-clock time: "14:00"."""
    return f"{at:%H:%M}"
