"""A cohort's report as its page, its table and its workbook show it; kept, since it goes through every answer.

It says nothing of fewer than five people, whoever looks. A stretch of days is for those who may see single people: two
reports that differ by a day would tell everybody else who answered on it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from reinforce.clock import Clock
from reinforce.domain.cohort import Cohort
from reinforce.domain.planning.capacity import CohortForecast
from reinforce.domain.planning.slots import local_day, resolve
from reinforce.domain.reporting.answer_times import answer_times
from reinforce.domain.reporting.programme_report import Assessed, CohortFigures, differences, figures
from reinforce.domain.reporting.styles import StyleLine, compare
from reinforce.rendering.programme_report import TOO_FEW, Section, sections, told
from reinforce.store.people.cohorts import cohort_by_id, created_at
from reinforce.store.people.roster_version import roster_version
from reinforce.store.programmes import runs
from reinforce.store.reporting.console.reports import questions_asked, spent_by_form
from reinforce.store.reporting.programme_material import material
from reinforce.store.reporting.wording_uses import wording_uses
from reinforce.web.words import cents, form, span

MOST_KEPT = 50
# So many pairs of learner and nugget are gone through whenever somebody asks.
AT_ONCE = 20_000
# The answers of more are not gone through while somebody waits for a page.
MOST_PAIRS = 500_000
_DAY = timedelta(days=1)
_STYLES = (
    "Measured, over all posts whose time for answers is over. Styles are not dealt out at random: a better figure is no"
    " proof that the style did it."
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Local dates, both included; `last` None: until now."""

    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a cohort from `stretch.first` on, as of `made_at` (programme time, UTC)."""

    stretch: Stretch
    made_at: datetime
    parts: tuple[Section, ...]

    def table(self) -> list[list[str]]:
        """The report as rows of a spreadsheet, what is to be known of a part below its figures."""
        rows = [["part", "what", "figure"]]
        for part in self.parts:
            rows += [[part.title, what, figure] for what, figure in part.lines]
            rows += [[part.title, "note", part.note]] if part.note else []
        return rows


class Reports:
    """Makes reports and keeps them. Safe under threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._figures: OrderedDict[tuple[object, ...], tuple[CohortFigures, tuple[StyleLine, ...], datetime]] = (
            OrderedDict()
        )

    def of(
        self,
        connection: Connection,
        cohort_id: int,
        wanted: Stretch | None,
        other_id: int | None = None,
        *,
        pairs: int,
        foreseen: CohortForecast | None = None,
        results: Mapping[str, Assessed] | None = None,
    ) -> Report:
        """The report of a cohort over the stretch that is wanted (None: since it began), beside another cohort if one
        is named. `pairs` says how much there is of it: learners times nuggets. `results` of an assessment are kept
        nowhere."""
        cohort = cohort_by_id(connection, cohort_id)
        stretch = wanted or _since_it_began(connection, cohort)
        start, end = _instants(stretch, cohort.zone, self._clock.now())
        beside = (
            _answers(connection, cohort_id, start, end, self._clock.now()),
            _money(connection, cohort_id, start, end, foreseen),
        )
        if pairs > MOST_PAIRS:
            return Report(stretch, self._clock.now(), (_too_large(cohort), *beside))
        here, styles, made_at = self._measured(connection, cohort, stretch, results, pairs)
        there = None
        if other_id is not None:
            there = self._measured(connection, cohort_by_id(connection, other_id), stretch, results, pairs)[0]
        run = runs.latest(connection, cohort_id)
        goal = None if run is None else run.phases[-1].recall
        compared = () if there is None else differences(here, there)
        parts = list(sections(here, there, compared, goal))
        # What is estimated stays last, and apart.
        parts[-1:-1] = [_styles(styles), *beside]
        return Report(stretch, made_at, tuple(parts))

    def _measured(
        self,
        connection: Connection,
        cohort: Cohort,
        stretch: Stretch,
        results: Mapping[str, Assessed] | None,
        pairs: int,
    ) -> tuple[CohortFigures, tuple[StyleLine, ...], datetime]:
        now = self._clock.now()
        hour = now.replace(minute=0, second=0, microsecond=0)
        # A small cohort's is made anew whenever anything came back; one of thousands takes too long for that.
        version = cohort.version if pairs <= AT_ONCE else 0
        key = (cohort.id, stretch, hour, version, roster_version(connection))
        with self._lock:
            if results is None and key in self._figures:
                return self._figures[key]
            run = runs.latest(connection, cohort.id)
            days = (stretch.first, stretch.last)
            phases = [("All of it", *days)] if run is None else [(p.name, p.first_day, p.last_day) for p in run.dates]
            made = (
                figures(material(connection, cohort, days, results or {}, now), phases),
                compare(wording_uses(connection, cohort.id, now)),
                now,
            )
            if results is None:
                self._figures[key] = made
                while len(self._figures) > MOST_KEPT:
                    self._figures.popitem(last=False)
            return made


def _too_large(cohort: Cohort) -> Section:
    note = (
        "So large a cohort's answers take minutes to go through. On the command line: reinforce programme report"
        f" {cohort.slug} --html report.html, and by style of wording: reinforce report {cohort.slug}"
    )
    return Section("Measured: reach and answers", (), note)


def _since_it_began(connection: Connection, cohort: Cohort) -> Stretch:
    run = runs.latest(connection, cohort.id)
    if run is not None:
        return Stretch(run.starts_on, None)
    return Stretch(cohort.starts_on or local_day(created_at(connection, cohort.id), cohort.zone), None)


def _instants(stretch: Stretch, zone: str, now: datetime) -> tuple[datetime, datetime]:
    end = now + _DAY if stretch.last is None else resolve(stretch.last + _DAY, time(), zone)
    return resolve(stretch.first, time(), zone), end


def _styles(styles: tuple[StyleLine, ...]) -> Section:
    lines = []
    for one in styles:
        figure = f"{one.posts} post{'s' if one.posts != 1 else ''}; responses: {told(one.responses, of_answers=False)}"
        figure += f"; right answers: {told(one.knew)}"
        if one.next_right is not None:
            figure += f"; right when next asked: {told(one.next_right)}"
        lines.append((f"{form(one.form.value)}, {one.style or 'plain'}", figure))
    return Section(
        "Measured: styles of wording", tuple(lines), _STYLES if lines else "No post's time for answers is over."
    )


def _answers(connection: Connection, cohort_id: int, start: datetime, end: datetime, now: datetime) -> Section:
    found = answer_times(questions_asked(connection, cohort_id, start, end), now)
    title = "Measured: answers to learners' questions"
    if found is None:
        return Section(title, (("questions", TOO_FEW),))
    if not found.asked:
        return Section(title, (("questions", "none was asked"),))
    lines = [
        ("questions", f"{found.asked}, {found.closed} of them needed no answer"),
        ("answered", str(found.answered)),
        ("promised time kept", f"{found.kept} of {found.kept + found.broken}"),
        ("still in time", str(found.waiting)),
    ]
    if found.usual is not None:
        lines.append(("usual time to the answer", f"{span(found.usual)} (median, nights and days off counted)"))
    return Section(title, tuple(lines), "The promised time is counted in the cohort's working hours.")


def _money(
    connection: Connection, cohort_id: int, start: datetime, end: datetime, foreseen: CohortForecast | None
) -> Section:
    rows = spent_by_form(connection, cohort_id, start, end)
    lines = [("spent on posts", f"{cents(sum(row[2] for row in rows))} for {sum(row[1] for row in rows)} posts")]
    lines += [(form(kind), f"{cents(micros)} for {posts}") for kind, posts, micros in rows]
    if foreseen is not None:
        total = foreseen.foreseen.cost.total_micros
        lines.append((f"foreseen until {foreseen.end.date()}", f"about {cents(total)}"))
    return Section(
        "Cost", tuple(lines), "At the prices the posts were planned with; readings of the account are not in it."
    )
