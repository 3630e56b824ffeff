"""The step of a tick that keeps programmes: hand-overs from phase to phase, and what has its place in a phase."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from reinforce.actions.programmes.follow_programme import follow_programme, settle_item
from reinforce.bootstrap import House
from reinforce.domain.cohort import Cohort
from reinforce.domain.errors import ReinforceError
from reinforce.domain.planning.slots import local_day, resolve
from reinforce.domain.programmes.runs import ItemState, RunState, place_at, too_late
from reinforce.placing import lasts, made_already, place
from reinforce.store.people import cohorts
from reinforce.store.programmes import runs
from reinforce.store.programmes.runs import Run, RunItem
from reinforce.telemetry import get_logger

log = get_logger("daemon")

# What could not be made is tried again so much later (programme time): a person has to do something first.
TRY_AGAIN = timedelta(hours=1)
_DAY = timedelta(days=1)


class Programmes:
    """Until when nothing is due of a run, while its cohort's version is the same, is kept in memory: who starts anew
    looks at all."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._settled: dict[int, tuple[int, datetime]] = {}

    def follow(self) -> None:
        """Do what is due of every run; each fails on its own."""
        with self._house.database.read() as connection:
            watched = runs.watched(connection)
        now, failed = self._house.clock.now(), None
        for run_id, version in watched:
            known, until = self._settled.get(run_id, (None, now))
            if known == version and now < until:
                continue
            try:
                self._follow(run_id, now)
            except Exception as error:
                failed = failed or error
        if failed is not None:
            raise failed

    def _follow(self, run_id: int, now: datetime) -> None:
        house = self._house
        with house.database.read() as connection:
            run = runs.run_by_id(connection, run_id)
        followed = follow_programme(house.database, run, now=now)
        for name in followed.begun:
            log.info("phase begun", run=run_id, programme=run.programme.slug, phase=name)
        if followed.finished:
            log.info("programme finished", run=run_id, programme=run.programme.slug)
        if followed.run.state is not RunState.RUNNING:
            return
        with house.database.read() as connection:
            cohort = cohorts.cohort_by_id(connection, run.cohort_id)
            waiting = runs.items(connection, run_id, waiting=True)
        looks = [self._place(followed.run, cohort, item, now) for item in waiting]
        with house.database.read() as connection:
            version = cohorts.cohort_by_id(connection, run.cohort_id).version
        tomorrow = resolve(local_day(now, cohort.zone) + _DAY, time(), cohort.zone)
        self._settled[run_id] = version, min([tomorrow, *looks])

    def _place(self, run: Run, cohort: Cohort, item: RunItem, now: datetime) -> datetime:
        """Make an item if its time has come; when to look at it again."""
        house, due = self._house, place_at(item.kind, item.day, item.at, item.lead, cohort.zone)
        if due > now:
            return due
        if item.tried_at is not None and now < item.tried_at + TRY_AGAIN:
            return item.tried_at + TRY_AGAIN
        state, note = ItemState.PLACED, made_already(house, item)
        if not note and too_late(item.kind, item.day, item.at, cohort.zone, now, lasts(item)):
            state, note = ItemState.LET_GO, item.note or "its time had passed when anything ran again"
        elif not note:
            try:
                note = place(house, run, cohort, item)
            except ReinforceError as wrong:
                state, note = ItemState.WAITING, f"{wrong.message}. {wrong.advice}".strip()
        settle_item(house.database, run, item.id, state, note, now=now)
        tell = log.info if state is ItemState.PLACED else log.warning
        tell("programme item", run=run.id, item=item.id, kind=item.kind.value, state=state.value)
        return now + TRY_AGAIN
