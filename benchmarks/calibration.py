"""How well models of memory foretell a log's later reviews: constant, moving average, HLR, FSRS-6 default and fitted.

    python benchmarks/calibration.py LOG [--held-out 0.25] [--json]

LOG is CSV or Parquet with the columns learner, item, time, rating (review_log.py says how they are read). The split is
by time: models learn from the earlier reviews and are measured by the later ones, of which only those count that came a
day or more after the learner's review of the item before.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from recall_models import (
    Log,
    constant,
    fitted_weights,
    fsrs,
    half_life_regression,
    moving_average,
)
from reinforce.domain.planning.fitting import Figures, FitFailed, figures
from reinforce.domain.planning.memory import DEFAULT, Floats
from review_log import BadLog, read_log

MEASURES = ("log_loss", "rmse_bins", "auc")


def measure(log: Log, held_out: float) -> dict[str, Any]:
    """Every model's figures as plain JSON. Raises BadLog where nothing can be learned or measured."""
    size = log.right.size
    split = int(np.searchsorted(log.reviews.day, float(np.quantile(log.reviews.day, 1.0 - held_out))))
    later = log.judged & (np.arange(size) >= split)
    if not later.any() or not log.judged[:split].any():
        raise BadLog("too few reviews: both before and after the split somebody must review an item again after a day.")
    try:
        weights = fitted_weights(log, split)
    except FitFailed as error:
        raise BadLog(f"FSRS-6 cannot be fitted: {error}.") from error
    chances = {
        "constant": constant(log, split),
        "moving-average": moving_average(log, split),
        "hlr": half_life_regression(log, split),
        "fsrs6-default": fsrs(log, DEFAULT),
        "fsrs6-fitted": fsrs(log, weights),
    }
    return {
        "reviews": size,
        "pairs": int(log.reviews.whose.max()) + 1,
        "fitted_to": split,
        "judged_by": int(later.sum()),
        "split_at": (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=float(log.reviews.day[split]))).isoformat(),
        "models": {name: _plain(_figures(log, chance, later)) for name, chance in chances.items()},
        "weights": list(weights.values),
    }


def _figures(log: Log, chance: Floats, later: np.ndarray) -> Figures:
    return figures(chance[later], log.right[later], log.history.at(later))


def _plain(found: Figures) -> dict[str, float | None]:
    values = {name: float(getattr(found, name)) for name in MEASURES}
    return {name: None if math.isnan(value) else value for name, value in values.items()}


def table(found: dict[str, Any]) -> str:
    """The figures for people, the best log loss first."""
    lines = [
        f"{found['reviews']} reviews, fitted to the {found['fitted_to']} before {found['split_at']},"
        f" judged by {found['judged_by']} later ones",
        f"{'':16}" + "".join(f"{name:>11}" for name in MEASURES),
    ]
    for name, model in sorted(found["models"].items(), key=lambda one: one[1]["log_loss"]):
        cells = ("-" if model[measure] is None else f"{model[measure]:.4f}" for measure in MEASURES)
        lines.append(f"{name:16}" + "".join(f"{cell:>11}" for cell in cells))
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("log", type=Path, metavar="LOG", help="reviews as CSV or Parquet")
    parser.add_argument("--held-out", type=float, default=0.25, help="share of the reviews to judge by, the latest")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    if not 0.0 < given.held_out < 1.0:
        parser.error("--held-out is a share between 0 and 1")
    return given


def main() -> None:
    """Read, measure, print; a bad file ends it with status 1 and its faults on standard error."""
    given = arguments()
    try:
        found = {"log": str(given.log), **measure(Log.of(read_log(given.log)), given.held_out)}
    except BadLog as error:
        sys.exit(str(error))
    print(json.dumps(found, indent=1) if given.json else table(found))


if __name__ == "__main__":
    main()
