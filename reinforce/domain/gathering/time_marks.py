"""Time marks: the place of a recording that a remark is about ("12:30", "1:02:03")."""

from __future__ import annotations

from datetime import timedelta

import regex

# Neither part of a longer number or date, nor a time of day ("12:30 Uhr", "at 12:30 pm", "14:00h").
_MARK = regex.compile(
    r"(?<![\p{N}:./,@#+\-])"
    r"(?:(?P<hours>\d{1,2}):(?P<minutes>[0-5]\d)|(?P<long>\d{1,3})):(?P<seconds>[0-5]\d)"
    r"(?!\p{N}|:\p{N}|[.,]\p{N}|\s?(?:h\b|am\b|pm\b|a\.m|p\.m|uhr\b|o'clock\b|hrs\b|heures?\b|horas?\b))",
    regex.IGNORECASE,
)


def time_mark(text: str) -> timedelta | None:
    """The first mark in `text`: minutes and seconds ("12:30", "75:10"), or hours too ("1:02:03"); None without one."""
    found = _MARK.search(text)
    if found is None:
        return None
    minutes = int(found["long"] if found["long"] is not None else found["minutes"])
    return timedelta(hours=int(found["hours"] or 0), minutes=minutes, seconds=int(found["seconds"]))


def spoken(mark: timedelta) -> str:
    """A mark as it is written: "12:30", "1:02:03"."""
    whole = int(mark.total_seconds())
    hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
