"""What became of posts, in the log: every line that is about one carries its number, its account and its cohort."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from reinforce.actions.planning.plan import PlanOutcome
from reinforce.actions.planning.reveal import RevealOutcome
from reinforce.actions.sending.prove import ProveOutcome
from reinforce.actions.sending.publish import Published, PublishOutcome
from reinforce.actions.sending.reconcile import Reconciled, ReconcileOutcome
from reinforce.actions.sending.recover import RecoverOutcome
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.store.operating import audit
from reinforce.telemetry import about, get_logger

log = get_logger("daemon")

# What a person should look at.
_DOUBTFUL = frozenset({State.UNKNOWN, State.HELD, State.REFUSED})


def take_up(item: OutboxItem) -> None:
    """From now on, and until the step ends, every line is about this post: a library's too, and the step's failure."""
    about(outbox=item.id, account=item.account_id, cohort=item.cohort_id)


def published(outcome: PublishOutcome) -> None:
    """Say what became of a post that was due, and of those that were let go."""
    for item in outcome.let_go:
        _say(item, item.outcome)
    if outcome.kind is Published.LOST and outcome.item is not None:
        log.info("post left to another process", **_fields(outcome.item), reason=outcome.reason)
    elif outcome.item is not None:
        _say(outcome.item, outcome.reason)


def reconciled(outcome: ReconcileOutcome) -> None:
    """Say what became of a post of which nothing was known; while that lasts, nothing is said."""
    if outcome.item is not None and outcome.kind not in (Reconciled.NOTHING, Reconciled.WAITING):
        _say(outcome.item, outcome.reason)


def recovered(outcome: RecoverOutcome) -> None:
    """Say which posts were taken over from a process that died."""
    _say_all((*outcome.released, *outcome.unknown), "its process died")


def proven(outcome: ProveOutcome) -> None:
    """Say which posts were found, or could not be, on an account that was restored from a backup."""
    _say_all((*outcome.found, *outcome.adopted, *outcome.held), "looked for after a restore")


def planned(outcome: PlanOutcome) -> None:
    """Say what was planned for a slot."""
    if outcome.item is not None:
        _say(outcome.item)


def told(planned: Iterable[OutboxItem], let_go: Iterable[str]) -> None:
    """Say what was planned that has no slot (an update, an event, news), and why something was not."""
    _say_all(planned)
    for reason in let_go:
        log.info("post is not planned", reason=reason)


def revealed(outcome: RevealOutcome) -> None:
    """Say which reveals were planned."""
    _say_all(outcome.planned)


def note_head(connection: Connection) -> None:
    """Say where the audit log ends: logs are often kept elsewhere, and `reinforce audit verify --noted` asks for it."""
    log.info("audit log", head=str(audit.head(connection)))


def _say_all(items: Iterable[OutboxItem], reason: str = "") -> None:
    for item in items:
        _say(item, reason)


def _say(item: OutboxItem, reason: str = "") -> None:
    # Why a post was chosen stands in the database and may speak of answers; the log says what became of it.
    tell = log.warning if item.state in _DOUBTFUL else log.info
    more = {"reason": reason} if reason else {}
    tell(f"post is {item.state.value}", **_fields(item), form=item.form, **more)


def _fields(item: OutboxItem) -> dict[str, int | None]:
    return {"outbox": item.id, "account": item.account_id, "cohort": item.cohort_id}
