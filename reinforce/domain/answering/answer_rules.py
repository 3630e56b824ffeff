"""What the words of an answer must keep to, whichever way they go out."""

from __future__ import annotations

from reinforce.domain.authoring.post_rules import Objection, objections
from reinforce.domain.texts.wording import LIMIT

# Behind an answer come a line break, "^" and the initials; in front of it perhaps a lead.
_AROUND = 30
# Weighted characters that an answer may take.
ROOM = LIMIT - _AROUND


def objections_to(answer: str) -> tuple[Objection, ...]:
    """Everything that speaks against posting these words of an answer."""
    return objections(answer, room=ROOM)
