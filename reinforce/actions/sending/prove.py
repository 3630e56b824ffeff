"""After a backup was put back: read the account's timeline before anything is sent, and learn what went out since.

The rows of a backup may say "planned" of posts that stand on the timeline. Each that is found there becomes posted.
Posts of ours that no row accounts for were planned after the backup: they fill the slots whose time they fall into, so
that none is filled twice. If the timeline can't be read back to what the backup knew, nobody can tell what lies beyond:
what was due by now is held for a person. Then the account is proven, and sends again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from reinforce.accounts.base import Account, Reading, RemotePost
from reinforce.clock import Clock
from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.accounts.account import AccountRecord, AccountState
from reinforce.domain.sending.adoption import LostPost, Opening
from reinforce.domain.sending.outbox import IN_FLIGHT, OutboxItem, State, slot_occurrence
from reinforce.domain.sending.send_policy import SendPolicy
from reinforce.domain.sending.timeline import Seen, Sent, same_post
from reinforce.domain.texts.wording import normalise
from reinforce.store.accounts import accounts
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.planning import plan_snapshot, unaccounted
from reinforce.store.sending import attempts, outbox
from reinforce.store.session import Database

# A reading is incomplete for good beyond X's 3,200 posts, and for a moment while its pages shift.
READINGS = 3
OUT_OF_REACH = "the timeline can't be read back to the backup: look for it yourself, then run `reinforce settle`"
OUT_OF_REACH_SLOT = "Skipped: it may have had its post after the backup, and the timeline can't be read back so far."


@dataclass(frozen=True, slots=True)
class ProveOutcome:
    """`proven`: the account may send. `found` had gone out after the backup; `adopted` too, and had no row any more;
    `held` wait for a person; `blocked` are slots (occurrences) that stay empty, since they may have had their post."""

    proven: bool
    found: tuple[OutboxItem, ...] = ()
    adopted: tuple[OutboxItem, ...] = ()
    held: tuple[OutboxItem, ...] = ()
    blocked: tuple[str, ...] = ()
    reason: str = ""


def prove(
    database: Database, record: AccountRecord, account: Account, policy: SendPolicy, clock: Clock, *, watched: float
) -> ProveOutcome:
    """Prove an unproven account; does nothing to another. Raises AccountError if its timeline can't be read.

    `watched`: for how many machine seconds this process has known it to be unproven. What was on the wire when the
    backup was put back, or was made a moment before, shows within the quarantine.
    """
    if record.state is not AccountState.UNPROVEN:
        return ProveOutcome(proven=True)
    if watched < policy.quarantine:
        return ProveOutcome(proven=False, reason="what was just sent may not show on the timeline yet")
    with database.read() as connection:
        if outbox.in_state(connection, record.id, State.LEASED, State.SENDING):
            return ProveOutcome(proven=False, reason="leases of the backup have not run out yet")
        since = _known_before(connection, record.id)
    reading = _read(account, since)
    now = clock.now()
    with database.write() as connection:
        if accounts.account_by_id(connection, record.id, lock=True).state is not AccountState.UNPROVEN:
            return ProveOutcome(proven=True)  # another process was quicker
        outcome = _settle(connection, record.id, reading, now)
        if reading.posts:
            accounts.mark_own_timeline(connection, record.id, max(post.id for post in reading.posts), now)
        accounts.mark_proven(connection, record.id)
        detail = {name: len(getattr(outcome, name)) for name in ("found", "adopted", "held", "blocked")}
        detail["complete"] = reading.complete
        audit.record(connection, "daemon", "account.prove", f"account/{record.id}", detail, now)
    return outcome


def _settle(connection: Connection, account_id: int, reading: Reading, now: datetime) -> ProveOutcome:
    taken = outbox.remote_ids(connection, account_id)
    free = {post.id: post for post in sorted(reading.posts, key=lambda post: post.id) if post.id not in taken}
    found = tuple(_match(connection, account_id, free, now))
    lost = {
        post.id: LostPost(normalise(post.text, post.links), post.created_at, post.in_reply_to)
        for post in free.values()
        if post.created_at > now - outbox.REPEAT_AFTER
    }
    slots = tuple(_open_slots(connection, account_id, now))
    known = unaccounted.account_for(connection, account_id, lost, slots, now)
    held, blocked = known.held, known.blocked
    if not reading.complete:
        held += _hold(connection, account_id, now)
        blocked += tuple(unaccounted.block(connection, ((slot, OUT_OF_REACH_SLOT) for slot in slots), now))
    return ProveOutcome(proven=True, found=found, adopted=known.adopted, held=held, blocked=blocked)


def _open_slots(connection: Connection, account_id: int, now: datetime) -> Iterator[Opening]:
    """The account's slots up to now that nothing was decided for, as far as this database knows."""
    for cohort in cohorts.cohorts(connection):
        if cohort.account_id != account_id:
            continue
        there = plan_snapshot.frame(connection, cohort.id)
        holidays = holidays_of(cohort, there.cadence, now)
        for slot in plan_snapshot.undecided(connection, there, holidays, now):
            if slot.at <= now:
                occurrence = slot_occurrence(cohort.slug, slot.day, slot.slot)
                yield Opening(occurrence, cohort.id, slot.at, slot.at + there.cadence.grace)


def _known_before(connection: Connection, account_id: int) -> int | None:
    """Our newest post before any attempt that is still in doubt, and before whatever followed the backup."""
    doubtful = outbox.in_state(connection, account_id, State.UNKNOWN, State.HELD, State.PLANNED)
    tried = [attempt.since_id for item in doubtful for attempt in attempts.attempts(connection, item.id)]
    known = [*tried, accounts.newest_known_post(connection, account_id)]
    return None if None in known else min(number for number in known if number is not None)


def _read(account: Account, since: int | None) -> Reading:
    for _ in range(READINGS):
        reading = account.own_posts(since_id=since)
        if reading.complete:
            break
    return reading


def _match(connection: Connection, account_id: int, free: dict[int, RemotePost], now: datetime) -> Iterator[OutboxItem]:
    """Settle our open rows that stand on the timeline, in the order they were due: a reveal needs its question's id.

    Takes the posts that are accounted for out of `free`.
    """
    became: dict[int, int] = {}
    for item in outbox.in_state(connection, account_id, State.PLANNED, State.UNKNOWN, State.HELD):
        if item.due_at > now:
            continue
        parent = became.get(item.reply_to_outbox_id) if item.reply_to_outbox_id is not None else None
        found = _find(item if parent is None else replace(item, reply_to=parent), free)
        moved = None if found is None else _posted(connection, item, *found)
        if moved is not None and moved.remote_id is not None:
            became[item.id] = moved.remote_id
            del free[moved.remote_id]
            yield moved


def _find(item: OutboxItem, posts: Mapping[int, RemotePost]) -> tuple[RemotePost, dict[str, Any]] | None:
    """The post that `item` became, and the wording in which it went out."""
    options = None if item.poll is None else item.poll["options"]
    planned = {"text": item.text, "text_hash": item.text_hash, "wording_id": item.wording_id}
    for post in posts.values():
        theirs = None if post.poll is None else [option for option, _votes in post.poll]
        seen = Seen(post.text, post.links, post.in_reply_to, theirs)
        # It may have gone out in another wording, if X took the first one for a duplicate.
        for wording in (planned, *item.alternatives):
            if same_post(Sent(wording["text"], item.reply_to, options), seen):
                return post, {name: wording.get(name) for name in planned}
    return None


def _posted(connection: Connection, item: OutboxItem, post: RemotePost, wording: dict[str, Any]) -> OutboxItem | None:
    change = outbox.prove if item.state is State.PLANNED else outbox.move
    return change(
        connection,
        item,
        State.POSTED,
        **wording,
        remote_id=post.id,
        posted_at=post.created_at,
        reply_to=post.in_reply_to,
        outcome="found on the timeline after a backup was put back",
    )


def _hold(connection: Connection, account_id: int, now: datetime) -> tuple[OutboxItem, ...]:
    held = []
    for item in outbox.in_state(connection, account_id, State.PLANNED, *IN_FLIGHT):
        if item.due_at <= now:
            change = outbox.prove if item.state is State.PLANNED else outbox.move
            moved = change(connection, item, State.HELD, outcome=OUT_OF_REACH)
            if moved is not None:
                held.append(moved)
    return tuple(held)
