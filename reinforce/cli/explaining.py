"""A decision on record, told in lines a person reads."""

from __future__ import annotations

from collections.abc import Iterator

from reinforce.cli.printing import money
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.web.reasons import explained


def explanation(item: OutboxItem, zone: str) -> Iterator[str]:
    """The post, its state, its reason, the numbers the decision stood on and what else was possible, named as the
    console names them; times in `zone`."""
    yield item.text
    yield ""
    yield f"{item.form}, {item.state.value}, {money(item.price_micros)}, due {item.due_at:%Y-%m-%d %H:%M} UTC"
    yield f"why: {item.reason}"
    why = explained(item.decision, zone)
    width = max((len(name) for name, _ in why.numbers), default=0)
    yield from (f"  {name:<{width}}  {value}" for name, value in why.numbers)
    if why.others:
        yield "what it was chosen over:"
        yield from (f"  {other}" for other in why.others)
    if item.outcome:
        yield f"what happened: {item.outcome}"
