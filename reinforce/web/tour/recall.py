"""What the model thinks of one learner's memory of one nugget."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from reinforce.store.memories import load_cohort


def recall_of(connection: Connection, learner_id: int, nugget_id: int, now: datetime) -> float:
    """Estimated chance, 0 to 1, that the learner recalls the nugget at `now` (programme time)."""
    belief = load_cohort(connection, [nugget_id], [learner_id])
    return float(belief.recall(now.timestamp() / 86400)[0, 0])
