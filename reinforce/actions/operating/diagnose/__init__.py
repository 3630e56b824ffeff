"""The doctor: what is wrong with this workspace, and what to do about it.

`machine` looks at what is around the database, `soundness` at the database itself, `work` at what is being done in it,
`courses` at threads that do not go on, `programmes` at what could not be made of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError

from reinforce.actions.operating.diagnose import courses, machine, programmes, soundness, work
from reinforce.actions.operating.diagnose.surroundings import Surroundings
from reinforce.domain.finding import Finding
from reinforce.store.database_faults import database_fault
from reinforce.store.reporting.figures import figures
from reinforce.store.session import Database

__all__ = ["Surroundings", "diagnose"]


def diagnose(database: Database, around: Surroundings) -> tuple[Finding, ...]:
    """Everything that is looked at, in order. Never raises for what it finds."""
    if not around.folder.is_dir():
        return (Finding("fail", f"there is no workspace in {around.folder}", "Make one: reinforce init"),)
    findings = [*machine.key(around), *machine.disk(database, around)]
    try:
        findings.extend(_database(database, around))
    except DBAPIError as error:
        fault = database_fault(error)
        words = f"the database can't be read: {error.orig}" if fault is None else fault.message
        advice = "Restore a backup: reinforce db restore FILE" if fault is None else fault.advice
        findings.append(Finding("fail", words, advice))
    return tuple(findings)


def _database(database: Database, around: Surroundings) -> Iterator[Finding]:
    current = soundness.tables(database)
    yield current
    if current.level == "fail":
        return
    with database.read() as connection:
        yield from soundness.integrity(connection)
        yield from soundness.audit_log(connection)
        yield machine.database_clock(connection, around)
        yield from machine.service_clocks(connection, around)
        yield from work.daemons(connection, around)
        yield from work.accounts_and_keys(connection, around)
        known = figures(connection, now=around.now, wall=around.wall)
        yield from work.posts(known)
        yield from work.deletions(connection)
        yield from work.replies(known)
        yield from work.questions(connection, known)
        yield from work.events(connection, around.now)
        yield from courses.courses_under_way(connection)
        yield from programmes.programmes_under_way(connection)
        yield from work.backups(connection, around)
