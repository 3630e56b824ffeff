"""Cohorts made, paused, and let go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort, pause_cohort, resume_cohort
from reinforce.domain.cohort import Answers, Cohort, CohortState
from reinforce.domain.errors import Conflict, NotFound, ReinforceError
from reinforce.store.people import cohorts
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NEW = NewCohort(
    slug="night-shift",
    title="Night shift",
    account="acme",
    procedures=("lockout", "lockout"),
    zone="Europe/Berlin",
    country="DE-BY",
    language="de",
    answers="polls",
    starts_on=date(2026, 3, 3),
    assessment=date(2026, 6, 1),
)
SCHEDULE = {"name": "three-a-week", "posts": 3}


def test_a_cohort_is_what_was_asked_for(database: Database, cohort: Cohort) -> None:
    made = create_cohort(database, NEW, SCHEDULE, actor="author", now=NOW)
    assert (made.zone, made.country, made.language, made.answers) == ("Europe/Berlin", "DE-BY", "de", Answers.POLLS)
    assert (made.starts_on, made.assessment, made.state) == (NEW.starts_on, NEW.assessment, CohortState.RUNNING)
    assert made.schedule == "three-a-week"
    with database.read() as connection:
        assert cohorts.schedule_in_use(connection, made.id) == SCHEDULE
        assert [one.slug for one in cohorts.cohorts(connection)] == ["night-shift", "press-shop"]


def test_a_changed_cadence_raises_the_version_of_every_cohort_that_uses_it(database: Database, cohort: Cohort) -> None:
    create_cohort(database, NEW, SCHEDULE, actor="author", now=NOW)
    with database.read() as connection:
        assert cohorts.cohort_by_id(connection, cohort.id).version > cohort.version
        assert cohorts.schedule_in_use(connection, cohort.id) == SCHEDULE


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"slug": "Night Shift"}, "can't be a cohort's name"),
        ({"procedures": ()}, "needs a procedure"),
        ({"procedures": ("lockuot",)}, "there is no procedure lockuot"),
        ({"account": "acne"}, "there is no account acne"),
        ({"zone": "Europe/Berln"}, '"Europe/Berln" is no time zone'),
        ({"language": "german"}, "is no language code"),
        ({"country": "Germany"}, 'no holidays for the country "Germany"'),
        ({"country": "DE-XX"}, '"XX" is no subdivision of "DE"'),
        ({"answers": "shouting"}, "answers can't be"),
        ({"assessment": date(2026, 3, 3)}, "before the cohort starts"),
        ({"slug": "press-shop"}, "there is a cohort press-shop already"),
    ],
)
def test_what_can_not_be_is_refused_and_leaves_nothing(
    database: Database, cohort: Cohort, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ReinforceError, match=message) as refused:
        create_cohort(database, replace(NEW, **changes), SCHEDULE, actor="author", now=NOW)
    assert refused.value.advice
    with database.read() as connection:
        assert len(cohorts.cohorts(connection)) == 1
        assert cohorts.schedule_in_use(connection, cohort.id) == {"name": "three-a-week"}


def test_a_paused_cohort_says_why_and_goes_on(database: Database, cohort: Cohort) -> None:
    paused = pause_cohort(database, "press-shop", "the press is being moved", actor="author", now=NOW)
    assert (paused.state, paused.paused_reason) == (CohortState.PAUSED, "the press is being moved")
    with pytest.raises(Conflict, match="the cohort press-shop is paused"):
        pause_cohort(database, "press-shop", "again", actor="author", now=NOW)
    resumed = resume_cohort(database, "press-shop", actor="author", now=NOW)
    assert (resumed.state, resumed.paused_reason) == (CohortState.RUNNING, "")
    assert resumed.version == cohort.version + 2
    with pytest.raises(Conflict):
        resume_cohort(database, "press-shop", actor="author", now=NOW)
    with pytest.raises(NotFound):
        pause_cohort(database, "nowhere", "", actor="author", now=NOW)
