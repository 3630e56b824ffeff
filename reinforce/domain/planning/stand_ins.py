"""Who stands for a cohort in a forecast: its linked learners, a fixed sample of them, or typical learners.

A typical learner is one of whom nothing is known but the role: what went out so far has reached them with the chance
that the model of evidence gives every post. They stand in where too few are linked to say anything, which is every
programme before it starts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reinforce.domain.planning.belief import unmet
from reinforce.domain.planning.plan_context import SMALLEST_GROUP
from reinforce.domain.planning.plan_state import PlanSnapshot

# More learners than this change no digit that is shown, and only cost time; fewer where the nuggets are many.
_MOST_ROWS, _LEAST_ROWS = 200, 40
_PAIRS = 12_000
# Nobody is enrolled: a seminar's size, spread over the roles that the nuggets are for.
NOBODY_YET = 20


@dataclass(frozen=True, slots=True)
class Cast:
    """How many `rows` stand for how many `people`; `typical` ones if fewer than five of the roster are linked."""

    rows: int
    people: int
    typical: bool
    linked: int
    roster: int

    @property
    def each(self) -> float:
        """How many people one row stands for."""
        return self.people / self.rows


def cast(snapshot: PlanSnapshot) -> tuple[PlanSnapshot, Cast]:
    """The snapshot with at most some 200 learners who stand for all of them; the same for the same snapshot."""
    linked, enrolled = len(snapshot.learners), len(snapshot.roster)
    typical = linked < SMALLEST_GROUP
    # Typical learners differ by role only, so the fewest will do.
    most = _LEAST_ROWS if typical else max(_LEAST_ROWS, min(_MOST_ROWS, _PAIRS // max(len(snapshot.nuggets), 1)))
    everybody = _typical(snapshot) if typical else snapshot
    people = len(everybody.learners)
    chosen = everybody if people <= most else _thinned(everybody, most)
    return chosen, Cast(len(chosen.learners), people, typical, linked, enrolled)


def _typical(snapshot: PlanSnapshot) -> PlanSnapshot:
    roles = snapshot.roster or _imagined_roles(snapshot)
    return replace(
        snapshot,
        learners=tuple(range(len(roles))),
        roles=roles,
        roster=roles,
        belief=unmet(len(roles), len(snapshot.nuggets)),
        # A row that is not out yet counts with its chance of being seen, which is all that is known of these, too.
        rows=tuple(replace(row, out=False) for row in snapshot.rows),
    )


def _imagined_roles(snapshot: PlanSnapshot) -> tuple[str, ...]:
    wanted = sorted({role for nugget in snapshot.nuggets for role in nugget.audience}) or [""]
    return tuple(wanted[place % len(wanted)] for place in range(NOBODY_YET))


def _thinned(snapshot: PlanSnapshot, most: int) -> PlanSnapshot:
    """Every so-manieth learner, in the order of role and then of how much has reached them; no role is lost."""
    reached = snapshot.belief.unmet.mean(axis=1) if snapshot.nuggets else np.zeros(len(snapshot.learners))
    roles = np.asarray(snapshot.roles)
    order = np.lexsort((np.asarray(snapshot.learners), np.round(reached, 9), roles))
    evenly = order[((np.arange(most) + 0.5) * order.size / most).astype(np.intp)]
    firsts = np.asarray([np.flatnonzero(roles == role)[0] for role in np.unique(roles)], np.intp)
    missing = firsts[~np.isin(roles[firsts], roles[evenly])]
    chosen: NDArray[np.intp] = np.sort(np.concatenate([evenly, missing]))
    return replace(
        snapshot,
        learners=tuple(snapshot.learners[place] for place in chosen),
        roles=tuple(snapshot.roles[place] for place in chosen),
        belief=snapshot.belief.each(lambda array: array[..., chosen, :]),
    )
