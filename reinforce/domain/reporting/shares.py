"""A share of a number of cases, with an interval that says how little it may mean."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

# 97.5 % of a normal distribution lie below it.
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of` cases. Raises ValueError where that is no share."""

    hits: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.of:
            raise ValueError(f"{self.hits} of {self.of} is no share")

    @property
    def value(self) -> float:
        """Between 0 and 1; NaN of nothing."""
        return self.hits / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of Wilson (1927), without continuity correction; (0, 1) of nothing."""
        if not self.of:
            return 0.0, 1.0
        n, p = self.of, self.hits / self.of
        middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        # Rounding must not put the ends of nothing and of all inside.
        low = 0.0 if self.hits == 0 else max(0.0, middle - half)
        high = 1.0 if self.hits == self.of else min(1.0, middle + half)
        return low, high


def difference_interval(first: Share, second: Share) -> tuple[float, float]:
    """The 95 % interval of second − first for two independent shares: Newcombe 1998, method 10, of Wilson's limits."""
    (low_1, high_1), (low_2, high_2) = first.interval, second.interval
    p, q, difference = first.value, second.value, second.value - first.value
    lower = difference - sqrt((q - low_2) ** 2 + (high_1 - p) ** 2)
    upper = difference + sqrt((high_2 - q) ** 2 + (p - low_1) ** 2)
    return max(lower, -1.0), min(upper, 1.0)
