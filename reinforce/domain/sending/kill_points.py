"""The points at which a process may die, named so that a test (or a person on the tour page) can make it die there.

An action takes a `Checkpoint` and calls it with the point it has reached. In production nothing listens.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class KillPoint(StrEnum):
    """The steps of a send, of a plan and of a reading between which a crash could do harm."""

    BEFORE_CLAIM_COMMIT = "before-claim-commit"
    AFTER_CLAIM_COMMIT = "after-claim-commit"
    BEFORE_ATTEMPT_COMMIT = "before-attempt-commit"
    AFTER_ATTEMPT_COMMIT = "after-attempt-commit"
    REQUEST_SENT = "request-sent"
    RESPONSE_READ = "response-read"
    AFTER_OUTCOME_COMMIT = "after-outcome-commit"
    RECONCILING = "reconciling"
    BEFORE_PLAN_COMMIT = "before-plan-commit"
    AFTER_PLAN_COMMIT = "after-plan-commit"
    INBOX_READ = "inbox-read"


Checkpoint = Callable[[str], None]


def unwatched(_point: str) -> None:
    """The checkpoint of production: nothing happens."""
