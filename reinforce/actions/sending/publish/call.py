"""The call itself: the one place from which a post leaves, outside any transaction."""

from __future__ import annotations

from reinforce.accounts.base import (
    AccountError,
    BadCredentials,
    Draft,
    NotSent,
    OutOfCredit,
    Poll,
    RefusalKind,
    Refused,
    Throttled,
)
from reinforce.actions.sending.publish.terms import HELD_UP, Attempted, Sending
from reinforce.domain.sending.answers import Answer, AnswerKind
from reinforce.domain.sending.kill_points import KillPoint


def call(sending: Sending, attempted: Attempted, media_ids: tuple[int, ...] = ()) -> Answer:
    """The account's answer, or why there is none. `media_ids` are X's of the post's pictures."""
    item = attempted.item
    poll = None if item.poll is None else Poll(tuple(item.poll["options"]), item.poll["minutes"])
    draft = Draft(item.text, item.reply_to, poll, media_ids)
    if sending.lease_too_old(attempted.since):
        return Answer(AnswerKind.NOT_SENT, HELD_UP)
    try:
        remote_id = sending.account.post(draft, timeout=sending.policy.deadline)
        answer = Answer(AnswerKind.POSTED, remote_id=remote_id)
    except AccountError as error:
        answer = answer_of(error)
    except Exception as error:
        # A bug on the way, before or after the first byte: nobody can tell. Its words might hold a secret.
        answer = Answer(AnswerKind.UNKNOWN, f"unexpected {type(error).__name__}")
    sending.means.checkpoint(KillPoint.RESPONSE_READ)
    return answer


def answer_of(error: AccountError) -> Answer:
    """What an error of the account's says of the call."""
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
