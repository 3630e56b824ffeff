"""What came of a programme: its report, and its end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reinforce.cli.house import json_option, open_house

if TYPE_CHECKING:
    from reinforce.bootstrap import House
    from reinforce.domain.reporting.shares import Share
    from reinforce.store.programmes.runs import Run

_Command = TypeVar("_Command", bound=Callable[..., Any])
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


def _report_options(command: _Command) -> _Command:
    html = click.option(
        "--html",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write the report to this file, to print.",
    )
    assessment = click.option(
        "--assessment", type=_file, help="CSV of an assessment's results: employee_id, score (0 to 100) or passed."
    )
    compare = click.option("--compare", metavar="COHORT", help="A cohort without the programme, over the same days.")
    return html(assessment(compare(command)))


@click.command(name="report")
@click.argument("cohort", metavar="COHORT")
@_report_options
@json_option
@click.pass_context
def programme_report(
    ctx: click.Context, cohort: str, html: Path | None, assessment: Path | None, compare: str | None, *, as_json: bool
) -> None:
    """Say what came of a cohort's programme so far, on one page.

    What was measured stands apart from what the model estimates: first answers, before any reminder, beside later ones;
    responses; an assessment's results, if you give them (they are kept nowhere). It says whom it reached and from whom
    nothing came back, names nobody, tells nothing of fewer than five people, and claims no cause without a cohort to
    compare with.

    \b
    Example:
      reinforce programme report press-shop --html report.html
      reinforce programme report press-shop --assessment results.csv --compare paint-shop
    """
    from reinforce.domain.errors import NotFound
    from reinforce.store.people.cohorts import cohort_by_slug
    from reinforce.store.programmes import runs

    house = open_house(ctx)
    with house.database.read() as connection:
        run = runs.latest(connection, cohort_by_slug(connection, cohort).id)
    if run is None:
        advice = f"Start one: reinforce programme start PROGRAMME --cohort {cohort} --from DATE"
        raise NotFound(f"no programme was run on {cohort}", advice)
    _tell(house, run, html, assessment, compare, as_json=as_json)


@click.command(name="finish")
@click.argument("cohort", metavar="COHORT")
@click.option("--early", is_flag=True, help="End it today, although its last day is still to come.")
@_report_options
@json_option
@click.pass_context
def programme_finish(
    ctx: click.Context,
    cohort: str,
    html: Path | None,
    assessment: Path | None,
    compare: str | None,
    *,
    early: bool,
    as_json: bool,
) -> None:
    """Finish a cohort's programme, and report what came of it.

    A programme whose last day is over has been finished by the daemon: then this only reports. One whose last phase has
    no end is finished here. With --early nothing more of it comes, and today is the cohort's last day.

    \b
    Example:
      reinforce programme finish press-shop --html report.html
      reinforce programme finish press-shop --early
    """
    from reinforce.actions.programmes.hold_programme import finish_programme

    house = open_house(ctx)
    run = finish_programme(house.database, cohort, early=early, actor=house.actor, now=house.clock.now())
    _tell(house, run, html, assessment, compare, as_json=as_json)


def _tell(
    house: House, run: Run, html: Path | None, assessment: Path | None, compare: str | None, *, as_json: bool
) -> None:
    from reinforce.cli.printing import print_json
    from reinforce.content.assessment_file import read_assessment
    from reinforce.domain.errors import ReinforceError
    from reinforce.domain.reporting.programme_report import differences, figures
    from reinforce.rendering.programme_report import Heading, report_page, report_text, sections
    from reinforce.shipped import shipped
    from reinforce.store.people.cohorts import cohort_by_id, cohort_by_slug
    from reinforce.store.reporting.programme_material import material

    results = {} if assessment is None else read_assessment(assessment)
    days = (run.starts_on, run.last_day)
    phases = [(one.name, one.first_day, one.last_day) for one in run.dates]
    now = house.clock.now()
    with house.database.read() as connection:
        cohort = cohort_by_id(connection, run.cohort_id)
        here = figures(material(connection, cohort, days, results, now), phases)
        there = None
        if compare is not None:
            other = cohort_by_slug(connection, compare)
            if other.id == cohort.id:
                raise ReinforceError("a cohort can't be compared with itself", "Name another with --compare.")
            there = figures(material(connection, other, days, results, now), phases)
    compared = () if there is None else differences(here, there)
    heading = Heading(
        title=run.programme.title,
        cohort=cohort.title,
        first_day=run.starts_on,
        last_day=run.last_day,
        state=run.state.value,
        goals=tuple(f"{one.dates.name}: {one.goal}" for one in run.phases if one.goal),
    )
    parts = sections(here, there, compared, run.phases[-1].recall)
    if html is not None:
        try:
            html.write_text(report_page(heading, parts, shipped("templates") / "print"), encoding="utf-8")
        except OSError as problem:
            raise ReinforceError(f"{html} can't be written: {problem.strerror}", "Name another file.") from problem
    if as_json:
        print_json({"programme": heading, "measured": _measured(here), "estimated": _estimated(here),
                    "comparison": None if there is None else {"measured": _measured(there), "differences": compared},
                    "claims_a_cause": False})  # fmt: skip
        return
    click.echo(report_text(heading, parts))
    if html is not None:
        click.echo(f"\nThe page to print is in {html}.")


def _measured(here: Any) -> dict[str, Any]:
    from reinforce.cli.printing import plain

    shares = ("first", "later", "paired_first", "paired_later")
    assessment = here.assessment
    return {
        "cohort": here.cohort,
        "reach": plain(here.reach),
        "posts": here.posts,
        "responses": _share(here.responses, of_answers=False),
        "phases": [
            {"phase": one.name, "posts": one.posts, "questions": one.questions,
             "responses": _share(one.responses, of_answers=False)}
            for one in here.phases
        ],
        **{name: _share(getattr(here, name)) for name in shares},
        "assessment": assessment and {**plain(assessment), "passed": _share(assessment.passed)},
    }  # fmt: skip


def _estimated(here: Any) -> dict[str, Any]:
    """As it may be told: nothing below half."""
    values = {"recall": here.recall, "recall_in_30_days": here.recall_in_30_days}
    return {name: value if value is not None and value >= 0.5 else None for name, value in values.items()}


def _share(share: Share | None, *, of_answers: bool = True) -> dict[str, Any] | None:
    from reinforce.domain.reporting.programme_report import FEWEST_ANSWERS, may_be_told

    if share is None:
        return None
    tells = may_be_told(share) if of_answers else share.of >= FEWEST_ANSWERS
    interval = list(share.interval) if tells else None
    return {"hits": share.hits, "of": share.of, "share": share.value if tells else None, "interval": interval}
