"""Carry courses on, tick by tick: plan what could not be planned yet, take off what is withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.courses.course import ThreadState
from reinforce.domain.errors import Conflict
from reinforce.store.courses import courses, threads
from reinforce.store.courses.threads import Thread
from reinforce.store.operating import audit
from reinforce.store.session import Database

_OLDER_FIRST = "an older thread of it is being taken off this account first"


@dataclass(frozen=True, slots=True)
class CarriedOn:
    """How many steps were planned, and which threads are off their account now."""

    planned: int = 0
    withdrawn: tuple[int, ...] = ()


def carry_on_courses(database: Database, *, now: datetime) -> CarriedOn:
    """Do what is next for every thread, each in a transaction of its own."""
    with database.read() as connection:
        going = threads.threads(connection, states=[ThreadState.WITHDRAWING])
        begun = threads.unplanned(connection)
    withdrawn = tuple(thread.id for thread in reversed(going) if _withdraw(database, thread, now))
    planned = sum(_plan(database, thread, now) for thread in reversed(begun))
    return CarriedOn(planned, withdrawn)


def _withdraw(database: Database, thread: Thread, now: datetime) -> bool:
    with database.write() as connection:
        courses.lock(connection, thread.course_id)
        standing, waiting = threads.take_back(connection, thread, now)
        if standing or waiting:
            if waiting != thread.note:
                threads.change(connection, thread, note=waiting)
            return False
        ended = {"state": ThreadState.WITHDRAWN.value, "ended_at": now, "note": ""}
        if threads.change(connection, thread, **ended):
            detail = {"thread": thread.id}
            audit.record(connection, "daemon", "course.withdrawn", f"course/{thread.course_id}", detail, now)
        return True


def _plan(database: Database, thread: Thread, now: datetime) -> int:
    """Plan the steps of a thread that has none yet; how many."""
    try:
        with database.write() as connection:
            courses.lock(connection, thread.course_id)
            if _older_stands(connection, thread):
                _note(connection, thread, _OLDER_FIRST)
                return 0
            if threads.posts(connection, thread.id):
                return 0  # somebody was quicker
            course = courses.course_by_id(connection, thread.course_id)
            return len(threads.plan_missing(connection, thread, course, now))
    except Conflict as conflict:
        with database.write() as connection:
            _note(connection, thread, f"{conflict.message}; withdraw what says it, or change a word")
        return 0


def _older_stands(connection: Connection, thread: Thread) -> bool:
    leaving = threads.threads(connection, course_id=thread.course_id, states=[ThreadState.WITHDRAWING])
    return any(one.account_id == thread.account_id for one in leaving)


def _note(connection: Connection, thread: Thread, words: str) -> None:
    if words != thread.note:
        threads.change(connection, thread, note=words)
