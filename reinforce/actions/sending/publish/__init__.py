"""Send the next due post of an account, exactly once.

choose |> claim |> hand over its pictures |> commit the attempt |> call |> commit the outcome: each step is one short
transaction, the account is called outside of all of them, and whoever dies anywhere leaves rows from which `recover`
and `reconcile` go on (docs/explanation/exactly-once.md).
"""

from __future__ import annotations

from reinforce.accounts.base import Account
from reinforce.actions.sending.publish.call import call
from reinforce.actions.sending.publish.choose import choose
from reinforce.actions.sending.publish.intent import claim, commit_attempt
from reinforce.actions.sending.publish.outcome import commit_outcome
from reinforce.actions.sending.publish.pictures import hand_over
from reinforce.actions.sending.publish.terms import Ahead, Means, Published, PublishOutcome, Sending
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.sending.send_policy import SendPolicy

__all__ = ["Ahead", "Means", "PublishOutcome", "Published", "publish_next"]


def publish_next(
    means: Means, record: AccountRecord, account: Account, policy: SendPolicy, ahead: Ahead | None = None
) -> PublishOutcome:
    """Send the oldest post of the account that is due and may go out.

    `ahead` keeps what one look found for the next calls with it: pass the same one for as long as a tick.

    Raises what the database raises; never what the account raises, which becomes the outcome. Several threads may
    send, each for an account of its own.
    """
    sending = Sending(record, account, policy, means)
    chosen, let_go = choose(sending, ahead)
    claimed = None if chosen is None else claim(sending, chosen)
    if claimed is None:
        return PublishOutcome(Published.NOTHING, let_go=let_go)
    means.note(claimed.item)
    handed_over = hand_over(sending, claimed)
    if isinstance(handed_over, PublishOutcome):
        return handed_over
    attempted = commit_attempt(sending, claimed)
    if isinstance(attempted, PublishOutcome):
        return attempted
    return commit_outcome(sending, attempted, call(sending, attempted, handed_over))
