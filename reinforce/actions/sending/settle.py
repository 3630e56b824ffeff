"""A person decides a held post, whose fate the timeline could not tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from reinforce.domain.errors import Conflict, NotAllowed
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.store.operating import audit
from reinforce.store.sending import outbox
from reinforce.store.session import Database

# How long a post that a person wants sent again is worth sending, whatever its slot said.
WORTH_AGAIN = timedelta(days=1)
# X's ids count milliseconds since this instant, times 2^22 (its "snowflake" ids).
_SNOWFLAKE_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)


def settle(
    database: Database,
    item_id: int,
    to: State,
    *,
    remote_id: int | None = None,
    fence: int | None = None,
    actor: str,
    now: datetime,
) -> OutboxItem:
    """Move a held post to POSTED (it stands on X as `remote_id`), PLANNED (send it again) or SKIPPED (let it go).
    `fence` is the post's as somebody saw it when they decided; None decides whatever happened since.

    Raises NotFound, NotAllowed if the post is not held or `to` is none of these, and Conflict if another post has
    this id, somebody else decided first, or the post was on its way again since it was seen.
    """
    with database.write() as connection:
        item = outbox.item(connection, item_id)
        if fence is not None and item.fence != fence:
            raise Conflict(f"post {item_id} was sent again since this was shown", "Look at it again, then decide.")
        if item.state is not State.HELD:
            raise NotAllowed(
                f"post {item_id} is {item.state.value}: only a held post needs a person's decision",
                "See which are held: reinforce outbox --state held",
            )
        moved = _decide(connection, item, to, remote_id, now)
        if moved is None:
            raise Conflict(f"post {item_id} was decided by somebody else just now", "Look at it again.")
        audit.record(connection, actor, f"post.settled.{to.value}", f"outbox/{item_id}", {"remote_id": remote_id}, now)
    return moved


def _decide(
    connection: Connection, item: OutboxItem, to: State, remote_id: int | None, now: datetime
) -> OutboxItem | None:
    if to is State.POSTED:
        return _posted(connection, item, remote_id, now)
    if to is State.PLANNED:
        worth_until = max(item.grace_until, now + WORTH_AGAIN)
        changes = {"rounds": 0, "not_before": None, "grace_until": worth_until, "outcome": "a person had it sent again"}
        return outbox.move(connection, item, to, **changes)
    if to is State.SKIPPED:
        return outbox.skip(connection, item, "a person let it go")
    raise NotAllowed(f"a held post can't become {to.value}", "Choose posted, planned or skipped.")


def _posted(connection: Connection, item: OutboxItem, remote_id: int | None, now: datetime) -> OutboxItem | None:
    if remote_id is None:
        raise NotAllowed(
            "to settle a post as posted, its id on X is needed", "Add it: --posted ID (the post's address)"
        )
    if remote_id in outbox.remote_ids(connection, item.account_id):
        raise Conflict(f"{remote_id} is another post of this account", "Look for the id of this one.")
    stamped = _SNOWFLAKE_EPOCH + timedelta(milliseconds=remote_id >> 22)
    posted_at = stamped if item.created_at <= stamped <= now else now
    return outbox.move(
        connection, item, State.POSTED, remote_id=remote_id, posted_at=posted_at, outcome="a person found it"
    )
