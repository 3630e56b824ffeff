"""A plan's decision as the console and `reinforce explain` tell it: its numbers with names, and what was not chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from reinforce.web.words import day, figure, moment, share


@dataclass(frozen=True, slots=True)
class Explained:
    """(name, value) pairs, the weightiest first, and the other choices in words, the runner-up first."""

    numbers: tuple[tuple[str, str], ...]
    others: tuple[str, ...]


def explained(decision: Mapping[str, Any], zone: str) -> Explained:
    """`decision` as `explain` keeps it, times in `zone`. Unknown keys are shown too: a reason may not disappear."""
    numbers = [(name, _value(key, decision[key], zone)) for key, name in _NAMES.items() if _says(decision.get(key))]
    unknown = [key for key in decision if key not in _NAMES and key not in _ELSEWHERE and _says(decision[key])]
    numbers += [(key.replace("_", " "), _value(key, decision[key], zone)) for key in unknown]
    others = []
    if decision.get("runner_up"):
        others.append(_runner_up(decision["runner_up"]))
    others += [f"{name}: {why}" for name, why in (decision.get("passed_over") or {}).items()]
    return Explained(tuple(numbers), tuple(others))


_NAMES = {
    "gain": "worth, in recalls gained",
    "learners": "learners who count",
    "recall": "would recall it today",
    "below_one_half": "with less than one half",
    "below_one_half_since": "mean below one half since",
    "lowest_group": "lowest group",
    "in_all": "reaches and teaches",
    "posts_so_far": "posts so far",
    "last_posted": "last posted",
    "importance": "importance",
    "asked_in_a_poll": "of that, by a poll of where they stand",
    "lift": "lift for what is known badly",
    "price": "price",
    "why": "whose turn",
    "instead_of_quiet": "rather than quiet",
    "fallback": "why by turns",
    "policy": "policy",
    "closes_at": "answers until",
    "reveal_at": "reveal",
    "waits_for_approval": "better, but without approval yet",
    "moved_by_hand_from": "moved by a person from",
    "moved_from": "moved, beside another cohort's post, from",
}
# Shown beside the numbers (what and how), below them, or above all (what a held post may be).
_ELSEWHERE = frozenset({"nugget", "title", "form", "runner_up", "passed_over", "alike"})


def _says(value: Any) -> bool:
    return value is not None and value not in ("", {}, [])


def _value(key: str, value: Any, zone: str) -> str:
    how = _FORMATS.get(key)
    if how is not None:
        return how(value, zone)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value('', part, zone)}" for name, part in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return figure(value) if isinstance(value, float) else str(value)


_FORMATS: dict[str, Callable[[Any, str], str]] = {
    "recall": lambda value, _zone: share(value),
    "lowest_group": lambda value, _zone: f"{value['role']}, {share(value['recall'])}",
    "below_one_half_since": lambda value, _zone: _date(value),
    "last_posted": lambda value, _zone: _date(value),
    "closes_at": lambda value, zone: moment(datetime.fromisoformat(value), zone),
    "reveal_at": lambda value, zone: moment(datetime.fromisoformat(value), zone),
    "moved_by_hand_from": lambda value, zone: moment(datetime.fromisoformat(value), zone),
    "moved_from": lambda value, zone: moment(datetime.fromisoformat(value), zone),
}


def _date(value: str) -> str:
    """ "2026-03-04" for people; a "before" stands where it stood."""
    before, _, iso = value.rpartition(" ")
    return f"{before} {day(date.fromisoformat(iso))}".strip()


def _runner_up(value: Mapping[str, Any]) -> str:
    words = f"“{value['title']}”" if value.get("title") else str(value.get("nugget", ""))
    if value.get("form"):
        words += f" as a {value['form']}"
    if isinstance(value.get("gain"), int | float):
        words += f", worth {figure(float(value['gain']))}"
    return words
