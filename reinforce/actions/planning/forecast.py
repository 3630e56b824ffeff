"""Say before a programme starts, and while it runs, what it is likely to leave behind; changes nothing.

It is the plan itself, run over simulated time from the beliefs of now, once at the cadence in use and, where that does
not bring every nugget there, at denser ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.cohort import CohortState
from reinforce.domain.errors import NotAllowed
from reinforce.domain.nugget import Form
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.capacity import CohortForecast, assumptions, search, smallest
from reinforce.domain.planning.deciding import form_prices
from reinforce.domain.planning.denser_cadence import most_posts, weekly_room, with_posts_a_week
from reinforce.domain.planning.forecast import WANTED, Course, Foreseen, foresee
from reinforce.domain.planning.phases import slots_across
from reinforce.domain.planning.plan_state import PlanSnapshot, PlanState, begin
from reinforce.domain.planning.stand_ins import Cast, cast
from reinforce.domain.sending.budget import Tariff
from reinforce.rendering.composing import PostComposer, composer_for
from reinforce.rendering.posts import PostRenderer
from reinforce.store.people import people
from reinforce.store.planning import plan_snapshot
from reinforce.store.session import Database

# What the plan takes for the end of a programme without an assessment.
OPEN_END_DAYS = 60
MOST_DAYS = 366
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """How far to look (None: until the last assessment, else 60 days) and which mean recall is wanted of a nugget."""

    days: int | None = None
    wanted: float = WANTED


_AS_USUAL = Asked()


def forecast(
    database: Database,
    cohort_id: int,
    renderer: PostRenderer,
    tariff: Tariff,
    *,
    now: datetime,
    asked: Asked = _AS_USUAL,
    tell: Callable[[str], None] = lambda _words: None,
) -> CohortForecast:
    """What to expect of a cohort from `now` (programme time) on. `tell` hears what is being worked on.

    Raises NotFound, NotAllowed where there is nothing to forecast, and as `plan_cohort` does.
    """
    basis = _read(database, cohort_id, renderer, tariff, now)
    run = _Run(basis, tariff, now, _end(basis, now, asked.days))
    cadence = basis.snapshot.cadence
    posts, ceiling = weekly_room(cadence), most_posts(cadence)

    def attempt(number: int) -> Foreseen:
        tell(f"{number} posts a week")
        return run.foresee(with_posts_a_week(cadence, number), endless=True)

    tell("the cadence in use")
    foreseen = run.foresee(cadence)
    if not foreseen.nuggets:
        raise NotAllowed(
            f"there is nothing to forecast: no nugget is for anybody who counts in {basis.snapshot.cohort.slug}",
            "See whom the nuggets are for, and the roles on the roster: reinforce cohort show "
            + basis.snapshot.cohort.slug,
        )
    tried = search(foreseen, posts, ceiling, asked.wanted, attempt)
    nuggets = len(foreseen.nuggets)
    cohort = basis.snapshot.cohort
    return CohortForecast(
        cohort=cohort.slug,
        title=cohort.title,
        zone=cohort.zone,
        cadence=cadence.name,
        start=now,
        end=run.end,
        wanted=asked.wanted,
        cast=basis.cast,
        foreseen=foreseen,
        tried=tried,
        enough=smallest(tried, nuggets),
        most=smallest(tried, nuggets // 2 + 1),
        assumptions=assumptions(basis.state.nuggets, asked.wanted),
        notes=(*_about_the_days(run, asked.days), *_about_the_people(basis, len(foreseen.nuggets))),
    )


@dataclass(frozen=True, slots=True)
class _Basis:
    """What was read, with those who stand for the cohort. `damaged` counts beliefs that could not be read."""

    snapshot: PlanSnapshot
    cast: Cast
    compose: PostComposer
    holidays: Mapping[date, str]
    state: PlanState
    damaged: int


def _read(database: Database, cohort_id: int, renderer: PostRenderer, tariff: Tariff, now: datetime) -> _Basis:
    with database.read() as connection:
        everybody, damaged = plan_snapshot.snapshot(connection, cohort_id, now)
        marks = people.people_marks(connection, everybody.account.id)
    cohort = everybody.cohort
    if cohort.state is CohortState.FINISHED:
        raise NotAllowed(f"the cohort {cohort.slug} is finished", "See what it did with: reinforce cohort show")
    snapshot, who = cast(everybody)
    holidays = holidays_of(cohort, snapshot.cadence, now)
    state = begin(snapshot, holidays, _prices(tariff, snapshot.cadence, who))
    if not state.nuggets:
        raise NotAllowed(
            f"there is nothing to forecast: {cohort.slug} has no nugget that its account may carry to anybody in it",
            "See what it learns, and on which account: reinforce cohort show " + cohort.slug,
        )
    return _Basis(snapshot, who, composer_for(snapshot, renderer, tariff, marks), holidays, state, len(damaged))


def _prices(tariff: Tariff, cadence: Cadence, who: Cast) -> dict[Form, int]:
    """Prices against the gain of those who stand for all: a sample of a tenth weighs a tenth of the money."""
    return {form: round(price / who.each) for form, price in form_prices(tariff, cadence).items()}


@dataclass(frozen=True, slots=True)
class _Run:
    """Runs cadences over one stretch of time."""

    basis: _Basis
    tariff: Tariff
    start: datetime
    end: datetime

    def foresee(self, cadence: Cadence, *, endless: bool = False) -> Foreseen:
        """What `cadence` would leave behind."""
        as_it_is = cadence == self.basis.snapshot.cadence
        phases = self.basis.snapshot.phases if as_it_is else ()
        snapshot = replace(self.basis.snapshot, cadence=cadence, phases=phases)
        state = begin(snapshot, self.basis.holidays, _prices(self.tariff, cadence, self.basis.cast))
        # A slot whose post is on its way has had its turn; what says no nugget was in no slot.
        since = max([self.start, *(row.at for row in snapshot.rows if row.nugget_id is not None)])
        slots = [
            slot
            for slot in slots_across(phases, cadence, snapshot.cohort.zone, self.basis.holidays, since, self.end)
            if not slot.off and snapshot.cohort.runs_on(slot.day)
        ]
        prices_of = partial(_prices, self.tariff, who=self.basis.cast)
        course = Course(slots, self.start, self.end, self.basis.cast.each, self.tariff.own_read, endless, prices_of)
        return foresee(state, course, self.basis.compose, self.basis.compose.answer)


def _end(basis: _Basis, now: datetime, days: int | None) -> datetime:
    """The forecast's last instant: as asked, else the last assessment, else as the plan takes it."""
    if days is not None:
        return now + days * _DAY
    ahead = [one.assessment for one in basis.state.nuggets if one.assessment is not None and one.assessment > now]
    return min(max(ahead, default=now + OPEN_END_DAYS * _DAY), now + MOST_DAYS * _DAY)


def _about_the_days(run: _Run, days: int | None) -> Iterator[str]:
    dates = [one.assessment for one in run.basis.state.nuggets]
    later = sum(date is not None and date > run.end for date in dates)
    undated = sum(date is None or date <= run.start for date in dates)
    if undated == len(dates) and days is None:
        yield (
            f"No assessment is to come, so recall is that of {OPEN_END_DAYS} days from now, which is what the plan"
            " works towards. A date is set when a cohort is created (--assessment) or in the procedure's file."
        )
    elif undated:
        yield f"{undated} of {len(dates)} nuggets have no assessment to come: theirs is recall on the last day."
    if later:
        yield f"{later} of {len(dates)} nuggets are assessed after the last day shown: theirs is recall on that day."
    if run.basis.snapshot.cohort.state is CohortState.PAUSED:
        yield "The cohort is paused; the forecast is for going on now."


def _about_the_people(basis: _Basis, shown: int) -> Iterator[str]:
    who = basis.cast
    if not who.roster:
        yield f"Nobody is enrolled yet: {who.people} typical learners stand for whoever will be."
    elif who.typical:
        linked = "Nobody is" if not who.linked else "Fewer than five people are"
        yield f"{linked} linked yet: a typical learner stands for each of the {who.people} on the roster, by role."
    elif who.linked < who.roster:
        yield f"It is about the {who.linked} learners who count now, of {who.roster} on the roster."
    if who.rows < who.people:
        yield f"{who.rows} learners, picked evenly by role and by what has reached them, stand for the {who.people}."
    if basis.damaged:
        yield f"{basis.damaged} beliefs can't be read and count as unmet until the daemon has rebuilt them."
    left_out = len(basis.state.nuggets) - shown
    if left_out:
        yield f"{left_out} nuggets are for roles that nobody who counts has, and are left out."
