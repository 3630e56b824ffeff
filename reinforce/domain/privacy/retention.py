"""How long each kind of data is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kept(StrEnum):
    """A kind of data with a time of its own."""

    TEXTS = "texts"
    COUNTS = "counts"
    ATTEMPTS = "attempts"
    INVITATIONS = "invitations"
    JOINERS = "joiners"


# What each of them is, and what stays when its time is over.
DESCRIBED = {
    Kept.TEXTS: "the words of replies, with the handle; that they came, how they were read and graded stays",
    Kept.COUNTS: "counts of likes, views and votes that a later count has replaced; the latest of each stays",
    Kept.ATTEMPTS: "attempts to send posts whose fate is settled; the posts stay",
    Kept.INVITATIONS: "invitations that were used or ran out; who is enrolled stays",
    Kept.JOINERS: "people of open cohorts who left, lapsed or completed, with all that is held of them; a stop stays",
}


@dataclass(frozen=True, slots=True)
class Times:
    """Days that each kind is kept; 0: for ever."""

    days: dict[Kept, int]

    def before(self, kind: Kept, now: datetime) -> datetime | None:
        """What is older than this goes; None: nothing does."""
        kept = self.days[kind]
        return now - timedelta(days=kept) if kept else None
