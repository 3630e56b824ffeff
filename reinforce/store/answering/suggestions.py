"""What may answer a question: nuggets of what the cohort learns, and earlier answers on the account."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from reinforce.domain.answering.inquiry import Inquiry
from reinforce.domain.answering.matching import SUGGESTS
from reinforce.store.answering import inquiries
from reinforce.store.authoring import nuggets, passages

_MOST = 5


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that may answer. `source` is "procedure/slug" or "question 7"; `score` is 0 to 1."""

    source: str
    text: str
    score: float


def suggestions(connection: Connection, one: Inquiry, most: int = _MOST) -> tuple[Suggestion, ...]:
    """The `most` that fit best, the best first."""
    found = passages.found(
        connection,
        f"{one.topic} {one.text}",
        account_id=one.account_id,
        cohort_id=one.cohort_id,
        least=SUGGESTS,
        answers=True,
    )
    known = nuggets.nuggets_by_id(connection, [m.passage.nugget_id for m in found if m.passage.nugget_id is not None])
    made = []
    for match in found:
        nugget = known.get(match.passage.nugget_id or 0)
        if nugget is not None:
            text = nugget.wordings[0].text if nugget.wordings else nugget.title
            made.append(Suggestion(f"{nugget.procedure}/{nugget.slug}", text, match.score))
        elif match.passage.inquiry_id not in (None, one.id):
            other = inquiries.inquiry(connection, match.passage.inquiry_id or 0)
            made.append(Suggestion(f"question {other.id}", other.answer, match.score))
    return tuple(made[:most])
