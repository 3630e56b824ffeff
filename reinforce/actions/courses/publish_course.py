"""Publish a course for good, go on where a thread stopped, or take it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.authoring.confidentiality import may_carry, who_reads
from reinforce.domain.courses.course import ThreadState, as_content
from reinforce.domain.errors import NotAllowed
from reinforce.domain.planning.slots import next_open
from reinforce.domain.sending.outbox import State
from reinforce.store.accounts import accounts
from reinforce.store.courses import courses, threads
from reinforce.store.courses.courses import Course
from reinforce.store.courses.threads import Thread
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.planning import plan_snapshot
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class Asked:
    """Where and when: the account by name (None: the one there is), a cohort whose open hours count, and when at the
    earliest (None: now)."""

    account: str | None = None
    cohort: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PublishedCourse:
    """`planned` is how many steps are to be posted now; `resumed`: some stood already. `moved`: it waits for the
    cohort's open hours."""

    course: Course
    account: AccountRecord
    thread: Thread
    planned: int
    resumed: bool = False
    moved: bool = False


def publish_course(
    database: Database, slug: str, asked: Asked, *, expected: str | None = None, actor: str, now: datetime
) -> PublishedCourse:
    """Let an approved course be posted, or go on where its thread stopped. `expected` is the hash of the file that a
    person has before them, None if they named the course only.

    Raises NotFound; NotAllowed if it was not approved as it is, may not be said on the account, or has gone out with
    other words; Conflict if the account has said a step already.
    """
    with database.write() as connection:
        course = courses.course_by_slug(connection, slug)
        courses.lock(connection, course.id)
        _require_approved(course, expected)
        there = threads.open_thread(connection, course.id, rehearsal=False)
        account = _account(connection, asked.account if there is None else _named(connection, there, asked))
        if not may_carry(account, course.confidentiality):
            raise NotAllowed(
                f"{who_reads(account)}, and the course is internal",
                'Use a protected account, or rehearse it with "confidentiality: public" if anybody may read it.',
            )
        if there is None:
            thread, moved = _begin(connection, course, account, asked, now)
            planned = 0
        else:
            thread, moved = _go_on(connection, course, there, now), False
            waits = not threads.posts(connection, thread.id)  # for what was rehearsed on the same account
            planned = 0 if waits else len(threads.plan_missing(connection, thread, course, now))
        detail = {"thread": thread.id, "steps": len(thread.steps)}
        audit.record(connection, actor, "course.publish", f"course/{course.id}", detail, now)
    steps = len(thread.steps) if there is None else planned
    return PublishedCourse(course, account, thread, steps, resumed=there is not None, moved=moved)


def withdraw_course(
    database: Database, slug: str, *, rehearsal: bool, actor: str, now: datetime
) -> tuple[Course, Thread | None]:
    """Let a course be taken off its account again, the last step first; the daemon does. Safe to repeat: None where
    nothing stands any more. Raises NotFound."""
    with database.write() as connection:
        course = courses.course_by_slug(connection, slug)
        courses.lock(connection, course.id)
        going = [ThreadState.OPEN, ThreadState.WITHDRAWING]
        found = [
            one for one in threads.threads(connection, course_id=course.id, states=going) if one.rehearsal is rehearsal
        ]
        for thread in found:
            threads.change(connection, thread, state=ThreadState.WITHDRAWING.value, note="")
            threads.ask_again(connection, thread, now)
        if found:
            verb = "course.withdraw_rehearsal" if rehearsal else "course.withdraw"
            audit.record(connection, actor, verb, f"course/{course.id}", {"thread": found[0].id}, now)
    return course, next(iter(found), None)


def _require_approved(course: Course, expected: str | None) -> None:
    again = f"Rehearse it, read it there, and have it approved: reinforce --as NAME course approve {course.slug}"
    if expected is not None and expected != course.content_hash:
        raise NotAllowed(f"what you looked at says something else than what was rehearsed as {course.slug}", again)
    if not course.approved_by:
        raise NotAllowed(f"nobody has approved {course.slug} as it was rehearsed last", again)


def _named(connection: Connection, there: Thread, asked: Asked) -> str:
    """The account on which the course stands already; another one is not taken."""
    name = accounts.account_by_id(connection, there.account_id).name
    if asked.account not in (None, name):
        raise NotAllowed(
            f"it stands on {name}, and X forbids the same texts on two accounts", "Withdraw it there first."
        )
    return name


def _account(connection: Connection, name: str | None) -> AccountRecord:
    if name is not None:
        return accounts.account_by_name(connection, name)
    known = accounts.accounts(connection)
    on_x = [one for one in known if not one.on_this_machine] or known
    if len(on_x) != 1:
        named = ", ".join(one.name for one in on_x) or "none yet"
        raise NotAllowed(f"which account is it to stand on? There are: {named}", "Say it with --account.")
    return on_x[0]


def _begin(
    connection: Connection, course: Course, account: AccountRecord, asked: Asked, now: datetime
) -> tuple[Thread, bool]:
    """A new thread, and whether it has to wait for a cohort's open hours. What was rehearsed on the same account goes
    first, or the account would say everything twice."""
    rehearsed = threads.open_thread(connection, course.id, rehearsal=True)
    if rehearsed is not None and rehearsed.account_id == account.id:
        threads.change(connection, rehearsed, state=ThreadState.WITHDRAWING.value)
    wanted = max(asked.at or now, now)
    cohort_id, due_at = None, wanted
    if asked.cohort is not None:
        cohort = cohorts.cohort_by_slug(connection, asked.cohort)
        if cohort.account_id != account.id:
            raise NotAllowed(f"{asked.cohort} follows another account than {account.name}", "Leave --cohort out.")
        cadence = plan_snapshot.frame(connection, cohort.id).cadence
        opens = next_open(wanted, cadence, cohort.zone, holidays_of(cohort, cadence, now))
        cohort_id, due_at = cohort.id, opens or wanted
    thread = threads.begin(
        connection, course, rehearsal=False, account_id=account.id, cohort_id=cohort_id, due_at=due_at, now=now
    )
    return thread, due_at != wanted


def _go_on(connection: Connection, course: Course, thread: Thread, now: datetime) -> Thread:
    """The thread with the course's words of now, where what stands already is the same in them."""
    for number, post in threads.posts(connection, thread.id).items():
        same = number <= len(course.steps) and post.says(course.steps[number - 1])
        if not same and not post.ended and post.item.state is not State.PLANNED:
            raise NotAllowed(
                f"step {number} has gone out with other words than the course has now",
                f"Withdraw the thread and publish it anew: reinforce course withdraw {course.slug}",
            )
    due_at = max(thread.due_at, now)
    changes = {"content_hash": course.content_hash, "content": as_content(course.steps), "due_at": due_at, "note": ""}
    threads.change(connection, thread, **changes)
    return replace(thread, content_hash=course.content_hash, steps=course.steps, due_at=due_at, note="")
