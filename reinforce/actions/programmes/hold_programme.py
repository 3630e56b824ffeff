"""Hold a programme's cohort, with or without moving what is to come; go on earlier; finish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from reinforce.domain.cohort import Cohort, Hold
from reinforce.domain.errors import Conflict, NotAllowed
from reinforce.domain.planning.slots import local_day
from reinforce.domain.programmes.runs import RunState, is_over, shifted, shifted_phases, whole_weeks
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.programmes import runs
from reinforce.store.programmes.cohort_dates import set_cohort_dates
from reinforce.store.programmes.runs import Run
from reinforce.store.sending import holding
from reinforce.store.session import Database

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Held:
    """A hold of a programme's cohort. `taken_back` counts posts that were planned for its days, `moved` the days by
    which the phases to come are later (earlier, if negative) now."""

    run: Run
    hold: Hold
    taken_back: int = 0
    moved: int = 0


def hold_programme(  # noqa: PLR0913 - the days and why are what a person says
    database: Database,
    cohort_slug: str,
    first_day: date | None,
    last_day: date,
    reason: str,
    *,
    shift: bool,
    actor: str,
    now: datetime,
) -> Held:
    """Post nothing for the cohort on these local dates, as `enrolling.be_away.hold_cohort`. With `shift` everything
    from the hold's first day on comes later, by as many whole weeks as hold it: phases, what has its place in them and
    is not made yet, and the cohort's dates. Raises as that, and NotFound where no programme runs."""
    with database.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        run = runs.running_on(connection, cohort, lock=True)
        made, taken_back = holding.hold(connection, cohort, first_day, last_day, reason, actor, now)
        if not shift:
            return Held(run, made, taken_back)
        # Days before the programme begins take nothing from it.
        since = max(made.first_day, local_day(now, cohort.zone), run.starts_on)
        days = whole_weeks(max((made.last_day - since).days + 1, 0))
        if not days:
            return Held(run, made, taken_back)
        shifts = {**run.shifts, str(made.id): {"days": days, "since": since.isoformat()}}
        moved = _Moving(connection, cohort, actor, now).move(run, since, days, shifts)
        return Held(moved, made, taken_back, days)


def resume_programme(database: Database, cohort_slug: str, *, actor: str, now: datetime) -> Held:
    """End the hold that the cohort is in, or the next to come. If it moved the programme, that comes back by the weeks
    that were not needed. Raises NotFound; Conflict where there is no hold."""
    with database.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        run = runs.running_on(connection, cohort, lock=True)
        today = local_day(now, cohort.zone)
        there = next((one for one in cohort.holds if one.last_day >= today), None)
        if there is None:
            raise Conflict(f"{cohort_slug} is not on hold", "A paused one goes on with: reinforce cohort resume")
        holding.lift(connection, cohort, there, actor, now)
        shift = run.shifts.get(str(there.id))
        if shift is None:
            return Held(run, there)
        since, moved = date.fromisoformat(shift["since"]), int(shift["days"])
        back = whole_weeks(max((today - since).days, 0)) - moved
        if back >= 0:
            return Held(run, there)
        shifts = {key: one for key, one in run.shifts.items() if key != str(there.id)}
        run = _Moving(connection, cohort, actor, now).move(run, since + moved * _DAY, back, shifts)
        return Held(run, there, moved=back)


def finish_programme(database: Database, cohort_slug: str, *, early: bool, actor: str, now: datetime) -> Run:
    """Finish a programme: nothing of it comes any more, and the cohort's last day is today at the latest. One that is
    over was finished by the daemon; that one is given back as it is.

    Raises NotFound; NotAllowed if its last day is still to come and it is not to end `early`.
    """
    with database.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        there = runs.latest(connection, cohort.id)
        if there is not None and there.state is RunState.FINISHED:
            return there
        run = runs.running_on(connection, cohort, lock=True)
        today = local_day(now, cohort.zone)
        if today < run.starts_on:
            raise NotAllowed(f"it begins on {run.starts_on}", f"Undo it: reinforce programme stop {cohort_slug}")
        if run.last_day is not None and not is_over(run.dates, today) and not early:
            advice = "See how it stands: reinforce programme report; end it all the same with --early."
            raise NotAllowed(f"{run.programme.slug} runs on {cohort_slug} until {run.last_day}", advice)
        runs.end(connection, run.id, RunState.FINISHED, now)
        in_use = cohorts.schedule_id_of(connection, cohort.id)
        runs.set_cadences(connection, cohort.id, today + _DAY, {}, in_use)
        if cohort.ends_on is None or cohort.ends_on > today:
            closes = None if cohort.closes_on is None else min(cohort.closes_on, today)
            set_cohort_dates(connection, cohort, {"ends_on": today, "closes_on": closes}, actor, now)
        audit.record(connection, actor, "programme.finish", f"programme-run/{run.id}", {"cohort": cohort.id}, now)
        return runs.run_by_id(connection, run.id)


@dataclass(frozen=True, slots=True)
class _Moving:
    """One change of a run's dates: whose, by whom and when."""

    connection: Connection
    cohort: Cohort
    actor: str
    now: datetime

    def move(self, run: Run, since: date, days: int, shifts: Mapping[str, Any]) -> Run:
        """Let everything of a run from `since` on come `days` later; what has begun stays begun."""
        connection, cohort = self.connection, self.cohort
        begun = sum(phase.began_at is not None for phase in run.phases)
        phases = shifted_phases(run.dates, since, days, begun)
        runs.move(connection, run, phases, shifts)
        waiting = runs.items(connection, run.id, waiting=True)
        runs.move_items(connection, {one.id: shifted(one.day, since, days) for one in waiting if one.day >= since})
        cadences = {dates.first_day: phase.schedule_id for dates, phase in zip(phases, run.phases, strict=True)}
        ahead = [one.first_day for one in (*run.dates, *phases) if one.number > begun]
        if ahead:
            bound = min(ahead)
            anew = {day: schedule_id for day, schedule_id in cadences.items() if day >= bound}
            runs.set_cadences(connection, cohort.id, bound, anew, int(run.was["schedule_id"]))
        given = {name: shifted(getattr(cohort, name), since, days) for name in ("closes_on", "ends_on", "assessment")}
        if not begun:
            given["starts_on"] = shifted(cohort.starts_on, since, days)
        set_cohort_dates(connection, cohort, given, self.actor, self.now)
        detail = {"since": since.isoformat(), "days": days}
        audit.record(connection, self.actor, "programme.shift", f"programme-run/{run.id}", detail, self.now)
        return runs.run_by_id(connection, run.id)
