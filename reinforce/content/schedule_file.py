"""Cadences from files: `schedules/<name>.yaml`, or any file. docs/reference/schedule-file.md describes every key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time
from pathlib import Path
from typing import Any

from reinforce.content.fields import Fields
from reinforce.content.holiday_calendar import why_unknown
from reinforce.content.marks import FaultList, Marked, Scalar, read_yaml
from reinforce.content.scalars import as_day, did_you_mean
from reinforce.domain.errors import NotFound
from reinforce.domain.nugget import Form
from reinforce.domain.planning.cadence import RULES, WEEKDAYS, Cadence, LadderRule, PolicyName

_KEYS = (
    *("name", "title", "slots", "quiet_hours", "holidays", "caps", "repeat_after_days", "grace_hours"),
    *("answer_window_hours", "reveal", "forms", "policy"),
)
_WORKDAYS = WEEKDAYS[:5]
_MOST_SLOTS = 24


@dataclass(frozen=True, slots=True)
class ScheduleFile:
    """A cadence as read: its name, its validated content (plain JSON) with a hash, and the value it stands for."""

    name: str
    title: str
    content: Mapping[str, Any]
    content_hash: str
    cadence: Cadence


def find_schedule(name_or_path: str | Path, folder: Path) -> Path:
    """The file of a cadence: a path as it is, a bare name in `folder` (what ships). Raises NotFound."""
    given = Path(name_or_path)
    if given.suffix in {".yaml", ".yml"}:
        return given
    shipped = {file.stem: file for file in sorted(folder.glob("*.yaml"))}
    if str(name_or_path) in shipped:
        return shipped[str(name_or_path)]
    advice = did_you_mean(str(name_or_path), tuple(shipped))
    raise NotFound(f"there is no schedule {name_or_path}", f"{advice} Or give the path of a .yaml file.".strip())


def read_schedule(path: Path) -> ScheduleFile:
    """A cadence from its file. Raises ContentRefused with every fault of it."""
    faults = FaultList()
    top = Fields(read_yaml(path, faults), "a schedule", _KEYS, faults)
    name = top.slug("name", path.stem)
    content = {
        "name": name,
        "title": top.text("title", name),
        "slots": _slots(top, faults),
        "quiet_hours": _quiet_hours(top, faults),
        "holidays": _holidays(top, faults),
        "caps": _caps(top, faults),
        "repeat_after_days": top.number("repeat_after_days", 90, least=1, most=3650),
        "grace_hours": top.number("grace_hours", 4, least=0.25, most=72),
        "answer_window_hours": top.number("answer_window_hours", 30, least=0.25, most=168),
        "reveal": top.flag("reveal", default=True),
        "forms": _forms(top, faults),
        "policy": _policy(top, faults),
    }
    _check_slots_against_quiet(top, content, faults)
    faults.raise_if_any()
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return ScheduleFile(name, str(content["title"]), content, digest, Cadence.from_content(content))


def _slots(top: Fields, faults: FaultList) -> list[dict[str, Any]]:
    top.need("slots", 'Write at least one: - {name: morning, at: "09:00", weekdays: [mon, wed, fri]}')
    found: dict[str, dict[str, Any]] = {}
    nodes = top.nodes("slots", most=_MOST_SLOTS)
    if "slots" in top and not nodes:
        faults.add(top.where("slots"), "there is no slot.", "Write at least one, or nothing is ever posted.")
    for node in nodes:
        slot = Fields(node, "a slot", ("name", "at", "weekdays"), faults)
        slot.need("at", 'Say when, local time: at: "09:00"')
        at = slot.clock_time("at", time(9))
        name = slot.slug("name", f"at-{at:%H%M}")
        if name in found:
            faults.add(slot.where("name"), f'a slot "{name}" stands here twice.', "Give each a name of its own.")
        found[name] = {"name": name, "at": f"{at:%H:%M}", "weekdays": _weekdays(slot, faults)}
    return list(found.values())


def _weekdays(slot: Fields, faults: FaultList) -> list[str]:
    days = set()
    for node, text in slot.marked_texts("weekdays", most=7):
        word = text.lower()[:3]
        if word in WEEKDAYS:
            days.add(word)
        else:
            faults.add(node, f'"{text}" is no day of the week.', f"Known are: {', '.join(WEEKDAYS)}.")
    return [day for day in WEEKDAYS if day in days] or list(_WORKDAYS)


def _quiet_hours(top: Fields, faults: FaultList) -> dict[str, str] | None:
    node = top.value("quiet_hours")
    if node is None:
        return None
    if isinstance(node, Scalar) and node.text.strip().lower() in {"none", "no"}:
        return None
    quiet = Fields(node, "quiet hours", ("from", "until"), faults)
    quiet.need("from", 'Say when they begin, local time: from: "18:00"')
    quiet.need("until", 'Say when they end, local time: until: "07:00"')
    start, end = quiet.clock_time("from", time(18)), quiet.clock_time("until", time(7))
    if start == end and quiet.is_mapping and len(faults) == 0:
        faults.add(node, "quiet hours begin and end at the same time.", "Take them out, or give them a length.")
    return {"from": f"{start:%H:%M}", "until": f"{end:%H:%M}"}


def _holidays(top: Fields, faults: FaultList) -> dict[str, Any]:
    node = top.value("holidays")
    if node is None:
        return {"country": "", "subdivision": "", "days": []}
    group = Fields(node, "holidays", ("country", "subdivision", "days"), faults)
    country = group.text("country", longest=2).upper()
    subdivision = group.text("subdivision", longest=12).upper()
    if subdivision and not country:
        faults.add(group.where("subdivision"), "a subdivision needs its country.", "Add country: DE")
    problem = why_unknown(country, subdivision) if country else ""
    if problem:
        advice = "Write the two letters of ISO 3166 (DE), and the subdivision's code (BY)."
        faults.add(group.where("country"), problem, advice)
    days = set()
    for marked, text in group.marked_texts("days", most=400):
        day = as_day(text)
        if day is None:
            faults.add(marked, f'"{text}" is no date.', "Write year-month-day: 2026-12-24.")
        else:
            days.add(day)
    return {"country": country, "subdivision": subdivision, "days": [day.isoformat() for day in sorted(days)]}


def _caps(top: Fields, faults: FaultList) -> dict[str, int]:
    defaults = {"a_day": 2, "a_week": 5, "new_a_week": 2}
    node = top.value("caps")
    if node is None:
        return defaults
    caps = Fields(node, "caps", tuple(defaults), faults)
    found = {
        "a_day": caps.whole("a_day", defaults["a_day"], least=1, most=50),
        "a_week": caps.whole("a_week", defaults["a_week"], least=1, most=200),
        "new_a_week": caps.whole("new_a_week", defaults["new_a_week"], least=1, most=200),
    }
    if found["a_week"] < found["a_day"]:
        faults.add(caps.where("a_week"), "a week can't hold less than a day may.", "Raise a_week or lower a_day.")
    return found


def _forms(top: Fields, faults: FaultList) -> list[str]:
    found = []
    for node, text in top.marked_texts("forms", most=len(Form)):
        if text in tuple(Form):
            found.append(str(Form(text)))
        else:
            faults.add(node, f'"{text}" is no form of post.', did_you_mean(text, tuple(Form)))
    return found or [str(Form.QUESTION), str(Form.REMINDER)]


def _policy(top: Fields, faults: FaultList) -> dict[str, Any]:
    """The policy's name and every number of it, so that a cadence in use keeps the defaults it was made with."""
    node = top.value("policy")
    name, numbers = PolicyName.COHORT_ADAPTIVE, None
    if isinstance(node, Scalar):
        name = top.choice("policy", name)
    elif node is not None:
        name = Fields(node, "a policy", _all_policy_keys(), FaultList()).choice("name", name)
        numbers = Fields(node, f"the policy {name}", ("name", *_policy_keys(name)), faults)
        name = numbers.choice("name", name)
    found: dict[str, Any] = {"name": str(name)}
    rule = RULES[name]()
    for one in fields(rule):
        value = getattr(rule, one.name)
        if isinstance(rule, LadderRule):
            found[one.name] = _steps(numbers, faults) or list(value)
        elif numbers is None:
            found[one.name] = value
        else:
            found[one.name] = numbers.number(one.name, value, **one.metadata)
    return found


def _steps(numbers: Fields | None, faults: FaultList) -> list[float]:
    """Days after the first post, each later than the one before."""
    if numbers is None or "steps" not in numbers:
        return []
    nodes: tuple[Marked, ...] = numbers.nodes("steps", most=50)
    steps: list[float] = []
    for node in nodes:
        day = _positive(node)
        if day is None:
            faults.add(node, '"steps" must hold numbers of days.', "Write them as in steps: [1, 3, 10, 30, 60].")
        elif steps and day <= steps[-1]:
            faults.add(node, f"step {day:g} does not come after {steps[-1]:g}.", "Write the days in rising order.")
        else:
            steps.append(day)
    return steps


def _positive(node: Marked) -> float | None:
    try:
        day = float(node.text) if isinstance(node, Scalar) else -1.0
    except ValueError:
        return None
    return day if 0 < day <= 3650 else None


def _policy_keys(name: PolicyName) -> tuple[str, ...]:
    return tuple(one.name for one in fields(RULES[name]))


def _all_policy_keys() -> tuple[str, ...]:
    return ("name", *dict.fromkeys(key for name in PolicyName for key in _policy_keys(name)))


def _check_slots_against_quiet(top: Fields, content: Mapping[str, Any], faults: FaultList) -> None:
    """A slot in quiet hours would never be used: that is a slip, not a wish."""
    if len(faults) or content["quiet_hours"] is None:
        return
    cadence = Cadence.from_content(content)
    for slot, node in zip(cadence.slots, top.nodes("slots", most=_MOST_SLOTS), strict=False):
        if cadence.quiet_hours is not None and cadence.quiet_hours.holds(slot.at):
            advice = "Move the slot, or change quiet_hours."
            faults.add(node, f'the slot "{slot.name}" at {slot.at:%H:%M} lies in the quiet hours.', advice)
