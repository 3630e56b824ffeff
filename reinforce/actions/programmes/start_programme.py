"""Start a programme on a cohort: its days become the cohort's dates. Or stop it, as if it had never been."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from reinforce.domain.authoring.confidentiality import may_carry
from reinforce.domain.authoring.revision import content_hash
from reinforce.domain.cohort import Cohort, CohortState
from reinforce.domain.errors import Conflict, NotAllowed, ReinforceError
from reinforce.domain.planning.slots import local_day
from reinforce.domain.programmes.programme import Programme
from reinforce.domain.programmes.runs import RunDates, RunState, dated
from reinforce.store.accounts import accounts
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.planning import plan_snapshot
from reinforce.store.programmes import programmes, runs
from reinforce.store.programmes.cohort_dates import DATES, recalled, remembered, set_cohort_dates
from reinforce.store.programmes.runs import NewItem, NewPhase, NewRun, Run
from reinforce.store.session import Database


def preview_start(database: Database, slug: str, cohort_slug: str, starts_on: date, *, now: datetime) -> RunDates:
    """What a programme's days would be on a cohort; changes nothing. Raises as `start_programme`."""
    with database.read() as connection:
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        _, programme = programmes.programme_by_slug(connection, slug)
        _require_startable(connection, programme, cohort, starts_on, now)
        return dated(programme, starts_on)


def start_programme(
    database: Database, slug: str, cohort_slug: str, starts_on: date, *, agreed: bool, actor: str, now: datetime
) -> Run:
    """Start a programme on a cohort on a local date, today or later; the daemon does the rest.

    The cohort gets the programme's dates; its cadence changes as each phase begins. `agreed`: somebody has said yes to
    what links in the programme's events cost. Raises NotFound; Conflict if a programme runs on the cohort; NotAllowed
    if the cohort is finished, or its account public and the programme not; ReinforceError for days that can't be.
    """
    with database.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        plan_snapshot.version_of(connection, cohort.id)  # two who start at once: the second sees the first
        programme_id, programme = programmes.programme_by_slug(connection, slug)
        _require_startable(connection, programme, cohort, starts_on, now)
        if not agreed and any(item.content.get("link") for item in programme.items):
            advice = "See what they cost with --dry-run, and agree with --yes."
            raise NotAllowed("an event of it has a link, and a post with a link costs more", advice)
        dates = dated(programme, starts_on)
        was = cohorts.schedule_id_of(connection, cohort.id)
        phases = _phases(connection, programme, cohort, dates, now)
        kept = {"schedule_id": was, **remembered(cohort)}
        items = _items(programme, dates)
        run = runs.add(connection, NewRun(programme_id, programme, cohort.id, phases, items, kept, agreed), now)
        cadences = {one.dates.first_day: one.schedule_id for one in phases}
        runs.set_cadences(connection, cohort.id, starts_on, cadences, was)
        set_cohort_dates(connection, cohort, _given(programme, dates), actor, now)
        cohorts.raise_version(connection, cohort.id)
        detail = {"cohort": cohort.id, "programme": programme_id, "starts": starts_on.isoformat(), "agreed": agreed}
        audit.record(connection, actor, "programme.start", f"programme-run/{run.id}", detail, now)
        return run


def stop_programme(database: Database, cohort_slug: str, *, actor: str, now: datetime) -> Run:
    """Undo a start: the cohort has the cadence and the dates again that it had before, as far as nobody has changed
    them since. What went out stays; events and rounds that exist have verbs of their own. Raises NotFound."""
    with database.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        run = runs.running_on(connection, cohort, lock=True)
        runs.end(connection, run.id, RunState.STOPPED, now)
        was = int(run.was["schedule_id"])
        cohorts.set_schedule(connection, cohort.id, was)
        runs.set_cadences(connection, cohort.id, local_day(now, cohort.zone), {local_day(now, cohort.zone): was}, was)
        given = _given(run.programme, dated(run.programme, run.starts_on))
        before = recalled(run.was)
        back = {name: before[name] for name in before if run.shifts or getattr(cohort, name) == given.get(name)}
        set_cohort_dates(connection, cohort, back, actor, now)
        audit.record(connection, actor, "programme.stop", f"programme-run/{run.id}", {"cohort": cohort.id}, now)
        return runs.run_by_id(connection, run.id)


def _require_startable(
    connection: Connection, programme: Programme, cohort: Cohort, starts_on: date, now: datetime
) -> None:
    if cohort.state is CohortState.FINISHED:
        raise NotAllowed(f"the cohort {cohort.slug} is finished", "Create another one: reinforce cohort create --help")
    there = runs.running(connection, cohort.id)
    if there:
        advice = f"Let it end, or undo it first: reinforce programme stop {cohort.slug}"
        raise Conflict(f"{there[0].programme.slug} runs on {cohort.slug} already", advice)
    today = local_day(now, cohort.zone)
    if starts_on < today:
        raise ReinforceError(f"{starts_on} has passed", f"Give a day from {today} on with --from.")
    account = accounts.account_by_id(connection, cohort.account_id)
    if programme.items and not may_carry(account, programme.audience):
        raise NotAllowed(
            f"the account {account.name} is public, and the words of {programme.slug} are internal",
            'Use a protected account, or write "audience: public" into the file if anybody may read them.',
        )


def _given(programme: Programme, dates: RunDates) -> dict[str, object]:
    """The cohort's dates by the programme; what the programme doesn't say stays as it is."""
    given = {name: getattr(dates, name) for name in DATES}
    optional = {name: given[name] for name in ("closes_on", "assessment") if given[name] is not None}
    return {"starts_on": given["starts_on"], "ends_on": given["ends_on"], "completes": programme.completes, **optional}


def _phases(
    connection: Connection, programme: Programme, cohort: Cohort, dates: RunDates, now: datetime
) -> list[NewPhase]:
    found = []
    for phase, there in zip(programme.phases, dates.phases, strict=True):
        name = f"{programme.slug}/{cohort.slug}/{phase.name}"
        schedule_id = cohorts.save_schedule(connection, name, phase.cadence, content_hash(phase.cadence), now)
        found.append(NewPhase(there, schedule_id, phase.goal, phase.recall))
    return found


def _items(programme: Programme, dates: RunDates) -> list[NewItem]:
    found = []
    for phase, there in zip(programme.phases, dates.phases, strict=True):
        for item in phase.items:
            day = date.fromordinal(there.first_day.toordinal() + item.day - 1)
            found.append(NewItem(there.number, item.kind, item.name, day, item.at, item.content, item.lead))
    return found
