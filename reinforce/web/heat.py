"""A cohort's heat map: estimated recall of each learner and nugget, just now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from reinforce.domain.planning.memory import Floats
from reinforce.rendering.charts import heat_map
from reinforce.store.planning.memories import load_cohort
from reinforce.store.reporting.console.cohorts import HeatFrame, HeatLearner, HeatNugget, heat_frame

# What a page can show and a person can read; of more, those with the lowest recall are shown.
MOST_LEARNERS = 60
MOST_NUGGETS = 40


@dataclass(frozen=True, slots=True)
class Heat:
    """`recall` is learners × nuggets, 0 to 1, of those that are shown; the averages leave out who said stop.

    `left_out` counts (learners, nuggets) that are not shown. `evidence` is `HeatFrame.evidence`.
    """

    nuggets: tuple[HeatNugget, ...]
    learners: tuple[HeatLearner, ...]
    recall: Floats
    of_nugget: tuple[float, ...]
    of_learner: tuple[float, ...]
    average: float | None
    left_out: tuple[int, int]
    evidence: dict[tuple[int, int], int]

    @property
    def chart(self) -> str:
        """The map as SVG, everything in it escaped."""
        most = "" if self.average is None else f" The cohort's average is {self.average:.0%}."
        return heat_map(
            [person.name + (" (stopped)" if person.stopped else "") for person in self.learners],
            [nugget.title for nugget in self.nuggets],
            self.recall.tolist(),
            title="Estimated recall, in per cent",
            description=f"{len(self.learners)} learners by {len(self.nuggets)} nuggets.{most} "
            "The table below holds the same values.",
        )


def heat_of(connection: Connection, cohort_id: int, now: datetime) -> Heat:
    """The heat map of a cohort at `now` (programme time)."""
    frame = heat_frame(connection, cohort_id)
    if not frame.nuggets or not frame.learners:
        empty = np.empty((len(frame.learners), len(frame.nuggets)))
        return Heat(frame.nuggets, frame.learners, empty, (), (), None, (0, 0), frame.evidence)
    belief = load_cohort(connection, [n.id for n in frame.nuggets], [p.id for p in frame.learners])
    return _shown(frame, belief.recall(now.timestamp() / 86400))


def _shown(frame: HeatFrame, recall: Floats) -> Heat:
    taking_part = recall[[not person.stopped for person in frame.learners]]
    of_nugget = taking_part.mean(axis=0) if len(taking_part) else np.zeros(len(frame.nuggets))
    of_learner = recall.mean(axis=1)
    rows, columns = _lowest(of_learner, MOST_LEARNERS), _lowest(of_nugget, MOST_NUGGETS)
    return Heat(
        nuggets=tuple(frame.nuggets[i] for i in columns),
        learners=tuple(frame.learners[i] for i in rows),
        recall=recall[np.ix_(rows, columns)],
        of_nugget=tuple(map(float, of_nugget[columns])),
        of_learner=tuple(map(float, of_learner[rows])),
        average=float(taking_part.mean()) if len(taking_part) else None,
        left_out=(len(frame.learners) - len(rows), len(frame.nuggets) - len(columns)),
        evidence=frame.evidence,
    )


def _lowest(values: Floats, most: int) -> NDArray[np.intp]:
    """The places of the `most` lowest values, in their order."""
    return np.sort(np.argsort(values, kind="stable")[:most])
