"""A look ahead with its figures, what would be otherwise, and its page."""

from __future__ import annotations

from datetime import date, timedelta

from reinforce.actions.enrolling.be_away import hold_cohort
from reinforce.actions.planning.preview import WhatIf, look_ahead
from reinforce.content.schedule_file import read_schedule
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.walking.previewed import LookAhead
from reinforce.rendering.plan_page import comparison, plan_page
from tests.actions.planning.conftest import REPOSITORY, Course


def _look(course: Course, what_if: WhatIf | None = None, days: int = 30) -> LookAhead:
    means = (course.renderer, course.tariff)
    supposed = what_if or WhatIf(course.cohort.id)
    return look_ahead(course.database, course.cohort.id, *means, now=course.now, days=days, what_if=supposed)


def test_each_post_says_what_it_does_for_recall_and_the_figures_add_up(sqlite_course: Course) -> None:
    look = _look(sqlite_course)
    posts = [one for one in look.rows if one.is_post]
    assert look.figures.posts == len(posts) > 5
    assert look.figures.price_micros == sum(one.price_micros for one in posts)
    assert look.figures.days == 31
    assert look.figures.days_without == 31 - len({one.local.date() for one in posts})
    said = [one for one in posts if one.form in ("question", "reminder")]
    assert all(one.recall_before is not None and one.recall_after is not None for one in said)
    assert all((one.recall_before or 0) < (one.recall_after or 0) for one in said)
    assert (look.figures.recall_now or 0) < (look.figures.recall_then or 0)
    assert not look.figures.typical


def test_what_is_supposed_changes_the_plan_in_thought_only(sqlite_course: Course) -> None:
    course, there = sqlite_course, sqlite_course.cohort.id
    as_it_is, version = _look(course), course.version()
    fewer = _look(course, WhatIf(there, a_week=2))
    assert fewer.figures.posts < as_it_is.figures.posts
    assert [one.what for one in comparison(as_it_is.figures, fewer.figures)][-1].startswith("expected recall")
    off = as_it_is.rows[0].local.date()
    assert _look(course, WhatIf(there, days_off=frozenset({off}))).rows[0].reason.endswith("a holiday: supposed.")
    later = _look(course, WhatIf(there, start=course.now.date() + timedelta(days=10)))
    assert min(one.local.date() for one in later.rows) >= course.now.date() + timedelta(days=10)
    content = read_schedule(REPOSITORY / "schedules" / "ladder-1-3-10-30-60.yaml").content
    ladder = _look(course, WhatIf(there, cadence=Cadence.from_content(content)))
    assert ladder.cadence == "ladder-1-3-10-30-60"
    assert (course.version(), course.items()) == (version, ())
    assert _look(course) == as_it_is


def test_the_page_stands_alone_and_shows_days_off(sqlite_course: Course) -> None:
    course = sqlite_course
    hold_cohort(
        course.database, "press", date(2026, 3, 9), date(2026, 3, 10), "In<ventory", actor="test", now=course.now
    )
    look = _look(course, days=34)
    page = plan_page(look, REPOSITORY / "templates" / "print", str, as_it_is=look.figures, supposed="nothing")
    for absent in ("<script", "http://", "https://", "src=", "In<ventory"):
        assert absent not in page
    for shown in ("March 2026", "April 2026", "on hold: In&lt;ventory", "Good Friday", "expected recall"):
        assert shown in page
    assert look.rows[0].text.split("\n")[0][:30] in page.replace("&#39;", "'").replace("&#34;", '"')
    only = plan_page(look, REPOSITORY / "templates" / "print", str, day_by_day=False)
    assert "Day by day" not in only
    assert "March 2026" in only
