"""The verb that fits memory to a procedure's own answers, and how its outcome is told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.house import json_option, open_house

if TYPE_CHECKING:
    from reinforce.actions.planning.fit import FitOutcome
    from reinforce.domain.planning.fitting import Figures, Trial

SECTION = "Plan"


@click.command()
@click.argument("slug", metavar="COHORT")
@click.option("--dry-run", is_flag=True, help="Fit and judge, but change nothing.")
@click.option("--reset", is_flag=True, help="Go back to the defaults until the next fit.")
@click.option(
    "--svg",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the calibration plot to this file (several procedures: one file each).",
)
@json_option
@click.pass_context
def fit(ctx: click.Context, slug: str, *, dry_run: bool, reset: bool, svg: Path | None, as_json: bool) -> None:
    """Fit memory to the answers on the procedures of a cohort.

    The answers of all learners of a procedure count. The fitted weights are kept only if they foretell the later
    answers, which they have not seen, better than those in force. The daemon does the same once a week.

    \b
    Example:
      reinforce fit press-shop --svg calibration.svg
    """
    from reinforce.actions.planning.fit import fit_cohort, reset_cohort
    from reinforce.cli.printing import print_json

    if reset and (dry_run or svg is not None):
        raise click.UsageError("--reset goes with neither --dry-run nor --svg.")
    house = open_house(ctx)
    now = house.clock.now()
    if reset:
        outcomes = reset_cohort(house.database, slug, now=now, actor=house.actor)
    else:
        outcomes = fit_cohort(house.database, slug, now=now, actor=house.actor, dry_run=dry_run)
    plots = _write_plots(outcomes, svg) if svg is not None else []
    if as_json:
        print_json([_as_json(outcome) for outcome in outcomes])
        return
    for outcome in outcomes:
        _tell(outcome)
    for path in plots:
        click.echo(f"calibration plot: {path}")


def _tell(outcome: FitOutcome) -> None:
    click.echo(f"{outcome.procedure}: {outcome.reason}")
    if outcome.trial is None:
        return
    trial = outcome.trial
    click.echo(f"  fitted to {trial.fitted_to} answers, judged by {trial.judged_by} later ones")
    click.echo(f"  {'':12}{'log loss':>10}{'RMSE(bins)':>12}{'AUC':>8}")
    for name, figures in (("in force", trial.before), ("fitted", trial.after)):
        click.echo(f"  {name:12}{figures.log_loss:>10.4f}{figures.rmse_bins:>12.4f}{figures.auc:>8.3f}")


def _as_json(outcome: FitOutcome) -> dict[str, Any]:
    from reinforce.actions.planning.fit import plain_figures

    found: dict[str, Any] = {
        "procedure": outcome.procedure,
        "answers": outcome.answers,
        "kept": outcome.kept,
        "reason": outcome.reason,
        "version_before": outcome.before,
        "version": outcome.version,
        "trial": None,
    }
    if outcome.trial is not None:
        trial = outcome.trial
        found["trial"] = plain_figures(trial) | {
            "weights": list(trial.weights.values),
            "curve_before": _curve(trial.before),
            "curve_after": _curve(trial.after),
        }
    return found


def _curve(figures: Figures) -> list[dict[str, float]]:
    return [{"foretold": chance, "right": right, "answers": size} for chance, right, size in figures.curve]


def _write_plots(outcomes: tuple[FitOutcome, ...], path: Path) -> list[Path]:
    """One SVG for each procedure that was tried; with several procedures its name goes into the file's."""
    from reinforce.domain.errors import NotAllowed

    written = []
    for outcome in outcomes:
        if outcome.trial is None:
            continue
        target = path if len(outcomes) == 1 else path.with_stem(f"{path.stem}-{outcome.procedure}")
        try:
            target.write_text(_plot(outcome.procedure, outcome.trial), "utf-8")
        except OSError as error:
            raise NotAllowed(
                f"{target} cannot be written: {error.strerror or error}.", "Name another file with --svg."
            ) from error
        written.append(target)
    return written


def _plot(procedure: str, trial: Trial) -> str:
    from reinforce.rendering.charts import Series, line_chart

    def points(figures: Figures) -> list[tuple[float, float]]:
        return [(chance, right) for chance, right, _ in figures.curve]

    return line_chart(
        [
            Series("as foretold", [(0.0, 0.0), (1.0, 1.0)]),
            Series("in force", points(trial.before)),
            Series("fitted", points(trial.after)),
        ],
        title=f"Calibration of {procedure}",
        description=(
            f"Share of right answers by the chance foretold, over {trial.judged_by} later answers in tenths. Log loss"
            f" {trial.before.log_loss:.4f} with the weights in force, {trial.after.log_loss:.4f} with the fitted ones."
        ),
        size=(480, 400),
    )


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, fit)]
