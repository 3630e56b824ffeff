"""Send the next due post of an account, exactly once.

claim |> guard |> commit the attempt |> call |> commit the outcome: each step is one short transaction, the account is
called outside of all of them, and whoever dies anywhere leaves rows from which `recover` and `reconcile` go on
(docs/explanation/exactly-once.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from reinforce.accounts.base import (
    Account,
    AccountError,
    BadCredentials,
    Draft,
    Heard,
    NotSent,
    OutOfCredit,
    Poll,
    RefusalKind,
    Refused,
    Throttled,
)
from reinforce.clock import Clock
from reinforce.domain.accounts.account import AccountRecord, AccountState
from reinforce.domain.sending.allowance import month_ends
from reinforce.domain.sending.answers import Answer, AnswerKind, Settlement, settle
from reinforce.domain.sending.breaker import jitter
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.kill_points import Checkpoint, KillPoint, unwatched
from reinforce.domain.sending.outbox import Attempt, Noted, OutboxItem, State, unnoted
from reinforce.domain.sending.pacing import POSTING, said_windows, without_a_word, worth_keeping
from reinforce.domain.sending.send_guard import Circumstances, Ruling, Verdict, judge
from reinforce.domain.sending.send_policy import SendPolicy
from reinforce.store.accounts import accounts
from reinforce.store.operating import audit
from reinforce.store.sending import attempts, circumstances, governor, outbox
from reinforce.store.sending.governor import Standing
from reinforce.store.sending.known_names import KnownNames
from reinforce.store.sending.permission import permission, unaffordable
from reinforce.store.session import Database, database_now

# The outcome is worth more than one try at a busy database: what is not written down has to be read back from X.
OUTCOME_TRIES = 3
# Beyond so many due posts of one account the most valuable are no longer looked for.
MOST_WEIGHED = 200
HELD_UP = "this process was held up for longer than the send guard allows: nothing was sent"
TAKEN_OVER = "another process has taken it over"


class Published(StrEnum):
    """What became of the post that was taken up. POSTPONED: it is planned again. LOST: another process has it."""

    NOTHING = "nothing"
    POSTED = "posted"
    POSTPONED = "postponed"
    REFUSED = "refused"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class PublishOutcome:
    """`item` as it stands now; `reason` in words for a person; `let_go`: posts that had become too late."""

    kind: Published
    item: OutboxItem | None = None
    reason: str = ""
    let_go: tuple[OutboxItem, ...] = ()

    @property
    def moved(self) -> bool:
        """True if it is worth asking for the next post at once."""
        return self.kind not in (Published.NOTHING, Published.POSTPONED)


@dataclass(frozen=True, slots=True)
class Means:
    """What a process sends with, whatever the account. `owner` names the process in leases; `note` is told which post
    is taken up, before anything is sent."""

    database: Database
    clock: Clock
    owner: str
    tariff: Tariff
    names: KnownNames = field(default_factory=KnownNames)
    checkpoint: Checkpoint = unwatched
    note: Noted = unnoted


def publish_next(means: Means, record: AccountRecord, account: Account, policy: SendPolicy) -> PublishOutcome:
    """Send the oldest post of the account that is due and may go out.

    Raises what the database raises; never what the account raises, which becomes the outcome. Several threads may
    send, each for an account of its own.
    """
    send = _Send(record, account, policy, means)
    chosen, let_go = send.look()
    claimed = None if chosen is None else send.claim(chosen)
    if claimed is None:
        return PublishOutcome(Published.NOTHING, let_go=let_go)
    means.note(claimed.item)
    attempted = send.commit_attempt(claimed)
    if isinstance(attempted, PublishOutcome):
        return attempted
    answer = send.call(attempted)
    return send.commit_outcome(attempted, answer)


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A leased post; `since` is the monotonic time just before the claim, from which the lease's age is counted."""

    item: OutboxItem
    since: float
    standing: Standing


@dataclass(frozen=True, slots=True)
class _Attempted:
    """A post on its way: its attempt is durable. `earlier` are the attempts before, oldest first."""

    item: OutboxItem
    since: float
    standing: Standing
    attempt: Attempt
    earlier: tuple[Attempt, ...]


_KINDS = {
    State.POSTED: Published.POSTED,
    State.PLANNED: Published.POSTPONED,
    State.REFUSED: Published.REFUSED,
    State.SKIPPED: Published.SKIPPED,
    State.UNKNOWN: Published.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class _Send:
    """One run through the steps."""

    record: AccountRecord
    account: Account
    policy: SendPolicy
    means: Means

    def look(self) -> tuple[OutboxItem | None, tuple[OutboxItem, ...]]:
        """What to send next, and what was let go: too late, overtaken, or given up for a budget.

        Looks without stopping any writer: most ticks find nothing, and looking for names takes its time.
        """
        now = self.means.clock.now()
        silent = self.record.why_silent(now)
        with self.means.database.read() as connection:
            reasons = circumstances.worth_nothing_more(connection, self.record.id, silent, now)
            chosen, given_up = (None, {}) if silent else self._choose(connection, frozenset(reasons), now)
        skipped = []
        for item, reason in (reasons | given_up).values():
            # One transaction each: the row and its cohort are locked for an instant only.
            with self.means.database.write() as connection:
                skipped.append(outbox.skip(connection, item, reason))
        return chosen, tuple(item for item in skipped if item is not None)

    def _choose(
        self, connection: Connection, gone: frozenset[int], now: datetime
    ) -> tuple[OutboxItem | None, dict[int, tuple[OutboxItem, str]]]:
        """The oldest due post that nothing keeps waiting, and what is given up because the budget won't do for it."""
        means = self.means
        may = permission(connection, self.record, means.tariff, now=now, wall=means.clock.wall())
        given_up: dict[int, tuple[OutboxItem, str]] = {}
        if may.posts:
            return None, given_up
        # Nearly always the first one may go: no more are read than it takes. A budget has to see them all.
        for limit in (MOST_WEIGHED,) if may.allowance.monthly else (1, 20):
            due = outbox.due(connection, self.record.id, now, limit=limit, to_people=not may.replies)
            due = tuple(item for item in due if item.id not in gone)
            if may.allowance.monthly:
                dear = unaffordable(connection, self.record, may.allowance, means.tariff, due, now)
                gone |= {one.item.id for one in dear}
                # What may still go out next month waits for it.
                ended = (one for one in dear if one.item.grace_until < month_ends(now))
                given_up = {one.item.id: (one.item, one.reason) for one in ended}
            for item in due:
                if item.id in gone or may.why_not(item):
                    continue
                verdict, _ = self._judge(connection, item, self.record, now)
                if verdict.ruling is not Ruling.WAIT:
                    return item, given_up
        return None, given_up

    def claim(self, chosen: OutboxItem) -> _Claimed | None:
        """Take it, unless somebody else was first or something changed."""
        since = self.means.clock.monotonic()
        with self.means.database.write() as connection:
            item, breaker = self._claim(connection, chosen)
            self.means.checkpoint(KillPoint.BEFORE_CLAIM_COMMIT)
        if item is None:
            return None
        self.means.checkpoint(KillPoint.AFTER_CLAIM_COMMIT)
        return _Claimed(item, since, breaker)

    def _claim(self, connection: Connection, chosen: OutboxItem) -> tuple[OutboxItem | None, Standing]:
        now, wall = self.means.clock.now(), self.means.clock.wall()
        record = accounts.account_by_id(connection, self.record.id, lock=True)
        # Once more, now that nobody else can send for this account: money that is left can be spent once.
        may = permission(connection, record, self.means.tariff, now=now, wall=wall)
        if record.why_silent(now) or may.why_wait(chosen):
            return None, may.standing
        machine_now = database_now(connection)
        if record.state is AccountState.PAUSED:
            accounts.resume_account(connection, record.id)  # it was paused until a time that has come
        there = outbox.still_due(connection, chosen, now, machine_now)
        lease, owner = timedelta(seconds=self.policy.lease), self.means.owner
        claimed = there and outbox.claim(connection, there, owner, lease, machine_now)
        trying = may.standing.breaker.trying(wall)
        if claimed is not None and trying is not may.standing.breaker:
            governor.keep_breaker(connection, record.id, trying)
        return claimed, replace(may.standing, breaker=trying)

    def commit_attempt(self, claimed: _Claimed) -> _Attempted | PublishOutcome:
        """Look at everything once more and make the attempt durable, in one transaction: a halt, a pause or a stop
        that was committed before it holds."""
        with self.means.database.write() as connection:
            now = self.means.clock.now()
            circumstances.lock(connection, claimed.item)
            record = accounts.account_by_id(connection, self.record.id, lock=True)
            verdict, facts = self._judge(connection, claimed.item, record, now)
            if self._lease_too_old(claimed.since):
                verdict = Verdict(Ruling.WAIT, HELD_UP)
            if verdict.ruling is not Ruling.GO:
                return self._give_up(connection, claimed.item, verdict, now)
            attempted = self._begin(connection, claimed, facts)
            if attempted is None:
                return PublishOutcome(Published.LOST, claimed.item, TAKEN_OVER)
            self.means.checkpoint(KillPoint.BEFORE_ATTEMPT_COMMIT)
        self.means.checkpoint(KillPoint.AFTER_ATTEMPT_COMMIT)
        return attempted

    def _judge(
        self, connection: Connection, item: OutboxItem, record: AccountRecord, now: datetime
    ) -> tuple[Verdict, Circumstances]:
        facts = circumstances.around(connection, item, now, self.means.names)
        return judge(item, record, facts, self.policy.read_within, now), facts

    def _begin(self, connection: Connection, claimed: _Claimed, facts: Circumstances) -> _Attempted | None:
        changes = {} if facts.parent is None else {"reply_to": facts.parent.remote_id}
        sending = outbox.move(connection, claimed.item, State.SENDING, **changes)
        if sending is None:
            return None
        # The fence counts claims: one that is claimed for the first time was never tried.
        earlier = attempts.attempts(connection, sending.id) if sending.fence > 1 else ()
        started = database_now(connection)
        policy = self.policy
        attempt = attempts.begin(
            connection,
            sending,
            earlier,
            since_id=accounts.newest_known_post(connection, self.record.id),
            started_at=started,
            deadline_at=started + timedelta(seconds=policy.guard + policy.pause + policy.deadline),
        )
        return _Attempted(sending, claimed.since, claimed.standing, attempt, earlier)

    def _give_up(self, connection: Connection, item: OutboxItem, verdict: Verdict, now: datetime) -> PublishOutcome:
        """End a claim before anything was sent."""
        if verdict.ruling is Ruling.SKIP:
            moved = outbox.skip(connection, item, verdict.reason)
        elif verdict.ruling is Ruling.REFUSE:
            moved = outbox.move(connection, item, State.REFUSED, outcome=verdict.reason)
        else:
            moved = outbox.release(connection, item)
        if verdict.ruling is Ruling.PAUSE:
            accounts.pause_account(connection, item.account_id, verdict.reason)
            audit.record(connection, "daemon", "account.pause", f"account/{item.account_id}", {}, now)
        if moved is None:
            return PublishOutcome(Published.LOST, item, TAKEN_OVER)
        if moved.state is not State.PLANNED:
            audit.record(connection, "daemon", f"post.{moved.state.value}", f"outbox/{item.id}", {}, now)
        return PublishOutcome(_KINDS[moved.state], moved, verdict.reason)

    def _lease_too_old(self, since: float) -> bool:
        return self.means.clock.monotonic() - since > self.policy.guard

    def call(self, attempted: _Attempted) -> Answer:
        """The account's answer, or why there is none. The one place from which a post leaves."""
        item = attempted.item
        poll = None if item.poll is None else Poll(tuple(item.poll["options"]), item.poll["minutes"])
        draft = Draft(item.text, item.reply_to, poll)
        if self._lease_too_old(attempted.since):
            return Answer(AnswerKind.NOT_SENT, HELD_UP)
        try:
            answer = Answer(AnswerKind.POSTED, remote_id=self.account.post(draft, timeout=self.policy.deadline))
        except AccountError as error:
            answer = _answer_of(error)
        except Exception as error:
            # A bug on the way, before or after the first byte: nobody can tell. Its words might hold a secret.
            answer = Answer(AnswerKind.UNKNOWN, f"unexpected {type(error).__name__}")
        self.means.checkpoint(KillPoint.RESPONSE_READ)
        return answer

    def commit_outcome(self, attempted: _Attempted, answer: Answer) -> PublishOutcome:
        """Write down what the answer means. Whatever happens here, nothing is sent again."""
        heard = self.account.heard()
        for last_try in (False,) * (OUTCOME_TRIES - 1) + (True,):
            try:
                with self.means.database.write() as connection:
                    outcome = self._commit_outcome(connection, attempted, answer, heard)
                break
            except OperationalError:  # a deadlock, a lock that took too long, a server that restarts
                if last_try:
                    raise
        self.means.checkpoint(KillPoint.AFTER_OUTCOME_COMMIT)
        return outcome

    def _commit_outcome(
        self, connection: Connection, attempted: _Attempted, answer: Answer, heard: Heard
    ) -> PublishOutcome:
        now, machine_now = self.means.clock.now(), database_now(connection)
        self._govern(connection, attempted, answer, heard)
        settled = self._settle(connection, attempted, answer, machine_now)
        moved = outbox.move(connection, attempted.item, settled.to, **settled.changes)
        if moved is None and settled.to is State.POSTED:
            moved = self._posted_all_the_same(connection, attempted.item, settled)
        attempts.finish(connection, attempted.attempt.id, settled.attempt, settled.words, machine_now)
        if moved is None:
            return PublishOutcome(Published.LOST, attempted.item, TAKEN_OVER)
        if settled.pause:
            accounts.pause_account(connection, moved.account_id, settled.words, settled.pause_until)
            audit.record(connection, "daemon", "account.pause", f"account/{moved.account_id}", {}, now)
        detail = {"attempt": attempted.attempt.n, "outcome": settled.attempt.value}
        audit.record(connection, "daemon", f"post.{moved.state.value}", f"outbox/{moved.id}", detail, now)
        return PublishOutcome(_KINDS[moved.state], moved, settled.words)

    def _govern(self, connection: Connection, attempted: _Attempted, answer: Answer, heard: Heard) -> None:
        """Remember what is left of X's limits, and whether the service works."""
        clock, limits, before = self.means.clock, self.means.tariff.limits, attempted.standing
        wall = clock.wall()
        windows = said_windows(heard.limits, heard.daily, limits, wall)
        if POSTING not in windows and answer.kind is not AnswerKind.NOT_SENT:
            # X said nothing: by the list, there is one less.
            windows |= without_a_word(before.windows.get(POSTING), limits.get(POSTING), wall)
        windows = {name: one for name, one in windows.items() if worth_keeping(name, one, before.windows.get(name))}
        governor.keep(connection, self.record.id, windows, heard.posts_read, clock.now())
        if answer.words != HELD_UP:
            failed = answer.kind in (AnswerKind.UNKNOWN, AnswerKind.NOT_SENT)
            seed = f"{attempted.item.id}/{attempted.attempt.n}"
            after = before.breaker.after(failed, wall, seed, self.policy.rest, self.policy.rest_limit)
            if after != before.breaker:
                governor.keep_breaker(connection, self.record.id, after)

    @staticmethod
    def _posted_all_the_same(connection: Connection, item: OutboxItem, settled: Settlement) -> OutboxItem | None:
        """The lease ran out while the answer came. The answer is evidence, as good as finding it on the timeline."""
        there = outbox.item(connection, item.id)
        if there.fence != item.fence or there.state not in (State.UNKNOWN, State.HELD):
            return None
        return outbox.move(connection, there, State.POSTED, **settled.changes)

    def _settle(
        self, connection: Connection, attempted: _Attempted, answer: Answer, machine_now: datetime
    ) -> Settlement:
        item, n, now = attempted.item, attempted.attempt.n, self.means.clock.now()
        taken_since = now - outbox.REPEAT_AFTER
        free = (
            position
            for position, other in enumerate(item.alternatives)
            if not outbox.text_taken(connection, item.account_id, other["text_hash"], taken_since)
        )
        return settle(
            item,
            answer,
            tried_before=any(one.text_hash == attempted.attempt.text_hash for one in attempted.earlier),
            next_wording=next(free, None),
            now=now,
            retry_at=machine_now + timedelta(seconds=self.policy.backoff_after(n) * jitter(f"{item.id}/{n}")),
        )


def _answer_of(error: AccountError) -> Answer:
    match error:
        case NotSent():
            return Answer(AnswerKind.NOT_SENT, str(error))
        case Throttled():
            return Answer(AnswerKind.THROTTLED, str(error), until=error.until)
        case BadCredentials():
            return Answer(AnswerKind.CLOCK if error.transient else AnswerKind.CREDENTIALS, error.words)
        case OutOfCredit():
            return Answer(AnswerKind.NO_CREDIT, f"out of credit: {error}")
        case Refused():
            duplicate = error.kind is RefusalKind.DUPLICATE
            return Answer(AnswerKind.DUPLICATE if duplicate else AnswerKind.REFUSED, f"{error.kind}: {error.words}")
    return Answer(AnswerKind.UNKNOWN, str(error))
