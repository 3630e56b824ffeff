"""A programme's report as sentences: the same for the terminal, for the page to print, and for whoever reads either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from textwrap import fill

from reinforce.domain.reporting.programme_report import (
    FEWEST_ANSWERS,
    AssessmentFigures,
    CohortFigures,
    Difference,
    PhaseFigures,
    may_be_told,
)
from reinforce.domain.reporting.shares import Share
from reinforce.rendering.pages import page_environment

TOO_FEW = "not told: it would be about fewer than five people"
_NO_CAUSE = (
    "This report claims no cause. People may know more for other reasons: the training itself, their work, time. To "
    "say what the programme did takes a cohort without it to compare with."
)
_COMPARED = (
    "A difference between cohorts is no proof of a cause: nobody was put into them by lot. It can be held against what "
    "else sets them apart. Intervals are 95 % (Newcombe 1998); one that holds zero tells nothing."
)
_HOW = (
    "Shares have 95 % intervals (Wilson 1927), a little too narrow since the same people come again. No figure is "
    "about fewer than five people; a percentage is told of ten answers or more, half of them right or more."
)
_MODEL = (
    "Estimated, not measured: what the model of memory makes of every post and answer so far, the silence of those who "
    "did not answer included. It can be off by as much as its assumptions are."
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, its lines (what, figure), and what is to be known before one reads them."""

    title: str
    lines: tuple[tuple[str, str], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """What the report is about."""

    title: str
    cohort: str
    first_day: date
    last_day: date | None
    state: str
    goals: tuple[str, ...]


def sections(
    here: CohortFigures, there: CohortFigures | None, compared: Sequence[Difference], recall_goal: int | None
) -> tuple[Section, ...]:
    """The report: whom it reached, what was measured, an assessment if there is one, a comparison if there is one, and
    apart from all that what is estimated."""
    found = [
        Section("Whom it reached", _reach(here), "Who did not answer may have read all the same, or was away."),
        Section("Measured: answers", _answers(here), _HOW),
        Section("Measured: posts and responses", tuple(_phase(one) for one in here.phases)),
    ]
    if here.assessment is not None:
        found.append(Section("Measured: the assessment", _assessment(here.assessment), _missing(here.assessment)))
    if there is None:
        found.append(Section("Cause", (), _NO_CAUSE))
    else:
        found.append(Section(f"Beside {there.title}", _beside(there, compared), _COMPARED))
    found.append(Section("Estimated by the model", _estimated(here, recall_goal), _MODEL))
    return tuple(found)


def report_page(heading: Heading, parts: Sequence[Section], templates: Path) -> str:
    """The report as one page to print."""
    return page_environment(templates).get_template("programme_report.html").render(heading=heading, parts=parts)


def report_text(heading: Heading, parts: Sequence[Section]) -> str:
    """The report as plain text."""
    when = f"{heading.first_day} to {heading.last_day or 'now'}, {heading.state}"
    lines = [f"{heading.title}: {heading.cohort}", when]
    lines += [f"Goal of {goal}" for goal in heading.goals]
    for part in parts:
        lines += ["", part.title]
        lines += [f"  {what}: {figure}" for what, figure in part.lines]
        lines += [fill(part.note, 100, initial_indent="  ", subsequent_indent="  ")] if part.note else []
    return "\n".join(lines)


def told(share: Share | None, *, of_answers: bool = True) -> str:
    """A share as it may be told: counts, and a percentage with its interval where there are enough answers."""
    if share is None:
        return TOO_FEW
    counts = f"{share.hits} of {share.of}"
    if not (may_be_told(share) if of_answers else share.of >= FEWEST_ANSWERS):
        return counts
    low, high = share.interval
    return f"{counts}, {share.value:.0%} ({low:.0%} to {high:.0%})"


def _reach(here: CohortFigures) -> tuple[tuple[str, str], ...]:
    reach = here.reach
    lines = [("in the cohort", str(reach.enrolled))]
    if reach.linked is None:
        return (*lines, ("linked, not linked", TOO_FEW))
    lines += [("linked", str(reach.linked)), ("not linked, so without answers here", str(reach.not_linked))]
    if reach.answering is None:
        return (*lines, ("of those linked, responding", TOO_FEW))
    return (*lines, ("of those linked, responded at least once", str(reach.answering)),
            ("of those linked, nothing came back from", str(reach.not_heard)))  # fmt: skip


def _answers(here: CohortFigures) -> tuple[tuple[str, str], ...]:
    lines = [
        ("right among first answers, before any reminder", told(here.first)),
        ("right among later answers, each person's last on each nugget", told(here.later)),
    ]
    if here.paired_first is not None and here.paired_later is not None:
        lines += [
            ("where somebody answered both times: right at first", told(here.paired_first)),
            ("where somebody answered both times: right later", told(here.paired_later)),
        ]
    return tuple(lines)


def _phase(one: PhaseFigures) -> tuple[str, str]:
    posts = f"{one.posts} posts, {one.questions} of them questions"
    if not one.posts:
        return one.name, "no post whose time for answers is over"
    return one.name, f"{posts}; responses of those reached: {told(one.responses, of_answers=False)}"


def _assessment(one: AssessmentFigures) -> tuple[tuple[str, str], ...]:
    lines = []
    if one.passed is not None or not one.scores:
        lines.append(("passed", told(one.passed)))
    if one.scores is None:
        lines.append(("scores", TOO_FEW))
    elif one.scores:
        scores = f"{one.scores} people"
        if one.mean is not None and one.median is not None:
            scores += f", mean {one.mean:.0f}, median {one.median:.0f} of 100"
        lines.append(("scores", scores))
    return tuple(lines)


def _missing(one: AssessmentFigures) -> str:
    if one.missing == 0:
        return "Everybody in the cohort has a result."
    who = "Some people have" if one.missing is None else f"{one.missing} people have"
    return f"{who} no result; they are not in these figures, and need not be like those who are."


def _beside(there: CohortFigures, compared: Sequence[Difference]) -> tuple[tuple[str, str], ...]:
    lines = [(f"right later answers in {there.title}", told(there.later))]
    if there.assessment is not None:
        lines.append((f"passed in {there.title}", told(there.assessment.passed)))
    for one in compared:
        low, high = one.interval
        points = f"{100 * one.value:+.0f} points ({100 * low:+.0f} to {100 * high:+.0f})"
        lines.append((f"difference, {one.what}", points))
    if not compared:
        lines.append(("difference", "not told: too few answers, or fewer than half of them right"))
    return tuple(lines)


def _estimated(here: CohortFigures, goal: int | None) -> tuple[tuple[str, str], ...]:
    if here.recall is None or here.recall_in_30_days is None:
        return (("chance of recall", "not told: fewer than five people have answered"),)
    lines = [
        ("mean chance of recall of a nugget, now", _chance(here.recall)),
        ("the same in 30 days, if nothing more is posted", _chance(here.recall_in_30_days)),
    ]
    if goal is not None:
        lines.append(("the last phase's goal", f"{goal}%"))
    return tuple(lines)


def _chance(value: float) -> str:
    return f"about {value:.0%}" if value >= 0.5 else "below half"
