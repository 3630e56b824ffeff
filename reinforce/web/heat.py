"""A cohort's heat map: estimated recall of each learner and nugget, just now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from reinforce.domain.access.groups import in_groups
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
    of: str = "learners"

    @property
    def chart(self) -> str:
        """The map as SVG, everything in it escaped."""
        most = "" if self.average is None else f" The cohort's average is {self.average:.0%}."
        return heat_map(
            [person.name + (" (stopped)" if person.stopped else "") for person in self.learners],
            [nugget.title for nugget in self.nuggets],
            self.recall.tolist(),
            title="Estimated recall, in per cent",
            description=f"{len(self.learners)} {self.of} by {len(self.nuggets)} nuggets.{most} "
            "The table below holds the same values.",
        )


def heat_of(connection: Connection, cohort_id: int, now: datetime) -> Heat:
    """The heat map of a cohort at `now` (programme time)."""
    frame = heat_frame(connection, cohort_id)
    return _shown(frame, _recall(connection, frame, now))


def heat_of_groups(connection: Connection, cohort_id: int, now: datetime) -> Heat:
    """The heat map of a cohort for those who may not see single learners: a row for each team of five or more, with
    everybody live in it, whether they said stop or not. No row where there are fewer than five."""
    frame = heat_frame(connection, cohort_id)
    recall = _recall(connection, frame, now)
    groups = in_groups([person.team for person in frame.learners])
    evidence: Counter[tuple[int, int]] = Counter()
    rows = []
    for number, (label, places) in enumerate(groups, 1):
        people = [frame.learners[place] for place in places]
        reviews = sum(person.reviews for person in people)
        rows.append(HeatLearner(number, f"{label} ({len(people)})", "", linked=True, stopped=False, reviews=reviews))
        for person in people:
            for nugget in frame.nuggets:
                evidence[number, nugget.id] += frame.evidence.get((person.id, nugget.id), 0)
    means = [recall[list(places)].mean(axis=0) for _, places in groups]
    grouped = np.array(means).reshape(len(groups), len(frame.nuggets))
    shown = _shown(replace(frame, learners=tuple(rows), evidence=dict(evidence)), grouped)
    if not rows or not frame.nuggets:
        return shown
    # Of all learners, not of all groups: those differ in size.
    of_nugget = dict(zip([nugget.id for nugget in frame.nuggets], map(float, recall.mean(axis=0)), strict=True))
    return replace(
        shown,
        average=float(recall.mean()),
        of_nugget=tuple(of_nugget[nugget.id] for nugget in shown.nuggets),
        of="groups",
    )


def _recall(connection: Connection, frame: HeatFrame, now: datetime) -> Floats:
    if not frame.nuggets or not frame.learners:
        return np.empty((len(frame.learners), len(frame.nuggets)))
    belief = load_cohort(connection, [n.id for n in frame.nuggets], [p.id for p in frame.learners])
    return belief.recall(now.timestamp() / 86400)


def _shown(frame: HeatFrame, recall: Floats) -> Heat:
    if not frame.nuggets or not frame.learners:
        return Heat(frame.nuggets, frame.learners, recall, (), (), None, (0, 0), frame.evidence)
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
