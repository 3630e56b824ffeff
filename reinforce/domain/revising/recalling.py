"""A recall: which posts of a revised procedure are wrong, what becomes of them, what is said instead."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

CORRECTION = "correction"


class PostState(StrEnum):
    """What became of a post that is recalled. NEVER_OUT: it did not go out after all. KEPT: the recall was undone
    before its turn came."""

    PENDING = "pending"
    DELETED = "deleted"
    REFUSED = "refused"
    NEVER_OUT = "never_out"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class RecallWish:
    """What a person asks for. `nuggets` (slugs) are the only ones if any are named; `leave_out` are not; `retired`:
    those that were taken out of the procedure too. What is not wanted of the three parts is left undone."""

    procedure: str
    nuggets: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    retired: bool = False
    delete: bool = True
    correct: bool = True
    reset: bool = True


@dataclass(frozen=True, slots=True)
class RecalledNugget:
    """A nugget whose earlier posts are wrong because of `why`. `learners`: of how many the memory begins anew."""

    id: int
    slug: str
    title: str
    why: str
    retired: bool
    learners: int


@dataclass(frozen=True, slots=True)
class RecalledPost:
    """A post to be taken off X; `posted_at` is None for one that is still on its way."""

    outbox_id: int
    nugget: str
    account: str
    form: str
    posted_at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Correction:
    """A post that says what is right now, to the cohorts that share an account and a language."""

    occurrence: str
    nugget: str
    account: str
    cohort: str
    at: datetime
    text: str
    price_micros: int


@dataclass(frozen=True, slots=True)
class RecallPlan:
    """Everything that one confirmation does. `notes` say what will not be done, and why; `deletion_micros` is what X
    takes for the deletions, at most."""

    procedure: str
    nuggets: tuple[RecalledNugget, ...]
    posts: tuple[RecalledPost, ...]
    corrections: tuple[Correction, ...]
    notes: tuple[str, ...]
    reset: bool
    deletion_micros: int

    @property
    def code(self) -> str:
        """What a person types to confirm: it stands for this plan and for no other. Times are left out: they move."""
        named = {
            "nuggets": [[one.slug, one.why] for one in self.nuggets],
            "posts": [one.outbox_id for one in self.posts],
            "corrections": [[one.account, one.cohort, one.text] for one in self.corrections],
            "reset": self.reset,
        }
        return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()[:8]


def correction_key(nugget_id: int, account_id: int, language: str) -> str:
    """What is corrected where, in an occurrence: `recall/<recall>/<nugget>/<account>/<language>`."""
    return f"{nugget_id}/{account_id}/{language}"
