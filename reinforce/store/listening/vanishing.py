"""What X shows no more of what came in: which posts to ask about, and what was found."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, and_, func, select, update

from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.store import tables as t
from reinforce.store.sending import outbox

_i, _o = t.inbound.c, t.outbox.c


def unseen_since(connection: Connection, account_id: int, before: datetime, limit: int) -> tuple[int, ...]:
    """X's ids of the account's posts whose words are kept here and that were last seen on X before `before` (programme
    time), those seen longest ago first."""
    last = func.coalesce(_i.looked_at, _i.received_at)
    kept = and_(_i.account_id == account_id, _i.gone_at.is_(None), _i.purged_at.is_(None), _i.text != "")
    query = select(_i.remote_id).where(kept, last < before).order_by(last, _i.id).limit(limit)
    return tuple(connection.execute(query).scalars())


def note_seen(connection: Connection, account_id: int, remote_ids: Collection[int], now: datetime) -> None:
    """X was asked about these posts at `now` (programme time)."""
    here = and_(_i.account_id == account_id, _i.remote_id.in_(sorted(remote_ids)))
    connection.execute(update(t.inbound).where(here).values(looked_at=now))


def note_gone(connection: Connection, account_id: int, remote_ids: Collection[int], now: datetime) -> int:
    """X has these posts no more: nobody needs to deal with them. Returns how many were not known to be gone."""
    here = and_(_i.account_id == account_id, _i.remote_id.in_(sorted(remote_ids)), _i.gone_at.is_(None))
    return connection.execute(update(t.inbound).where(here).values(gone_at=now, needs_person=False)).rowcount


def waiting_replies(connection: Connection, account_id: int, remote_ids: Collection[int]) -> tuple[OutboxItem, ...]:
    """Replies to these posts that were not sent yet."""
    theirs = select(_i.id).where(_i.account_id == account_id, _i.remote_id.in_(sorted(remote_ids)))
    waiting = _o.state.in_([State.PLANNED.value, State.LEASED.value])
    ids = connection.execute(select(_o.id).where(_o.inbound_id.in_(theirs), waiting).order_by(_o.id)).scalars()
    return tuple(outbox.item(connection, item_id) for item_id in ids.all())
