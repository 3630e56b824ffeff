"""Failed sign-ins on the audit log: enough to see an attack, never as many rows as an attacker likes.

A row is written for the first failure within the window and for the one after which none is looked at any more, and
beyond that no more than `Patience.told` within the window for users and as many for everybody else; the last of these
says so. Names that nobody bears are never written down: passwords end up in that field. Instants are machine time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from reinforce.domain.access.networks import written_network
from reinforce.domain.access.sessions import Patience
from reinforce.store.access import attempts
from reinforce.store.access.users import User
from reinforce.store.operating import audit

# Who acts where nobody is known.
STRANGER = "console/stranger"


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that failed: `step` is true for the first within the window, and for the last that is looked at."""

    verb: str
    user: User | None
    address: str
    step: bool
    detail: dict[str, Any] = field(default_factory=dict)


def tell(connection: Connection, failure: Failure, now: datetime, patience: Patience) -> None:
    """Write a failure down if it is one to write down."""
    mark = attempts.told_mark("user" if failure.user is not None else "stranger")
    told = attempts.number_of(connection, mark, now - patience.window)
    if not failure.step or told >= patience.told:
        return
    attempts.add(connection, [mark], now)
    network = written_network(failure.address)
    detail = {**failure.detail, "network": network}
    if told + 1 == patience.told:
        detail["silent_minutes"] = int(patience.window.total_seconds()) // 60
    subject = failure.user.actor if failure.user is not None else f"network/{network}"
    audit.record(connection, STRANGER, failure.verb, subject, detail, now)
