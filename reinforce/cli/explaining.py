"""A decision on record, told in lines a person reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reinforce.cli.printing import money
from reinforce.domain.sending.outbox import OutboxItem


def explanation(item: OutboxItem) -> Iterator[str]:
    """The post, its state, its reason, and the numbers the decision stood on."""
    yield item.text
    yield ""
    yield f"{item.form}, {item.state.value}, {money(item.price_micros)}, due {item.due_at:%Y-%m-%d %H:%M} UTC"
    yield f"why: {item.reason}"
    yield from _lines(item.decision, indent="  ")
    if item.outcome:
        yield f"what happened: {item.outcome}"


def _lines(value: dict[str, Any], indent: str) -> Iterator[str]:
    for key, entry in value.items():
        words = key.replace("_", " ")
        if isinstance(entry, dict):
            yield f"{indent}{words}:"
            yield from _lines(entry, indent + "  ")
        elif isinstance(entry, list):
            yield f"{indent}{words}: {', '.join(str(part) for part in entry)}"
        elif isinstance(entry, float):
            yield f"{indent}{words}: {entry:.3g}"
        elif entry not in (None, ""):
            yield f"{indent}{words}: {entry}"
