"""Calendar files are read back by a reader of RFC 5545 as they were meant."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from reinforce.domain.planning.slots import resolve
from reinforce.rendering.ics import Item, calendar_file

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
HOSTILE = "A; B, C\\n\r\nEND:VEVENT\r\nBEGIN:VEVENT\nX-EVIL:1\x00\u2028 \U0001f98a" + "ü" * 200


def _written(*items: Item) -> bytes:
    return calendar_file("Press shop", items, instance_id="f00d", now=NOW)


def _read(*items: Item) -> list[Event]:
    return [one for one in Calendar.from_ical(_written(*items)).walk("VEVENT") if isinstance(one, Event)]


def test_a_slot_keeps_its_wall_clock_across_the_change_of_clocks() -> None:
    days = (date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 24), date(2026, 10, 25))
    nine = time(9)
    items = [Item(str(day), "Slot", resolve(day, nine, "Europe/Berlin")) for day in days]
    found = [one.decoded("dtstart") for one in _read(*items)]
    assert [one.astimezone(ZoneInfo("Europe/Berlin")).time() for one in found] == [nine] * 4
    assert [one.astimezone(UTC).hour for one in found] == [8, 7, 7, 8]
    assert b"DTSTART:20260328T080000Z" in _written(items[0])


def test_days_are_days_and_end_on_the_day_after_their_last() -> None:
    (hold,) = _read(Item("hold/1", "On hold", date(2026, 3, 10), date(2026, 3, 11)))
    assert (hold.decoded("dtstart"), hold.decoded("dtend")) == (date(2026, 3, 10), date(2026, 3, 12))


def test_what_people_wrote_stays_text_and_lines_are_folded() -> None:
    item = Item("slot/press-shop/2026-03-05/morning", HOSTILE, NOW, NOW + timedelta(hours=1), HOSTILE, tentative=True)
    content = _written(item)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert content.count(b"\r\n") == content.count(b"\n"), "no line breaks but the file's own"
    (found,) = _read(item)
    assert "X-EVIL" not in found
    assert str(found["status"]) == "TENTATIVE"
    assert found.decoded("dtstamp") == NOW
    assert str(found["description"]).startswith("A; B, C\\n\nEND:VEVENT\nBEGIN:VEVENT\nX-EVIL:1")


@given(st.text(max_size=120))
def test_any_text_is_read_back(text: str) -> None:
    (found,) = _read(Item("key", "Title", NOW, text=f".{text}."))
    kept = str(found["description"])
    assert kept.startswith(".")
    assert [one for one in kept if one.isalnum()] == [one for one in text if one.isalnum()]


def test_an_entry_keeps_its_name_within_its_workspace_which_tells_nothing() -> None:
    first, again = (str(_read(Item("slot/secret/1", title, NOW))[0]["uid"]) for title in ("One", "Two"))
    assert first == again
    assert first.endswith("@f00d")
    assert "secret" not in first
