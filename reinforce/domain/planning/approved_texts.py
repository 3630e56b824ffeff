"""The texts that a cohort may post by its approvals, as a plan and the last look ask for them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from reinforce.domain.cohort import Approval
from reinforce.domain.planning.slots import local_day

WAITS = "it waits for approval"


def beside_hash(media: Sequence[Mapping[str, str]] | None, options: Sequence[str] = ()) -> str:
    """A hash of all that people see beside a text: pictures with their alternative texts ({"hash", "alt"}), and the
    options of a poll that belongs to no question. "" for nothing."""
    if not media and not options:
        return ""
    told = json.dumps([list(media or ()), list(options)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ApprovalBook:
    """What a cohort may post: `approved` are the days (first, last) by (text hash, media hash), `used` the
    same two hashes of what it has posted already."""

    mode: Approval
    zone: str
    approved: Mapping[tuple[str, str], tuple[tuple[date, date], ...]] = field(default_factory=dict)
    used: Collection[tuple[str, str]] = frozenset()

    def allows(self, text_hash: str, at: datetime, media_hash: str = "") -> bool:
        """Whether a text may go out at `at`."""
        if self.mode is Approval.NONE or (self.mode is Approval.FIRST and (text_hash, media_hash) in self.used):
            return True
        day = local_day(at, self.zone)
        return any(first <= day <= last for first, last in self.approved.get((text_hash, media_hash), ()))
