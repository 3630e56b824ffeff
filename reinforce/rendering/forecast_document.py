"""A forecast as scripts read it: docs/reference/forecast.md describes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from reinforce.domain.planning.capacity import CohortForecast
from reinforce.domain.planning.forecast import NuggetForecast


def forecast_document(found: CohortForecast) -> dict[str, Any]:
    """The forecast as plain values; instants are UTC."""
    foreseen = found.foreseen
    return {
        **{name: getattr(found, name) for name in ("cohort", "title", "zone", "start", "end", "wanted")},
        "learners": {**asdict(found.cast), "basis": "typical" if found.cast.typical else "linked"},
        "recall": {"with": foreseen.mean, "without": foreseen.mean_without},
        "nuggets": [_nugget(one, found.wanted) for one in foreseen.nuggets],
        "curve": [{"at": one.at, "with": one.with_posts, "without": one.without} for one in foreseen.curve],
        "cost": {**asdict(foreseen.cost), "total_micros": foreseen.cost.total_micros},
        "cadence": {
            "name": found.cadence,
            "tried": [asdict(one) for one in found.tried],
            "enough": found.enough,
            "most": found.most,
        },
        "assumptions": list(found.assumptions),
        "notes": list(found.notes),
    }


def _nugget(one: NuggetForecast, wanted: float) -> dict[str, Any]:
    return {
        "nugget": one.name,
        "title": one.title,
        "on": one.on,
        "assessed": one.assessed,
        "recall": {"with": one.with_posts, "without": one.without},
        "verdict": one.verdict(wanted).value,
        "posted": one.posted,
        "planned": one.planned,
        "wordings_until": one.wordings_until,
        "questions_until": one.questions_until,
    }
