"""Which questions of ours somebody could still answer at a time: for what was written under another post."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from reinforce.domain.listening.inbound import Inbound, OurPost
from reinforce.domain.nugget import Form
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.listening import inbox
from reinforce.store.quizzing import rounds
from reinforce.store.revising import recalls

_i, _o = t.inbound.c, t.outbox.c
_FORMS = (Form.QUESTION.value, Form.POLL.value)
# The window of a question whose plan did not write one down, as in store/planning/event_log.py.
_DEFAULT_WINDOW = timedelta(hours=30)
# No window is longer (content/schedule_file.py).
_LONGEST = timedelta(days=7)


def open_to(connection: Connection, post: Inbound) -> tuple[OurPost, ...]:
    """The account's questions that were out, not closed and not revealed when `post` was written, and that its author
    has not answered yet, the oldest first; and the one that a quiz the author plays in had open."""
    at = post.created_at
    answered = select(_i.outbox_id).where(
        _i.author_remote_id == post.author_remote_id, _i.right.is_not(None), _i.id != post.id
    )
    query = (
        select(_o.id, _o.posted_at, _o.decision["closes_at"].as_string().label("closes_at"))
        .where(_o.account_id == post.account_id, _o.state == State.POSTED.value, _o.form.in_(_FORMS))
        .where(_o.posted_at <= at, _o.posted_at > at - _LONGEST, _o.id.not_in(answered))
        .where(~recalls.is_taken_off(_o.id))
        .order_by(_o.posted_at, _o.id)
    )
    found = []
    for row in connection.execute(query):
        closes = row.posted_at + _DEFAULT_WINDOW if row.closes_at is None else datetime.fromisoformat(row.closes_at)
        ours = inbox.post_by_row(connection, post.account_id, row.id) if at < closes else None
        if ours is not None and ours.asks and (ours.revealed_at is None or at < ours.revealed_at):
            found.append(ours)
    asked = rounds.open_question(connection, post.account_id, post.author_remote_id, at)
    quizzed = None if asked is None else inbox.post_by_row(connection, post.account_id, asked)
    return (*found, *([] if quizzed is None else [quizzed]))
