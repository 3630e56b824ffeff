"""The record of an event as one page that needs nothing else, and as Markdown. Whatever people wrote is a value."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import regex

from reinforce.domain.gathering.events import EventKind
from reinforce.domain.gathering.record import EventRecord, Line
from reinforce.domain.gathering.time_marks import spoken
from reinforce.rendering.pages import page_environment

# All that can begin something in Markdown or HTML, wherever it stands.
_MARKUP = regex.compile(r"[\\`*_{}\[\]()#+\-.!|<>~&@:=$^\"']")
_INDENT = "  "


def record_page(record: EventRecord, templates: Path) -> str:
    """One HTML page, styles included; `templates` is the folder it ships in."""
    template = page_environment(templates).get_template("event_record.html")
    return template.render(record=record, when=_labels(record), period=_period(record), spoken=spoken)


def record_markdown(record: EventRecord) -> str:
    """The same as Markdown: a list for each thread, what answers something one step further in."""
    when = _labels(record)
    parts = [f"# {_escaped(record.event.title)}", "", _period(record), ""]
    parts += [f"{_counts(record)}.", ""]
    parts += [f"> {_escaped(note)}" for note in record.notes]
    parts += [""] * bool(record.notes)
    if record.asked:
        parts += ["## Questions", ""]
        parts += [f"- {_escaped(line.text)} ({'answered' if line.answered else 'open'})" for line in record.asked]
        parts.append("")
    recording = record.event.kind is EventKind.RECORDING
    parts += ["## " + ("In the order of the recording" if recording else "In order of time"), ""]
    for thread in record.threads:
        for line in thread:
            parts.append(_item(line, when[line.number]))
        parts.append("")
    if not record.threads:
        parts += ["Nothing was said.", ""]
    return "\n".join(parts)


def _item(line: Line, when: str) -> str:
    indent = _INDENT * line.depth
    label = " (question, answered)" if line.answered else " (question, open)" if line.question else ""
    # Line breaks stay, within the item.
    text = f"  \n{indent}{_INDENT}".join(_escaped(one) for one in line.text.splitlines() or [""])
    return f"{indent}- **{when} {_escaped(line.who)}**{label}: {text}"


def _escaped(text: str) -> str:
    return _MARKUP.sub(lambda found: {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(found[0], f"\\{found[0]}"), text)


def _labels(record: EventRecord) -> dict[int, str]:
    """When each line was said: local time, with the date where that is not one; a recording's mark before it."""
    zone = ZoneInfo(record.event.zone)
    days = {line.at.astimezone(zone).date() for thread in record.threads for line in thread}
    found = {}
    for thread in record.threads:
        for line in thread:
            at = line.at.astimezone(zone)
            time = f"{at:%H:%M}" if len(days) < 2 else _day(at)
            found[line.number] = time if line.mark is None else f"[{spoken(line.mark)}] {time}"
    return found


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b %H:%M}"


def _period(record: EventRecord) -> str:
    zone = ZoneInfo(record.event.zone)
    opens, closes = record.event.opens_at.astimezone(zone), record.event.closes_at.astimezone(zone)
    same = opens.date() == closes.date()
    until = f"{closes:%H:%M}" if same else f"{closes.day} {closes:%b %Y %H:%M}"
    return f"{opens.day} {opens:%b %Y %H:%M} to {until}, {record.event.zone}, #{record.event.hashtag}"


def _counts(record: EventRecord) -> str:
    said = f"{record.said} posts by {record.participants} participants, {record.questions} questions"
    left = "".join(f"; {count} {why} left out" for why, count in sorted(record.left_out.items()))
    return f"{said}, {record.answered} of them answered{left}"
