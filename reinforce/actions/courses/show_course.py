"""How a course stands: each step of its threads, whether it is pinned, and its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from reinforce.accounts.base import Account, AccountError
from reinforce.domain.accounts.account import AccountRecord, address_of
from reinforce.domain.courses.course import PostedStep, ThreadState
from reinforce.domain.courses.standing import Progress, Standing
from reinforce.store.accounts import accounts
from reinforce.store.courses import courses, threads
from reinforce.store.courses.courses import Course
from reinforce.store.courses.threads import StepPost, Thread
from reinforce.store.sending import pictures
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step and what became of it. `state` is its post's, "" without one, "deleted" once it was taken off; `remote_id`
    and `address` are where it stands; `why` is the outcome in words."""

    number: int
    title: str
    state: str
    posted_at: datetime | None
    remote_id: int | None
    address: str
    why: str


@dataclass(frozen=True, slots=True)
class ShownThread:
    """A thread. `pinned`: whether its first step is what the account has pinned; None if that was not asked or can't
    be told."""

    thread: Thread
    account: AccountRecord
    standing: Standing
    steps: tuple[ShownStep, ...]
    pinned: bool | None = None


@dataclass(frozen=True, slots=True)
class CourseStatus:
    """A course with its rehearsal and its thread for good, where there is one."""

    course: Course
    rehearsal: ShownThread | None
    published: ShownThread | None


def show_course(database: Database, slug: str, look: Callable[[AccountRecord], Account] | None) -> CourseStatus:
    """How a course stands. `look` opens an account, to ask what it has pinned (one reading of its own profile); None
    leaves that out. Raises NotFound."""
    with database.read() as connection:
        course = courses.course_by_slug(connection, slug)
        found = threads.threads(connection, course_id=course.id)
        shown: dict[bool, ShownThread] = {}
        for thread in found:
            if thread.rehearsal not in shown:  # the newest one tells
                account = accounts.account_by_id(connection, thread.account_id)
                shown[thread.rehearsal] = _shown(thread, account, threads.posts(connection, thread.id))
    published = shown.get(False)
    if published is not None and look is not None:
        published = _with_pin(published, look)
    return CourseStatus(course, shown.get(True), published)


def _shown(thread: Thread, account: AccountRecord, posts: dict[int, StepPost]) -> ShownThread:
    steps = tuple(_step(step, posts.get(step.number), account) for step in thread.steps)
    return ShownThread(thread, account, threads.standing_of(thread, posts), steps)


def _step(step: PostedStep, post: StepPost | None, account: AccountRecord) -> ShownStep:
    if post is None:
        return ShownStep(step.number, step.title, "", None, None, "", "")
    item = post.item
    address = "" if item.remote_id is None or post.deleted else address_of(account, item.remote_id)
    state = "deleted" if post.deleted else item.state.value
    why = post.deletion.outcome if post.deletion is not None else item.outcome
    return ShownStep(step.number, step.title, state, item.posted_at, item.remote_id, address, why)


def _with_pin(shown: ShownThread, look: Callable[[AccountRecord], Account]) -> ShownThread:
    first = shown.steps[0].remote_id if shown.steps else None
    stands = shown.thread.state is ThreadState.OPEN and shown.standing.progress is Progress.COMPLETE
    if not stands or first is None:
        return shown
    try:
        pinned = look(shown.account).identity().pinned_id
    except AccountError:
        return shown
    return ShownThread(shown.thread, shown.account, shown.standing, shown.steps, pinned == first)


@dataclass(frozen=True, slots=True)
class CoursePage:
    """What a course's page shows: its steps as they stand for good (as they were rehearsed, where none does yet), the
    address of each that stands, and its pictures (type and bytes, by hash)."""

    title: str
    language: str
    steps: tuple[PostedStep, ...]
    addresses: dict[int, str]
    pictures: dict[str, tuple[str, bytes]]


def page_of(database: Database, slug: str) -> CoursePage:
    """A course for everybody. Raises NotFound."""
    status = show_course(database, slug, None)
    course, published = status.course, status.published
    if published is not None and published.thread.state is not ThreadState.OPEN:
        published = None
    steps = course.steps if published is None else published.thread.steps
    addresses = {} if published is None else {one.number: one.address for one in published.steps if one.address}
    with database.read() as connection:
        shown = pictures.contents(connection, [picture.hash for step in steps for picture in step.pictures])
    return CoursePage(course.title, course.language, steps, addresses, shown)
