"""What the model thinks of one learner's memory of one nugget, and what it would think after a right answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from reinforce.domain.planning.exposure import EvidenceKind, believe
from reinforce.domain.planning.memory import GOOD
from reinforce.domain.planning.plan_context import day_number
from reinforce.store.planning.event_log import read_log
from reinforce.store.planning.memories import load_cohort

# Just after a post everybody recalls it, right or wrong: what an answer tells is what will be left of it in a week.
AHEAD_DAYS = 7.0


def recall_of(connection: Connection, learner_id: int, nugget_id: int, now: datetime) -> float:
    """Estimated chance, 0 to 1, that the learner will recall the nugget a week after `now` (programme time)."""
    belief = load_cohort(connection, [nugget_id], [learner_id])
    return float(belief.recall(day_number(now) + AHEAD_DAYS)[0, 0])


def recall_if_right(
    connection: Connection, learner_id: int, nugget_id: int, outbox_id: int, now: datetime
) -> float | None:
    """The same, had the learner's answer to the post `outbox_id` been right; None if it was not graded.

    Computed from the event log as beliefs are, with that one grade changed.
    """
    log = read_log(connection, now, [nugget_id]).of(connection, nugget_id)
    graded = [one for one in log.reviews if one.learner == learner_id and one.post == outbox_id]
    if not graded:
        return None
    right = tuple(replace(one, rating=GOOD, kind=EvidenceKind.ANSWER) if one in graded else one for one in log.reviews)
    learners, belief = believe(replace(log, reviews=right))
    place = int(np.searchsorted(learners, learner_id))
    return float(belief.recall(day_number(now) + AHEAD_DAYS)[place])
