"""Whether a cohort's dates go together."""

from __future__ import annotations

from datetime import date

from reinforce.domain.cohort import Completes
from reinforce.domain.errors import ReinforceError

_FIRST_LAST = (
    ("opens_on", "closes_on", "the joining window would close before it opens", "Give a later day with --closes."),
    ("starts_on", "ends_on", "the cohort would end before it starts", "Give a later day with --ends."),
    ("closes_on", "ends_on", "one could still join when the cohort is over", "Give an earlier day with --closes."),
)


def check_dates(
    *,
    opens_on: date | None = None,
    closes_on: date | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    assessment: date | None = None,
    completes: str = Completes.END,
    lapse_after: int = 0,
) -> None:
    """Raise ReinforceError where they don't; None is a date that is not said."""
    dates = {"opens_on": opens_on, "closes_on": closes_on, "starts_on": starts_on, "ends_on": ends_on}
    for first, last, wrong, advice in _FIRST_LAST:
        begin, end = dates[first], dates[last]
        if begin is not None and end is not None and end < begin:
            raise ReinforceError(wrong, advice)
    if opens_on is not None and closes_on is None:
        raise ReinforceError("a joining window that opens has to close", "Give its last day with --closes.")
    if starts_on and assessment and assessment <= starts_on:
        raise ReinforceError("the assessment would be before the cohort starts", "Give a later day.")
    if completes not in [str(one) for one in Completes]:
        raise ReinforceError(f'a cohort can\'t complete by "{completes}"', "Choose end, assessment or hand.")
    if completes == Completes.ASSESSMENT and assessment is None:
        raise ReinforceError("there is no assessment to complete it", "Give its day with --assessment.")
    if lapse_after < 0:
        raise ReinforceError("nobody can lapse before they were heard", "Give --lapse-after 0 for never.")
