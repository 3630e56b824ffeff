"""An ACT-R world: Pavlik & Anderson (2005), Practice and forgetting effects on vocabulary memory, Cognitive Science 29.

Activation `m_n = ln(sum_i b_i * t_i ** -d_i)` with a decay of each look of its own, `d_i = c*exp(m_(i-1)) + a`, m taken
at that look: what is looked at while still active decays faster, which is the spacing effect. Recall is
`1 / (1 + exp((tau - m) / s))`. Values of the paper's fit: a = 0.177, c = 0.217, tau = -0.704, s = 0.255; time in
seconds, outside the session counted at h = 0.025. A look that is no retrieval encodes a share b < 1 (Pavlik 2007).
"""

from __future__ import annotations

import numpy as np

from worlds.people import Bools, Floats, People, normal

A, C, TAU, S, H = 0.177, 0.217, -0.704, 0.255, 0.025
# The paper's threshold is that of arbitrary word pairs; steps of one's own procedure hang together and come easier.
EASIER = 1.0
SECONDS = 86_400.0 * H
ROOM = 64


class ActR(People):
    """Memory is every look: when, with which decay and weight; (learners, nuggets, looks)."""

    name = "act-r"

    def __init__(self, seed: int, scenario: str) -> None:
        super().__init__(seed, scenario)
        pairs = (self.learners, self.nuggets)
        person, nugget = self._person[:, None], np.arange(self.nuggets)[None, :]
        self._threshold = TAU - EASIER + 0.35 * normal(seed, "tau", person) + 0.3 * normal(seed, "item", nugget)
        self._at = np.full((*pairs, ROOM), np.inf)
        self._decay = np.zeros((*pairs, ROOM))
        self._weight = np.zeros((*pairs, ROOM))
        self._looks = np.zeros(pairs, dtype=np.int64)

    def _activation(self, day: float, at: Floats, decay: Floats, weight: Floats) -> Floats:
        age = np.where(np.isfinite(at), np.maximum(day - at, 1e-4) * SECONDS, 1.0)
        total = np.sum(weight * age**-decay, axis=-1)
        with np.errstate(divide="ignore"):
            activation: Floats = np.log(total)
        return activation

    def _probability(self, activation: Floats, threshold: Floats) -> Floats:
        recall: Floats = 1.0 / (1.0 + np.exp(np.minimum((threshold - activation) / S, 700.0)))
        return recall

    def recall(self, day: float) -> Floats:
        """Recall of every pair by the paper's equation 3."""
        room = max(int(self._looks.max()), 1)
        activation = self._activation(day, self._at[..., :room], self._decay[..., :room], self._weight[..., :room])
        return self._probability(activation, self._threshold)

    def _recall_of(self, day: float, nugget: int) -> Floats:
        activation = self._activation(day, self._at[:, nugget], self._decay[:, nugget], self._weight[:, nugget])
        return self._probability(activation, self._threshold[:, nugget])

    def _learn(self, day: float, nugget: int, who: Bools, strength: Floats, right: Bools) -> None:
        activation = self._activation(day, self._at[:, nugget], self._decay[:, nugget], self._weight[:, nugget])
        some = np.flatnonzero(who)
        slot = np.minimum(self._looks[some, nugget], ROOM - 1)
        self._at[some, nugget, slot] = day
        self._decay[some, nugget, slot] = C * np.exp(activation[some]) + A
        # A failed retrieval is followed by the reveal: a study trial, which is worth somewhat less than a test.
        self._weight[some, nugget, slot] = strength[some] * np.where(right[some], 1.3, 1.0)
        self._looks[some, nugget] = slot + 1


def make(seed: int, scenario: str) -> ActR:
    """The world for `seed` and `scenario`."""
    return ActR(seed, scenario)
