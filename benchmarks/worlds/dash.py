"""A DASH world: Lindsey, Shroyer, Pashler & Mozer (2014), Psychological Science 25, 639-647.

`P(recall) = sigma(a_learner - d_nugget + sum_w theta_w1 * ln(1 + c_w) + theta_w2 * ln(1 + n_w))` over time windows w
that end now: c_w successes and n_w looks within the last day, week, month and ever, counted with the weight of each
look. The windows make forgetting stepwise; here counts fade linearly over the last third of a window, so that recall
does not jump at midnight. Nobody recalls what they never saw.
"""

from __future__ import annotations

import numpy as np

from worlds.people import Bools, Floats, People, normal

WINDOWS = (1.0, 7.0, 30.0, np.inf)
SUCCESSES = (0.55, 0.85, 0.75, 0.45)
LOOKS = (0.45, 0.65, 0.50, 0.25)
ROOM = 64


class Dash(People):
    """Memory is every look: when, how strong, whether it was a success; (learners, nuggets, looks)."""

    name = "dash"

    def __init__(self, seed: int, scenario: str) -> None:
        super().__init__(seed, scenario)
        person, nugget = self._person[:, None], np.arange(self.nuggets)[None, :]
        self._bias = 0.6 * normal(seed, "ability", person) - (1.45 + 0.6 * normal(seed, "difficulty", nugget))
        pairs = (self.learners, self.nuggets)
        self._at = np.full((*pairs, ROOM), np.inf)
        self._weight = np.zeros((*pairs, ROOM))
        self._success = np.zeros((*pairs, ROOM))
        self._looks = np.zeros(pairs, dtype=np.int64)

    def _probability(self, day: float, at: Floats, weight: Floats, success: Floats, bias: Floats) -> Floats:
        age = np.where(np.isfinite(at), np.maximum(day - at, 0.0), np.inf)
        logit = bias.copy()
        for window, for_success, for_look in zip(WINDOWS, SUCCESSES, LOOKS, strict=True):
            if np.isinf(window):
                inside = np.isfinite(age).astype(np.float64)
            else:
                inside = np.clip((window - age) / (window / 3.0), 0.0, 1.0)
            logit += for_success * np.log1p(np.sum(inside * success, axis=-1))
            logit += for_look * np.log1p(np.sum(inside * weight, axis=-1))
        seen = np.isfinite(at[..., 0])
        recall: Floats = np.where(seen, 1.0 / (1.0 + np.exp(-logit)), 0.0)
        return recall

    def recall(self, day: float) -> Floats:
        """Recall of every pair."""
        room = max(int(self._looks.max()), 1)
        return self._probability(
            day, self._at[..., :room], self._weight[..., :room], self._success[..., :room], self._bias
        )

    def _recall_of(self, day: float, nugget: int) -> Floats:
        return self._probability(
            day, self._at[:, nugget], self._weight[:, nugget], self._success[:, nugget], self._bias[:, nugget]
        )

    def _learn(self, day: float, nugget: int, who: Bools, strength: Floats, right: Bools) -> None:
        some = np.flatnonzero(who)
        slot = np.minimum(self._looks[some, nugget], ROOM - 1)
        self._at[some, nugget, slot] = day
        self._weight[some, nugget, slot] = strength[some]
        self._success[some, nugget, slot] = np.where(right[some], strength[some], 0.0)
        self._looks[some, nugget] = slot + 1


def make(seed: int, scenario: str) -> Dash:
    """The world for `seed` and `scenario`."""
    return Dash(seed, scenario)
