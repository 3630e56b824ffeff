"""Whether every course that was begun goes on."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from reinforce.domain.courses.course import ThreadState
from reinforce.domain.courses.standing import Progress
from reinforce.domain.finding import Finding
from reinforce.store.courses import courses, threads
from reinforce.store.courses.threads import Thread


def courses_under_way(connection: Connection) -> Iterator[Finding]:
    """Threads that stopped, and those that can't be taken off."""
    for thread in threads.threads(connection, states=[ThreadState.OPEN, ThreadState.WITHDRAWING]):
        why = _why_not(connection, thread)
        if why:
            slug = courses.course_by_id(connection, thread.course_id).slug
            what = "rehearsal of the course" if thread.rehearsal else "course"
            yield Finding("warn", f"the {what} {slug} does not go on: {why}", f"reinforce course status {slug}")


def _why_not(connection: Connection, thread: Thread) -> str:
    if thread.state is ThreadState.WITHDRAWING:
        return thread.note
    standing = threads.standing_of(thread, threads.posts(connection, thread.id))
    return "" if standing.progress is Progress.COMPLETE else standing.why
