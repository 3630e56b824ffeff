"""A calendar as an iCalendar file (RFC 5545), for calendars of people: values in, bytes out.

Instants are written in UTC. Each calendar shows them on its own reader's clock, right across every change of clocks,
and the file carries no rules of time zones that could be wrong by the time they are read. Days are days wherever they
are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from icalendar import Calendar, Event

_MAKER = "-//reinforce//plan//EN"


@dataclass(frozen=True, slots=True)
class Item:
    """An entry. `key` names it for good within the workspace: written again under the same key, it takes the place of
    what a calendar had. `begins` and `ends` are instants (aware), or local days, both included; `tentative`: it may
    come otherwise."""

    key: str
    title: str
    begins: datetime | date
    ends: datetime | date | None = None
    text: str = ""
    tentative: bool = False


def calendar_file(name: str, items: Iterable[Item], *, instance_id: str, now: datetime) -> bytes:
    """The calendar `name` of the workspace `instance_id`, as it was at `now` (UTC). Lines are folded, and whatever
    stands in texts is escaped."""
    calendar = Calendar()
    for key, value in {"VERSION": "2.0", "PRODID": _MAKER, "X-WR-CALNAME": _plain(name)}.items():
        calendar.add(key, value)
    for item in items:
        calendar.add_component(_event(item, instance_id, now))
    return bytes(calendar.to_ical())


def _event(item: Item, instance_id: str, now: datetime) -> Event:
    event = Event()
    # A hash, for a key may tell of what the calendar's reader may not know.
    event.add("uid", f"{sha256(item.key.encode()).hexdigest()[:32]}@{instance_id}")
    event.add("dtstamp", now)
    event.add("dtstart", item.begins)
    if item.ends is not None:
        # The end of days is the first day after them.
        event.add("dtend", item.ends if isinstance(item.ends, datetime) else item.ends + timedelta(days=1))
    event.add("summary", _plain(item.title))
    if item.text:
        event.add("description", _plain(item.text))
    event.add("status", "TENTATIVE" if item.tentative else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # nobody is busy because of it
    return event


def _plain(text: str) -> str:
    """Text without the control characters that RFC 5545 forbids; of those that break lines, only line feeds stay."""
    lines = "\n".join(text.splitlines())
    return "".join(one for one in lines if one in "\n\t" or one.isprintable() or one.isspace())
