"""Find out what became of an unknown post: read our own timeline, and never guess.

Found: posted. Absent from a complete reading that began after the quarantine: held for a person, or planned again
where a doubt is preferred to a delay. Everything else waits for the next reading.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from reinforce.accounts.base import Account, AccountError, BadCredentials, RemotePost, Throttled
from reinforce.clock import Clock
from reinforce.domain.accounts.account import AccountRecord, AccountState
from reinforce.domain.sending.kill_points import Checkpoint, KillPoint, unwatched
from reinforce.domain.sending.outbox import Attempt, AttemptOutcome, Noted, OutboxItem, State, unnoted
from reinforce.domain.sending.send_policy import SendPolicy
from reinforce.domain.sending.timeline import Seen, Sent, likeness, same_post
from reinforce.store.accounts import accounts
from reinforce.store.operating import audit
from reinforce.store.sending import attempts, outbox
from reinforce.store.session import Database

# A quarantine is spread over about this many readings: each costs money, and most posts show in the first.
READINGS = 10
# So many posts of the timeline are shown to the person who is to decide.
CANDIDATES = 3


class Reconciled(StrEnum):
    """What became of an unknown post. WAITING: not known yet."""

    NOTHING = "nothing"
    WAITING = "waiting"
    POSTED = "posted"
    HELD = "held"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class ReconcileOutcome:
    """`item` as it stands now; `reason` in words for a person."""

    kind: Reconciled
    item: OutboxItem | None = None
    reason: str = ""


@dataclass(slots=True)
class _Watch:
    since: float
    next_reading: float


@dataclass(slots=True)
class Quarantine:
    """How long each unknown post has been watched by this process, in monotonic time.

    Kept in memory on purpose: it restarts with the process, so neither a clock that was set nor a machine that slept
    can shorten it.
    """

    _watches: dict[tuple[int, int], _Watch] = field(default_factory=dict)

    def due(self, item: OutboxItem, monotonic: float) -> bool:
        """True if the timeline may be read again for `item`. The first call starts its quarantine."""
        watch = self._watches.setdefault((item.id, item.fence), _Watch(monotonic, monotonic))
        return monotonic >= watch.next_reading

    def age(self, item: OutboxItem, monotonic: float) -> float:
        """Seconds since this process first saw `item` unknown."""
        return monotonic - self._watches[(item.id, item.fence)].since

    def wait(self, item: OutboxItem, until: float) -> None:
        """Read no more for `item` before `until` (monotonic)."""
        self._watches[(item.id, item.fence)].next_reading = until

    def forget(self, item: OutboxItem) -> None:
        """`item` is not unknown any more."""
        self._watches.pop((item.id, item.fence), None)


def reconcile(  # noqa: PLR0913 - the last two are for onlookers
    database: Database,
    record: AccountRecord,
    account: Account,
    policy: SendPolicy,
    quarantine: Quarantine,
    clock: Clock,
    *,
    checkpoint: Checkpoint = unwatched,
    note: Noted = unnoted,
) -> ReconcileOutcome:
    """Look after the account's unknown post, of which there is one at most; `note` is told which.

    Works while the account is halted or paused too. Never raises what the account raises: an account that can't be
    read is read again later.
    """
    with database.read() as connection:
        unknown = outbox.in_state(connection, record.id, State.UNKNOWN)
        if not unknown:
            return ReconcileOutcome(Reconciled.NOTHING)
        item = unknown[0]
        note(item)
        tried = attempts.attempts(connection, item.id)
        taken = outbox.remote_ids(connection, record.id)
    if not quarantine.due(item, clock.monotonic()):
        return ReconcileOutcome(Reconciled.WAITING, item, "the timeline was read just now")
    # The age is taken before the reading: a post that becomes visible while we read must not count as absent.
    age = quarantine.age(item, clock.monotonic())
    try:
        reading = account.own_posts(since_id=_known_before(tried))
    except AccountError as error:
        return _unreadable(database, record, item, error, policy, quarantine, clock)
    checkpoint(KillPoint.RECONCILING)
    found = _ours(item, reading.posts, taken)
    if found is not None:
        outcome = _posted(database, item, found, clock)
    elif not reading.complete:
        outcome = ReconcileOutcome(Reconciled.WAITING, item, "the timeline could not be read to its end")
    elif age < policy.quarantine:
        outcome = ReconcileOutcome(Reconciled.WAITING, item, "it may still show on the timeline")
    else:
        outcome = _absent(database, item, _alike(item, reading.posts, taken), policy, clock)
    if outcome.kind is Reconciled.WAITING:
        quarantine.wait(item, clock.monotonic() + policy.quarantine / READINGS)
    else:
        quarantine.forget(item)
    return outcome


def _known_before(tried: Iterable[Attempt]) -> int | None:
    """The newest post of ours before the first attempt. A held post that was sent again has later attempts, but the
    first one's post may be what is up."""
    known = [attempt.since_id for attempt in tried]
    return None if not known or None in known else min(number for number in known if number is not None)


def _ours(item: OutboxItem, posts: Iterable[RemotePost], taken: frozenset[int]) -> RemotePost | None:
    sent = Sent(item.text, item.reply_to, None if item.poll is None else item.poll["options"])
    matching = [post for post in posts if post.id not in taken and same_post(sent, _seen(post))]
    return min(matching, key=lambda post: post.id, default=None)


def _alike(item: OutboxItem, posts: Iterable[RemotePost], taken: frozenset[int]) -> list[dict[str, str]]:
    """What stands on the timeline and belongs to no other row, the likest first: X may have changed the text in a way
    that we don't know, and a person can see that."""
    strange = [post for post in posts if post.id not in taken]
    strange.sort(key=lambda post: (-likeness(item.text, post.text), post.id))
    return [
        {"remote_id": str(post.id), "text": post.text, "at": post.created_at.isoformat(timespec="seconds")}
        for post in strange[:CANDIDATES]
    ]


def _seen(post: RemotePost) -> Seen:
    options = None if post.poll is None else [option for option, _votes in post.poll]
    return Seen(post.text, post.links, post.in_reply_to, options)


def _posted(database: Database, item: OutboxItem, found: RemotePost, clock: Clock) -> ReconcileOutcome:
    words = "found on the timeline"
    with database.write() as connection:
        moved = outbox.move(
            connection, item, State.POSTED, remote_id=found.id, posted_at=found.created_at, outcome=words
        )
        if moved is None:
            return ReconcileOutcome(Reconciled.NOTHING, item, "another process has settled it")
        attempts.close_open(connection, item.id, AttemptOutcome.POSTED, words)
        audit.record(connection, "daemon", "post.posted", f"outbox/{item.id}", {"found": True}, clock.now())
    return ReconcileOutcome(Reconciled.POSTED, moved, words)


def _absent(
    database: Database, item: OutboxItem, alike: list[dict[str, str]], policy: SendPolicy, clock: Clock
) -> ReconcileOutcome:
    again = policy.doubt == "resend" and item.rounds < policy.rounds
    with database.write() as connection:
        if again:
            reason = f"not on the timeline: sent again, time {item.rounds + 1} of {policy.rounds}"
            moved = outbox.move(
                connection, item, State.PLANNED, rounds=item.rounds + 1, not_before=None, outcome=reason
            )
        else:
            reason = "not on the timeline: look for it yourself, then run `reinforce settle`"
            decision = {**item.decision, "alike": alike}
            moved = outbox.move(connection, item, State.HELD, outcome=reason, decision=decision)
        if moved is None:
            return ReconcileOutcome(Reconciled.NOTHING, item, "another process has settled it")
        attempts.close_open(connection, item.id, AttemptOutcome.UNKNOWN, reason)
        detail = {"round": moved.rounds}
        audit.record(connection, "daemon", f"post.{moved.state.value}", f"outbox/{item.id}", detail, clock.now())
    return ReconcileOutcome(Reconciled.PLANNED if again else Reconciled.HELD, moved, reason)


def _unreadable(
    database: Database,
    record: AccountRecord,
    item: OutboxItem,
    error: AccountError,
    policy: SendPolicy,
    quarantine: Quarantine,
    clock: Clock,
) -> ReconcileOutcome:
    """Nothing is known that was not known before; say so, and don't hammer."""
    wait = policy.quarantine / READINGS
    if isinstance(error, Throttled):
        wait = max(wait, (error.until - clock.wall()).total_seconds())
    quarantine.wait(item, clock.monotonic() + wait)
    if isinstance(error, BadCredentials) and not error.transient and record.state is AccountState.ACTIVE:
        with database.write() as connection:
            accounts.pause_account(connection, record.id, error.words)
            audit.record(connection, "daemon", "account.pause", f"account/{record.id}", {}, clock.now())
    return ReconcileOutcome(Reconciled.WAITING, item, f"the timeline can't be read: {error}")
