"""A person has dealt with what came in and waited for one, or gives it back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.errors import NotAllowed, NotFound
from reinforce.store.listening import inbox
from reinforce.store.operating import audit
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.session import Database


def deal_with(database: Database, inbound_id: int, *, actor: str, now: datetime) -> None:
    """What came in waits for nobody any more; what it was read as stays. Raises NotFound; NotAllowed if it does not
    wait."""
    with about_people(database) as connection:
        _require(connection, inbound_id)
        if not inbox.settle(connection, inbound_id):
            raise NotAllowed(f"reply {inbound_id} waits for nobody", "See what waits: reinforce inbox --needs-person")
        audit.record(connection, actor, "reply.dealt-with", f"inbound/{inbound_id}", {}, now)


def give_back(database: Database, inbound_id: int, *, actor: str, now: datetime) -> None:
    """What came in waits for a person again. Raises NotFound."""
    with about_people(database) as connection:
        _require(connection, inbound_id)
        inbox.let_wait(connection, inbound_id)
        audit.record(connection, actor, "reply.waits-again", f"inbound/{inbound_id}", {}, now)


def _require(connection: Connection, inbound_id: int) -> None:
    if inbox.inbound(connection, inbound_id) is None:
        raise NotFound(f"there is no reply with the number {inbound_id}", "See what there is: reinforce inbox")
