"""Approval of rendered texts: for a cohort and a range of dates, never for a slot.

A text is what goes out, letter by letter: its hash is what was approved, so an edit needs a new yes. Draft is what has
no request yet; submitted, approved and rejected stand on the request; scheduled is an approved text on its way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from reinforce.domain.announcing import announcement
from reinforce.domain.enrolling.updates import UpdateKind
from reinforce.domain.errors import NotAllowed
from reinforce.domain.gathering.introducing import PROMPT
from reinforce.domain.nugget import Form
from reinforce.domain.polling import poll

REVEAL = "reveal"
# Posts that are chosen when their time comes: what is not approved then is not chosen.
CHOSEN = frozenset({*(form.value for form in Form), REVEAL})
# Posts with a date of their own: they stand in the outbox and wait there for their yes.
DATED = frozenset({*(kind.value for kind in UpdateKind), PROMPT, poll.FORM, poll.LINK_FORM, announcement.FORM})
# All that a cohort's setting is about. Replies to a person, answers of facilitators, and what belongs to a quiz or an
# event that a person started are not.
NEEDING = CHOSEN | DATED


class RequestState(StrEnum):
    """Where a request stands."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Request:
    """A text that was submitted for a cohort. Days are local to it. `media_hash` is "" for no media; `media` are its
    pictures as the outbox has them. `author` is who
    brought the text in; people are actors, as in the audit log. `voided`: its wording or question was edited since, or
    the yes was taken back."""

    id: int
    cohort_id: int
    nugget: str
    form: str
    text: str
    text_hash: str
    media_hash: str
    media: list[dict[str, str]] | None
    first_day: date
    last_day: date
    state: RequestState
    author: str
    submitted_by: str
    submitted_at: datetime
    decided_by: str
    decided_at: datetime | None
    note: str
    voided: bool

    @property
    def live(self) -> bool:
        """Whether it is still asked for, or holds."""
        return not self.voided and self.state is not RequestState.REJECTED

    def same_as(self, text_hash: str, media_hash: str) -> bool:
        """Whether it is about the same text with the same beside it."""
        return (self.text_hash, self.media_hash) == (text_hash, media_hash)

    def covers(self, first: date, last: date) -> bool:
        """Whether its days hold all of those."""
        return self.first_day <= first and last <= self.last_day


def check_approver(what: str, did: Mapping[str, str], approver: str, *, single_user: bool) -> None:
    """Raise NotAllowed if `approver` may not say yes to `what` ("the text of request 3"): nobody may who had a part in
    it (`did`: actor → "wrote it"), unless the workspace says that it has one user."""
    if not single_user and approver in did:
        raise NotAllowed(
            f"{what} can't be approved by who {did[approver]}",
            "Let somebody else approve it (reinforce --as NAME), or say that there is nobody else: "
            "single_user = true in reinforce.toml.",
        )
