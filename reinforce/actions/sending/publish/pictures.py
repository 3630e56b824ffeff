"""Hand a post's pictures to X before its attempt: an upload that no post shows is harmless, so it may be repeated.

It happens between claim and attempt. If it takes longer than the send guard allows, the post is given back; what was
handed over is remembered, so that the next claim goes on from there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.accounts.base import AccountError, UnknownOutcome
from reinforce.actions.sending.publish.call import answer_of
from reinforce.actions.sending.publish.terms import KINDS, TAKEN_OVER, Claimed, Published, PublishOutcome, Sending
from reinforce.domain.errors import NotFound
from reinforce.domain.sending.answers import Answer, AnswerKind, Settlement, settle
from reinforce.domain.sending.breaker import jitter
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.domain.sending.send_guard import Ruling, judge
from reinforce.store.accounts import accounts
from reinforce.store.operating import audit
from reinforce.store.sending import circumstances, outbox, pictures
from reinforce.store.session import database_now

# The total deadline of an upload of 5 MB, in machine seconds: what a slow line takes.
UPLOAD_SECONDS = 60.0
# X keeps an upload for a day; where it does not say so, for less.
USUALLY_GOOD_FOR = 3_600.0
# The post that is about to show it needs some time yet.
KEPT_BACK = 300.0
# A post whose pictures can't be handed over is not tried for ever: it would keep the account's other posts waiting.
MOST_CLAIMS = 12


def hand_over(sending: Sending, claimed: Claimed) -> tuple[int, ...] | PublishOutcome:
    """X's ids of the post's pictures, in order; what became of the post where they could not be handed over."""
    item = claimed.item
    if not item.media:
        return ()
    means = sending.means
    with means.database.read() as connection:
        if not _may_go(sending, connection, item):
            return ()  # the last look will say so, and nothing of it leaves this house before
        known = pictures.handed_over(connection, item.id, means.clock.wall())
    try:
        for position, picture in enumerate(item.media):
            if position not in known:
                known[position] = _upload(sending, item, position, picture["hash"], picture["alt"])
    except (AccountError, NotFound) as error:
        return _not_handed_over(sending, item, error)
    return tuple(known[position] for position in range(len(item.media)))


def _may_go(sending: Sending, connection: Connection, item: OutboxItem) -> bool:
    now = sending.means.clock.now()
    around = circumstances.around(connection, item, now, sending.means.names)
    verdict = judge(item, sending.record, around.circumstances, sending.policy.read_within, now)
    return verdict.ruling is Ruling.GO


def _upload(sending: Sending, item: OutboxItem, position: int, known_by: str, alt: str) -> int:
    means = sending.means
    with means.database.read() as connection:
        content = pictures.content(connection, known_by)
    uploaded = sending.account.upload(content, timeout=UPLOAD_SECONDS)
    # Described before it is remembered: one that was not described would be posted without its words.
    sending.account.describe(uploaded.media_id, alt)
    seconds = (USUALLY_GOOD_FOR if uploaded.good_for is None else uploaded.good_for) - KEPT_BACK
    good_until = means.clock.wall() + timedelta(seconds=seconds)
    with means.database.write() as connection:
        pictures.note_handed_over(connection, item.id, position, uploaded.media_id, good_until)
    return uploaded.media_id


def _not_handed_over(sending: Sending, item: OutboxItem, error: AccountError | NotFound) -> PublishOutcome:
    """Give the claim back, or end it: nothing was posted."""
    now = sending.means.clock.now()
    with sending.means.database.write() as connection:
        wait = timedelta(seconds=sending.policy.backoff_after(item.fence) * jitter(f"{item.id}/{item.fence}"))
        settled = _settled(item, error, now, database_now(connection) + wait)
        moved = outbox.move(connection, item, settled.to, **settled.changes)
        if moved is None:
            return PublishOutcome(Published.LOST, item, TAKEN_OVER)
        if settled.pause:
            accounts.pause_account(connection, item.account_id, settled.words, settled.pause_until)
            audit.record(connection, "daemon", "account.pause", f"account/{item.account_id}", {}, now)
        if moved.state is not State.PLANNED:
            audit.record(connection, "daemon", f"post.{moved.state.value}", f"outbox/{item.id}", {}, now)
    return PublishOutcome(KINDS[moved.state], moved, settled.words)


def _settled(item: OutboxItem, error: AccountError | NotFound, now: datetime, retry_at: datetime) -> Settlement:
    if isinstance(error, NotFound):
        answer = Answer(AnswerKind.REFUSED, f"{error.message}: {error.advice}")
    elif isinstance(error, UnknownOutcome):
        # Whether it was taken or not, it can be handed over again.
        answer = Answer(AnswerKind.NOT_SENT, str(error))
    else:
        answer = answer_of(error)
    if answer.kind is AnswerKind.NOT_SENT and item.fence >= MOST_CLAIMS:
        words = f"its pictures could not be handed over in {item.fence} tries: {answer.words}"
        answer = Answer(AnswerKind.REFUSED, words)
    return settle(item, answer, tried_before=False, next_wording=None, now=now, retry_at=retry_at)
