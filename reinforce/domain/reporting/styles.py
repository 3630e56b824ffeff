"""How styles of wording compare: who responded, what they knew, and what was known when the nugget was next asked.

Measured, not estimated, and no proof of cause: styles are not dealt out at random. Nobody is named, and no figure
stands on fewer than five people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from reinforce.domain.nugget import Form
from reinforce.domain.planning.plan_context import SMALLEST_GROUP
from reinforce.domain.reporting.shares import Share


@dataclass(frozen=True, slots=True)
class Use:
    """One post of a nugget whose window for answers is over. `style` is that of its wording, or how it asks.

    `reached` are the learners (ids) who were linked then and whom it is for, `responded` those of them from whom
    anything came back, `graded` those whose reply was graded, with whether they knew it.
    """

    nugget_id: int
    form: Form
    style: str
    at: datetime
    reached: frozenset[int]
    responded: frozenset[int]
    graded: dict[int, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StyleLine:
    """One style in one form: how many posts, and shares, None where they would stand on fewer than five people.

    `responses` is of learners reached, summed over posts; `knew` of graded replies; `next_right` of graded answers when
    the nugget was next asked after a reminder in this style.
    """

    form: Form
    style: str
    posts: int
    responses: Share | None
    knew: Share | None
    next_right: Share | None


def compare(uses: Iterable[Use]) -> tuple[StyleLine, ...]:
    """A line for each form and style, the most posted first."""
    ordered = sorted(uses, key=lambda use: (use.at, use.nugget_id))
    groups: dict[tuple[Form, str], list[Use]] = defaultdict(list)
    for use in ordered:
        groups[use.form, use.style].append(use)
    asked_next = _asked_next(ordered)
    lines = [
        StyleLine(
            form=form,
            style=style,
            posts=len(group),
            responses=_share((one, one in use.responded) for use in group for one in sorted(use.reached)),
            knew=_share(pair for use in group for pair in sorted(use.graded.items())),
            next_right=_share(pair for use in asked_next[form, style] for pair in sorted(use.graded.items())),
        )
        for (form, style), group in groups.items()
    ]
    return tuple(sorted(lines, key=lambda line: (line.form, -line.posts, line.style)))


def _asked_next(ordered: list[Use]) -> dict[tuple[Form, str], list[Use]]:
    """For each style of reminder, the questions that came next on the same nugget, no other reminder in between."""
    found: dict[tuple[Form, str], list[Use]] = defaultdict(list)
    last: dict[int, Use] = {}
    for use in ordered:
        before = last.pop(use.nugget_id, None)
        if use.form is Form.REMINDER:
            last[use.nugget_id] = use
        elif before is not None:
            found[before.form, before.style].append(use)
    return found


def _share(cases: Iterable[tuple[int, bool]]) -> Share | None:
    """The share of cases (learner, yes or no) that are a yes; None if they come from fewer than five people."""
    known = list(cases)
    if len({learner for learner, _ in known}) < SMALLEST_GROUP:
        return None
    return Share(sum(yes for _, yes in known), len(known))
