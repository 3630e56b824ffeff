"""Parameters found from a procedure's own posts and answers, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import insert, select

from reinforce.actions.planning.calibrate import calibrate
from reinforce.actions.planning.fit import EVERY, fit_cohort, fit_next, reset_cohort
from reinforce.domain.errors import NotFound
from reinforce.domain.nugget import Form
from reinforce.domain.planning import memory
from reinforce.domain.planning.belief import FIELDS, Belief
from reinforce.domain.planning.exposure import MODEL, EvidenceModel
from reinforce.domain.planning.fitting import LEAST_ANSWERS
from reinforce.domain.planning.memory import Weights
from reinforce.domain.planning.parameters import DEFAULT_PARAMETERS, Origin, Parameters
from reinforce.domain.planning.shrinkage import scaled
from reinforce.store import tables as t
from reinforce.store.operating import audit
from reinforce.store.planning import memories, parameters, plan_snapshot
from reinforce.store.planning.parameters import ParameterVersion
from tests.databases import ON_SQLITE

if TYPE_CHECKING:
    from tests.actions.planning.conftest import Course

# A material that is forgotten far sooner than FSRS's defaults have it.
FLEETING = scaled(DEFAULT_PARAMETERS.weights, 0.15)


def _answered(course: Course, each: int, truth: Weights = FLEETING) -> int:
    """Every learner answers every nugget `each` times within half a year or so, as memories with `truth` would."""
    draw = np.random.default_rng(1)
    rows = []
    with course.database.write() as connection:
        nuggets = connection.execute(select(t.nugget.c.id).order_by(t.nugget.c.id)).scalars().all()
        for learner in course.learners:
            for nugget in nuggets:
                stability, difficulty, day = np.nan, np.nan, float(draw.uniform(0, 5))
                for _ in range(each):
                    gap = float(np.exp(draw.normal(1.0, 0.8)))
                    known = 0.2 if np.isnan(stability) else float(memory.retrievability(stability, gap, truth.decay))
                    right = draw.random() < known + (1.0 - known) * 0.02
                    state = memory.repeat(stability, difficulty, gap, 3 if right else 1, truth)
                    stability, difficulty = float(state[0]), float(state[1])
                    day += gap
                    rows.append(
                        {
                            "learner_id": learner, "nugget_id": nugget, "rating": 3 if right else 1,
                            "evidence": "answer", "guess": 0.02, "nugget_revision": 1,
                            "at": course.now + timedelta(days=day),
                        }
                    )  # fmt: skip
        connection.execute(insert(t.review), rows)
    course.now += timedelta(days=400)
    return len(rows)


def _in_force(course: Course) -> ParameterVersion | None:
    with course.database.read() as connection:
        return next(iter(parameters.in_force(connection).values()), None)


def _history(course: Course) -> tuple[ParameterVersion, ...]:
    with course.database.read() as connection:
        return parameters.history(connection, 1)


def _put_in_force(course: Course, given: Parameters) -> None:
    with course.database.write() as connection:
        parameters.record(connection, ParameterVersion(1, given, Origin.SHRINKAGE, True, 0, 0, course.now))


def _beliefs(course: Course) -> Belief:
    with course.database.read() as connection:
        ids = list(connection.execute(select(t.nugget.c.id).order_by(t.nugget.c.id)).scalars())
        return memories.load_cohort(connection, ids, course.learners)


@ON_SQLITE
def test_a_fit_that_foretells_later_answers_better_is_kept_and_beliefs_follow(course: Course) -> None:
    count = _answered(course, 14)
    assert count >= LEAST_ANSWERS
    course.absorb()
    before = _beliefs(course).stability
    (dry,) = fit_cohort(course.database, "press", now=course.now, actor="ann", dry_run=True)
    assert dry.trial is not None
    assert dry.trial.better
    assert not dry.kept
    assert _in_force(course) is None
    (outcome,) = fit_cohort(course.database, "press", now=course.now, actor="ann")
    assert outcome.kept
    assert outcome.trial == dry.trial
    assert outcome.trial.after.log_loss < outcome.trial.before.log_loss - 0.005
    assert outcome.trial.fitted_to + outcome.trial.judged_by <= count
    there = _in_force(course)
    assert there is not None
    assert (there.why, there.answers, there.parameters.version) == (Origin.FIT, count, outcome.version)
    assert course.absorb().nuggets > 0
    assert course.absorb().nuggets == 0
    assert np.abs(_beliefs(course).stability - before).max() > 0.1
    with course.database.read() as connection:
        entry = list(audit.entries(connection))[-1]
    assert (entry.actor, entry.verb, entry.detail["kept"]) == ("ann", "procedure.fit", True)


def test_too_few_answers_are_not_fitted_to(course: Course) -> None:
    _answered(course, 4)
    (outcome,) = fit_cohort(course.database, "press", now=course.now, actor="ann")
    assert outcome.trial is None
    assert not outcome.kept
    assert "too few" in outcome.reason
    assert _history(course) == ()
    assert fit_next(course.database, now=course.now) is None


@ON_SQLITE
def test_the_daemon_fits_once_a_week_where_there_is_something_new_and_what_is_no_better_is_not_kept(
    course: Course,
) -> None:
    _answered(course, 14)
    first = fit_next(course.database, now=course.now)
    assert first is not None
    assert first.kept
    assert fit_next(course.database, now=course.now + EVERY) is None
    (again,) = fit_cohort(course.database, "press", now=course.now, actor="ann")
    assert not again.kept
    assert again.version == first.version
    assert [one.kept for one in _history(course)] == [False, True]
    _answered(course, 1)
    assert fit_next(course.database, now=course.now) is not None
    assert fit_next(course.database, now=course.now + EVERY / 2) is None


def test_a_reset_holds_until_somebody_fits_again(course: Course) -> None:
    _answered(course, 6)
    assert calibrate(course.database, now=course.now).version is not None
    (outcome,) = reset_cohort(course.database, "press", now=course.now, actor="ann")
    assert outcome.version == DEFAULT_PARAMETERS.version != outcome.before
    _answered(course, 4)
    assert calibrate(course.database, now=course.now).version is None
    assert fit_next(course.database, now=course.now) is None
    fit_cohort(course.database, "press", now=course.now, actor="ann")
    assert calibrate(course.database, now=course.now).version is not None
    assert [one.why for one in _history(course)][:3] == [Origin.SHRINKAGE, Origin.FIT, Origin.RESET]


def test_an_unknown_cohort_is_named(course: Course) -> None:
    for act in (fit_cohort, reset_cohort):
        with pytest.raises(NotFound):
            act(course.database, "pres", now=course.now, actor="ann")


@ON_SQLITE
def test_early_answers_draw_stabilities_towards_what_they_show_and_again_when_half_as_many_more_came(
    course: Course,
) -> None:
    assert calibrate(course.database, now=course.now).version is None
    _answered(course, 6)
    first = calibrate(course.database, now=course.now).version
    assert first is not None
    assert first.figures["scale"] < 0.6
    assert first.parameters.weights == scaled(DEFAULT_PARAMETERS.weights, first.figures["scale"])
    assert calibrate(course.database, now=course.now).version is None
    _answered(course, 2)
    assert calibrate(course.database, now=course.now).version is None
    _answered(course, 2)
    second = calibrate(course.database, now=course.now).version
    assert second is not None
    assert second.answers > first.answers


@ON_SQLITE
def test_silence_and_replies_to_closed_posts_say_how_many_see_and_answer(course: Course) -> None:
    for _ in range(24):
        course.tick(15)
    found = calibrate(course.database, now=course.now).version
    assert found is not None
    assert found.parameters.model.sees < MODEL.sees
    assert found.parameters.weights == DEFAULT_PARAMETERS.weights
    with course.database.read() as connection:
        snapshot, _ = plan_snapshot.snapshot(connection, course.cohort.id, course.now)
    assert {one.version for one in snapshot.parameters.values()} == {found.parameters.version}


def test_only_the_nuggets_of_a_procedure_with_other_parameters_are_computed_again(course: Course) -> None:
    course.first_post()
    assert course.absorb().nuggets == 1
    _put_in_force(course, DEFAULT_PARAMETERS)
    assert course.absorb().nuggets == 0
    _put_in_force(course, Parameters(FLEETING, MODEL))
    assert course.absorb().nuggets == 1
    with course.database.read() as connection:
        assert connection.execute(select(t.memory.c.parameters)).scalars().all() == [
            Parameters(FLEETING, MODEL).version
        ]


def test_what_is_stale_is_computed_some_at_a_time_where_that_is_asked_for(course: Course) -> None:
    _answered(course, 1)
    done = 0
    while (outcome := course.absorb(most=1)).nuggets:
        done += outcome.nuggets
    with course.database.read() as connection:
        assert done == len(connection.execute(select(t.review.c.nugget_id).distinct()).all())


@pytest.mark.parametrize("seed", [1])
def test_a_rebuilt_belief_equals_the_kept_up_one_across_versions_of_the_parameters(course: Course, seed: int) -> None:
    draw = np.random.default_rng(seed)
    for _ in range(24):
        _, posted = course.tick(float(draw.choice([3, 20, 40])))
        for item in posted:
            for learner in draw.choice(course.learners, 3, replace=False):
                course.reply(int(learner), item, int(draw.choice([1, 3])))
        match int(draw.integers(6)):
            case 0:
                weights = scaled(DEFAULT_PARAMETERS.weights, float(np.exp(draw.normal())))
                answers = {**MODEL.answers, Form.QUESTION: float(draw.uniform(0.1, 0.6))}
                _put_in_force(course, Parameters(weights, EvidenceModel(float(draw.uniform(0.1, 0.5)), answers)))
            case 1:
                calibrate(course.database, now=course.now)
    course.absorb()
    kept_up = _beliefs(course)
    with course.database.write() as connection:
        connection.execute(t.memory.delete())
    course.absorb()
    rebuilt = _beliefs(course)
    for name in FIELDS:
        np.testing.assert_allclose(getattr(kept_up, name), getattr(rebuilt, name), rtol=1e-6, atol=1e-6)
    assert len(_history(course)) > 2
