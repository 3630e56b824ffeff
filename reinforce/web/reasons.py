"""A plan's decision as the console explains it: numbers with a name, and what was not chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reinforce.web.words import figure


@dataclass(frozen=True, slots=True)
class Explained:
    """(name, value) pairs in the order they were decided in, and the other choices in words."""

    numbers: tuple[tuple[str, str], ...]
    others: tuple[str, ...]


def explained(decision: Mapping[str, Any]) -> Explained:
    """`decision` as `explain` keeps it. Unknown keys are shown too: a reason may not disappear."""
    numbers, others = [], []
    for name, value in decision.items():
        if name in _OTHERS and value:
            others += [_other(one) for one in (value if isinstance(value, list) else [value])]
        elif isinstance(value, Mapping):
            numbers += [(_words(inner), _plain(part)) for inner, part in value.items() if _is_plain(part)]
        elif _is_plain(value):
            numbers.append((_words(name), _plain(value)))
    return Explained(tuple(numbers), tuple(others))


_OTHERS = ("runner_up", "runners_up", "alternatives", "others")


def _other(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{_words(name)} {_plain(part)}" for name, part in value.items() if _is_plain(part))
    return str(value)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) and value != ""


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return figure(value) if isinstance(value, float) else str(value)


def _words(name: Any) -> str:
    return str(name).replace("_", " ")
