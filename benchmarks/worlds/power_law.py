"""A power-law world with individual ability.

Forgetting follows Wickelgren's power law as Wixted & Carpenter (2007, Psychological Science 18, 133-134) give it,
`m(t) = lambda * (1 + beta*t) ** -psi`, t in days. A look at the nugget restores lambda, and lowers psi by a share that
grows with how much had been forgotten (the spacing effect: Cepeda et al. 2008) and with the effort of the look.
Learners differ in beta (speed) and in their share (ability), nuggets in psi (difficulty), log-normally.
"""

from __future__ import annotations

import numpy as np

from worlds.people import Bools, Floats, People, normal


class PowerLaw(People):
    """Memory is (lambda, psi, day of the last look), each (learners, nuggets)."""

    name = "power-law"

    def __init__(self, seed: int, scenario: str) -> None:
        super().__init__(seed, scenario)
        person, nugget = self._person[:, None], np.arange(self.nuggets)[None, :]
        self._beta = 0.7 * np.exp(0.5 * normal(seed, "beta", person)) * np.ones_like(nugget)
        self._share = np.clip(0.42 * np.exp(0.3 * normal(seed, "share", person)), 0.1, 0.8) * np.ones_like(nugget)
        self._psi = 0.6 * np.exp(0.35 * normal(seed, "psi", nugget) + 0.2 * normal(seed, "pair", person, nugget))
        self._level = np.zeros((self.learners, self.nuggets))
        self._looked = np.zeros((self.learners, self.nuggets))

    def recall(self, day: float) -> Floats:
        """lambda * (1 + beta*t) ** -psi for every pair."""
        age = np.maximum(day - self._looked, 0.0)
        recall: Floats = self._level * (1.0 + self._beta * age) ** -self._psi
        return recall

    def _recall_of(self, day: float, nugget: int) -> Floats:
        age = np.maximum(day - self._looked[:, nugget], 0.0)
        recall: Floats = self._level[:, nugget] * (1.0 + self._beta[:, nugget] * age) ** -self._psi[:, nugget]
        return recall

    def _learn(self, day: float, nugget: int, who: Bools, strength: Floats, right: Bools) -> None:
        forgotten = 1.0 - self._recall_of(day, nugget)
        effort = strength * np.where(right, 1.0, 0.7)
        kept = 1.0 - np.clip(self._share[:, nugget] * effort * (0.15 + 0.85 * forgotten), 0.0, 0.9)
        known = self._level[:, nugget] > 0.0
        self._psi[:, nugget] = np.where(who & known, self._psi[:, nugget] * kept, self._psi[:, nugget])
        level = np.maximum(self._level[:, nugget], 0.55 + 0.4 * strength)
        self._level[:, nugget] = np.where(who, level, self._level[:, nugget])
        self._looked[:, nugget] = np.where(who, day, self._looked[:, nugget])


def make(seed: int, scenario: str) -> PowerLaw:
    """The world for `seed` and `scenario`."""
    return PowerLaw(seed, scenario)
