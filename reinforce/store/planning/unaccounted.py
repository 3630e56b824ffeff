"""Posts of ours that stand on the timeline and have no row: what a backup lost is put on record again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from reinforce.domain.post_forms import FOUND
from reinforce.domain.sending.adoption import LostPost, Opening, adopt
from reinforce.domain.sending.outbox import OutboxItem, Planned, State, reply_occurrence, reveal_occurrence
from reinforce.domain.texts.wording import text_hash
from reinforce.store import tables as t
from reinforce.store.planning import decisions
from reinforce.store.sending import outbox

MAY_BE = "Skipped: post {post} may have been this slot's; it went out after the backup that was put back."
IN_OTHER_WORDS = "post {post} stands on the timeline since this one was due: look, then run `reinforce settle`"


@dataclass(frozen=True, slots=True)
class Accounted:
    """`adopted` posts have a row now; `held` rows wait for a person; `blocked` slots (occurrences) stay empty."""

    adopted: tuple[OutboxItem, ...] = ()
    held: tuple[OutboxItem, ...] = ()
    blocked: tuple[str, ...] = ()


def account_for(
    connection: Connection,
    account_id: int,
    posts: Mapping[int, LostPost],
    slots: Iterable[Opening],
    now: datetime,
) -> Accounted:
    """Put `posts` (by their id on X) on record: in the slots they fill, under the questions they answer, else alone.

    `slots` are those that nothing was decided for. A row that waits for a slot which such a post fills is held: it may
    have gone out in other words. `now` is programme time. Only while the account is unproven.
    """
    rows = {item.id: item for item in outbox.in_state(connection, account_id, State.PLANNED)}
    waiting = [_opening(item) for item in rows.values() if item.due_at <= now and item.occurrence.startswith("slot/")]
    own = {key: post for key, post in posts.items() if post.reply_to is None}
    adoption = adopt({key: post.made_at for key, post in own.items()}, [*slots, *waiting])
    suspects = {opening.row_id: key for key, opening in adoption.fills.items()}
    suspects |= {opening.row_id: key for opening, key in adoption.doubtful}
    held = tuple(_hold(connection, rows[row], key) for row, key in suspects.items() if row is not None)
    adopted = []
    for key, post in posts.items():
        opening = adoption.fills.get(key)
        if opening is None or opening.row_id is None:  # else a person says which post the row is
            planned = _planned(connection, account_id, key, post, opening)
            adopted.append(outbox.adopt(connection, planned, key, post.made_at, now))
    doubtful = [(opening, MAY_BE.format(post=key)) for opening, key in adoption.doubtful if opening.row_id is None]
    return Accounted(
        tuple(one for one in adopted if one is not None),
        tuple(one for one in held if one is not None),
        tuple(block(connection, doubtful, now)),
    )


def block(connection: Connection, slots: Iterable[tuple[Opening, str]], now: datetime) -> Iterator[str]:
    """Put on record that slots stay empty, each with its reason; the occurrences that were still undecided."""
    for slot, reason in slots:
        if decisions.record_quiet(connection, slot.cohort_id, slot.occurrence, reason, {}, now):
            yield slot.occurrence


def _opening(item: OutboxItem) -> Opening:
    return Opening(item.occurrence, item.cohort_id or 0, item.due_at, item.grace_until, item.id)


def _hold(connection: Connection, item: OutboxItem, post: int) -> OutboxItem | None:
    return outbox.prove(connection, item, State.HELD, outcome=IN_OTHER_WORDS.format(post=post))


def _planned(connection: Connection, account_id: int, key: int, post: LostPost, slot: Opening | None) -> Planned:
    values: dict[str, Any] = {"occurrence": f"found/{key}", "form": FOUND}
    if slot is not None:
        values |= {"occurrence": slot.occurrence, "cohort_id": slot.cohort_id}
    elif post.reply_to is not None:
        values |= {"reply_to": post.reply_to, **_reply(connection, account_id, post.reply_to)}
    values |= {"due_at": post.made_at, "grace_until": post.made_at}
    return Planned(account_id=account_id, text=post.text, text_hash=text_hash(post.text), **values)


def _reply(connection: Connection, account_id: int, parent: int) -> dict[str, Any]:
    """What a reply of ours was: the reveal under a question, the answer to somebody, or neither."""
    o, i = t.outbox.c, t.inbound.c
    ours = select(o.id, o.cohort_id, o.nugget_id, o.question_id).where(
        o.account_id == account_id, o.remote_id == parent, o.form.in_(["question", "poll"])
    )
    question = connection.execute(ours).mappings().first()
    if question is not None:
        known = dict(question)
        asked = known.pop("id")
        return {**known, "occurrence": reveal_occurrence(asked), "form": "reveal", "reply_to_outbox_id": asked}
    theirs = select(i.id).where(i.account_id == account_id, i.remote_id == parent)
    answered = connection.execute(theirs).scalar()
    return {} if answered is None else {"occurrence": reply_occurrence(answered), "inbound_id": answered}
