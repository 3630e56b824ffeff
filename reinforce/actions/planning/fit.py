"""Fit the weights of memory to a procedure's own answers; keep them only if they foretell later answers better.

Parameters belong to procedures, so all learners of a procedure are asked, whichever cohort they are in. What was tried
is on record either way, with its figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reinforce.domain.errors import Conflict
from reinforce.domain.planning.exposure import NuggetLog
from reinforce.domain.planning.fitting import LEAST_ANSWERS, Figures, FitFailed, Trial, attempt, repetitions_of
from reinforce.domain.planning.foretelling import answers_of
from reinforce.domain.planning.parameters import DEFAULT_PARAMETERS, Origin, Parameters
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.planning import parameters, procedure_evidence
from reinforce.store.planning.parameters import ParameterVersion
from reinforce.store.planning.procedure_evidence import Amount
from reinforce.store.session import Database

# How often the daemon tries.
EVERY = timedelta(days=7)
# Answers that new and old weights are judged by, and the scale is sought by.
_JUDGED = 8_000


@dataclass(frozen=True, slots=True)
class FitOutcome:
    """What became of one procedure. `trial` is None if none was made, and `reason` says why in one sentence.

    `before` and `version` name the parameters in force before and afterwards; `kept`: the fitted weights are.
    """

    procedure: str
    answers: int
    before: str
    version: str
    kept: bool
    reason: str
    trial: Trial | None = None


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What a fit reads."""

    procedure_id: int
    slug: str
    amount: Amount
    rows: list[tuple[int, int, float, int]]
    logs: tuple[NuggetLog, ...]
    in_force: ParameterVersion | None
    reset: bool

    @property
    def given(self) -> Parameters:
        return DEFAULT_PARAMETERS if self.in_force is None else self.in_force.parameters


def fit_cohort(
    database: Database, cohort_slug: str, *, now: datetime, actor: str, dry_run: bool = False
) -> tuple[FitOutcome, ...]:
    """Fit every procedure that a cohort learns; with `dry_run`, change nothing. `now` is programme time.

    Raises NotFound for an unknown cohort, Conflict if somebody else changed a procedure's parameters meanwhile.
    """
    with database.read() as connection:
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        wanted = cohorts.procedure_ids(connection, cohort.id)
    return tuple(_fit(database, one, now, actor, dry_run=dry_run) for one in wanted)


def fit_next(database: Database, *, now: datetime) -> FitOutcome | None:
    """Fit one procedure that has enough answers, of which some are new, and was not tried for a week; None if there is
    none. One that a person has set back to the defaults is left alone. `now` is programme time."""
    with database.read() as connection:
        amounts = procedure_evidence.amounts(connection)
        left_alone = parameters.left_alone(connection)
        tried = parameters.last_tried(connection, Origin.FIT)
    for procedure_id, amount in amounts.items():
        last = tried.get(procedure_id)
        fresh = last is None or (now - last.at >= EVERY and amount.answers > last.answers)
        if amount.answers >= LEAST_ANSWERS and fresh and procedure_id not in left_alone:
            return _fit(database, procedure_id, now, "daemon", dry_run=False)
    return None


def reset_cohort(database: Database, cohort_slug: str, *, now: datetime, actor: str) -> tuple[FitOutcome, ...]:
    """Set every procedure that a cohort learns back to the defaults, until somebody fits it again. Raises NotFound."""
    outcomes = []
    with database.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        amounts, slugs = procedure_evidence.amounts(connection), procedure_evidence.slugs(connection)
        versions = parameters.in_force(connection)
        wanted = cohorts.procedure_ids(connection, cohort.id)
        for procedure_id in wanted:
            in_force, amount = versions.get(procedure_id), amounts.get(procedure_id, Amount())
            before = DEFAULT_PARAMETERS if in_force is None else in_force.parameters
            counts = (amount.answers, amount.posts)
            version = ParameterVersion(procedure_id, DEFAULT_PARAMETERS, Origin.RESET, True, *counts, now)
            parameters.record(connection, version)
            reason = "It goes by the defaults until it is fitted again."
            after = DEFAULT_PARAMETERS.version
            outcomes.append(FitOutcome(slugs[procedure_id], amount.answers, before.version, after, False, reason))
        for procedure_id, outcome in zip(wanted, outcomes, strict=True):
            audit.record(
                connection, actor, "procedure.reset_fit", f"procedure/{procedure_id}", {"from": outcome.before}, now
            )
    return tuple(outcomes)


def _fit(database: Database, procedure_id: int, now: datetime, actor: str, *, dry_run: bool) -> FitOutcome:
    there = _read(database, procedure_id, now)
    trial, why_not = _try(there)
    better = trial is not None and trial.better
    found = Parameters(trial.weights, there.given.model) if trial is not None and better else there.given
    # A try that came to nothing is on record, too: the daemon waits a week from it, and a reset ends with it.
    if not dry_run and (trial is not None or there.reset or there.amount.answers >= LEAST_ANSWERS):
        made = {"failed": why_not} if trial is None else plain_figures(trial)
        tried = there.given if trial is None else Parameters(trial.weights, there.given.model)
        amount = there.amount
        counts = (amount.answers, amount.posts)
        _record(database, there, ParameterVersion(procedure_id, tried, Origin.FIT, better, *counts, now, made), actor)
    return FitOutcome(
        procedure=there.slug,
        answers=there.amount.answers,
        before=there.given.version,
        version=(there.given if dry_run else found).version,
        kept=better and not dry_run,
        reason=f"{why_not}: it keeps the parameters it has." if trial is None else _verdict(trial, dry_run=dry_run),
        trial=trial,
    )


def _try(there: _Evidence) -> tuple[Trial | None, str]:
    """(the trial, "") or (None, why there is none)."""
    answers, given = there.amount.answers, there.given
    if answers < LEAST_ANSWERS:
        return None, f"{answers} graded answers are too few for a fit, {LEAST_ANSWERS} are needed"
    try:
        return attempt(answers_of(there.logs, given.model, most=_JUDGED), repetitions_of(there.rows), given.weights), ""
    except FitFailed as error:
        return None, str(error)


def _read(database: Database, procedure_id: int, now: datetime) -> _Evidence:
    with database.read() as connection:
        amount = procedure_evidence.amounts(connection).get(procedure_id, Amount())
        enough = amount.answers >= LEAST_ANSWERS
        return _Evidence(
            procedure_id=procedure_id,
            slug=procedure_evidence.slugs(connection)[procedure_id],
            amount=amount,
            rows=procedure_evidence.graded(connection, procedure_id) if enough else [],
            logs=procedure_evidence.logs(connection, procedure_id, now) if enough else (),
            in_force=parameters.in_force(connection).get(procedure_id),
            reset=procedure_id in parameters.left_alone(connection),
        )


def _verdict(trial: Trial, *, dry_run: bool) -> str:
    losses = f"log loss {trial.after.log_loss:.4f} against {trial.before.log_loss:.4f}"
    if not trial.judged_by:
        return "No later answer could be foretold, so there is nothing to judge new weights by."
    if not trial.better:
        return f"The fitted weights foretell the later answers no better ({losses}), so those in force stay."
    if dry_run:
        return f"The fitted weights foretell the later answers better ({losses}); without --dry-run they would be kept."
    return f"The fitted weights foretell the later answers better ({losses}) and are in force from now on."


def _record(database: Database, there: _Evidence, version: ParameterVersion, actor: str) -> None:
    with database.write() as connection:
        if parameters.newest_kept(connection, there.procedure_id) != there.in_force:
            raise Conflict(f"the parameters of {there.slug} changed during the fit.", "Fit it again.")
        parameters.record(connection, version)
        detail = {"version": version.parameters.version, "kept": version.kept, "answers": version.answers}
        audit.record(connection, actor, "procedure.fit", f"procedure/{there.procedure_id}", detail, version.at)


def plain_figures(trial: Trial) -> dict[str, Any]:
    """A trial's figures as plain JSON, without the curves; None where there was nothing to compute one from."""

    def plain(one: Figures) -> dict[str, float | None]:
        values = {"log_loss": one.log_loss, "rmse_bins": one.rmse_bins, "auc": one.auc}
        return {name: value if value == value else None for name, value in values.items()}  # noqa: PLR0124 - NaN

    return {
        "scale": trial.scale,
        "fitted_to": trial.fitted_to,
        "judged_by": trial.judged_by,
        "before": plain(trial.before),
        "after": plain(trial.after),
    }
