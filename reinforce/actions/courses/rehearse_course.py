"""Put a course on the practice account, as a thread, and keep what was rehearsed; approve it once it was read there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.approving.approval import check_approver
from reinforce.domain.authoring.confidentiality import may_carry, who_reads
from reinforce.domain.courses.course import CourseFile, ThreadState
from reinforce.domain.courses.standing import Progress
from reinforce.domain.errors import NotAllowed
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.rendering.course_posts import compose_course
from reinforce.rendering.posts import PostRenderer
from reinforce.store.accounts import accounts
from reinforce.store.approving import members
from reinforce.store.courses import courses, threads
from reinforce.store.courses.courses import Course
from reinforce.store.courses.threads import Thread
from reinforce.store.operating import audit
from reinforce.store.people import people
from reinforce.store.session import Database

_NO_PRACTICE = "Serve one with `reinforce practice`, and connect it: reinforce account connect practice"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """`resumed`: the same content was being rehearsed already; `replaced`: an older rehearsal is taken off first."""

    course: Course
    account: AccountRecord
    thread: Thread
    resumed: bool = False
    replaced: bool = False


def rehearse_course(
    database: Database,
    file: CourseFile,
    renderer: PostRenderer,
    tariff: Tariff,
    *,
    account_name: str | None = None,
    actor: str,
    now: datetime,
) -> Rehearsed:
    """Keep a course and let it be posted on the practice account; the daemon does. What stands there of an older
    wording is taken off first, and an approval of that counts no more.

    Raises ContentRefused with every step that can't be posted, NotAllowed without a practice account or if the course
    may not be said on it, NotFound for the account.
    """
    steps = compose_course(file, renderer, tariff)
    with database.write() as connection:
        account = _practice_account(connection, account_name)
        _require_fit(connection, file, account)
        course = courses.keep(connection, file, steps, actor, now)
        courses.lock(connection, course.id)
        _require_free(connection, course, account)
        there = threads.open_thread(connection, course.id, rehearsal=True)
        resumed = there is not None and (there.content_hash, there.account_id) == (course.content_hash, account.id)
        if there is not None and resumed:
            if threads.posts(connection, there.id):  # else an older one is still being taken off
                threads.plan_missing(connection, there, course, now)
            thread = there
        else:
            if there is not None:
                threads.change(connection, there, state=ThreadState.WITHDRAWING.value)
            thread = threads.begin(connection, course, rehearsal=True, account_id=account.id, due_at=now, now=now)
        audit.record(connection, actor, "course.rehearse", f"course/{course.id}", {"steps": len(steps)}, now)
    return Rehearsed(course, account, thread, resumed, replaced=there is not None and not resumed)


def approve_course(
    database: Database,
    slug: str,
    *,
    expected: str | None = None,
    single_user: bool = False,
    actor: str,
    now: datetime,
) -> Course:
    """Keep `actor`'s yes to a course as it stands on the practice account. `expected` is the hash of what a person has
    before them, None if they named the course only.

    Raises NotFound; NotAllowed if it says something else, was not rehearsed to its end as it is, or if `actor`
    rehearsed it so, or is the author that its file names, unless the workspace says that it has one user
    (`single_user`).
    """
    with database.write() as connection:
        course = courses.course_by_slug(connection, slug)
        if expected not in (None, course.content_hash):
            raise NotAllowed(f"{slug} says something else by now than what you looked at", "Read it once more.")
        did = dict.fromkeys(members.called(connection, course.author), "wrote it")
        check_approver(f"the course {slug}", {course.loaded_by: "rehearsed it", **did}, actor, single_user=single_user)
        _require_rehearsed(connection, course)
        if courses.approve(connection, course, actor, now):
            detail = {"single_user": single_user}
            audit.record(connection, actor, "course.approve", f"course/{course.id}", detail, now)
        return courses.course_by_slug(connection, slug)


def _practice_account(connection: Connection, name: str | None) -> AccountRecord:
    if name is not None:
        account = accounts.account_by_name(connection, name)
        if not account.on_this_machine:
            raise NotAllowed(
                f"{name} is on X: a course is rehearsed on the practice account, since X forbids the same text twice",
                _NO_PRACTICE,
            )
        return account
    here = [one for one in accounts.accounts(connection) if one.on_this_machine]
    if not here:
        raise NotAllowed("there is no practice account here to rehearse on", _NO_PRACTICE)
    if len(here) > 1:
        named = ", ".join(one.name for one in here)
        raise NotAllowed(f"there are several practice accounts: {named}", "Say which with --account.")
    return here[0]


def _require_free(connection: Connection, course: Course, account: AccountRecord) -> None:
    """A course that stands for good where it is to be rehearsed would be said twice there."""
    published = threads.open_thread(connection, course.id, rehearsal=False)
    if published is not None and published.account_id == account.id:
        raise NotAllowed(
            f"{course.slug} stands on {account.name} for good, and can't be rehearsed there beside that",
            f"Withdraw it first: reinforce course withdraw {course.slug}",
        )


def _require_fit(connection: Connection, file: CourseFile, account: AccountRecord) -> None:
    if not may_carry(account, file.confidentiality):
        raise NotAllowed(
            f"{who_reads(account)}, and the course is internal",
            'Use a protected account, or write "confidentiality: public" into the file if it may be read by anybody.',
        )
    guard = NamingGuard(people.people_marks(connection, account.id))
    for number, step in enumerate(file.steps, start=1):
        options = () if step.poll is None else step.poll.options
        if guard.find("\n".join((step.title, step.text, *options, *(one.alt for one in step.pictures)))):
            raise NotAllowed(
                f"step {number} names somebody who has not agreed to it", "Write the role instead of the name."
            )


def _require_rehearsed(connection: Connection, course: Course) -> None:
    rehearsed = threads.open_thread(connection, course.id, rehearsal=True)
    again = f"Rehearse it: reinforce course rehearse FILE ({course.slug})"
    if rehearsed is None or rehearsed.content_hash != course.content_hash:
        if course.approved_by:
            return  # read, approved, and taken off the practice account since
        raise NotAllowed(f"{course.slug} does not stand on the practice account, so nobody can have read it", again)
    there = threads.standing_of(rehearsed, threads.posts(connection, rehearsed.id))
    if there.progress is not Progress.COMPLETE:
        raise NotAllowed(
            f"its rehearsal has {there.posted} of {there.total} steps so far{f': {there.why}' if there.why else ''}",
            f"Wait until it is complete: reinforce course status {course.slug}",
        )
