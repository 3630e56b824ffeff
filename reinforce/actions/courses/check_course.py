"""Look at a course as it would be posted: every text with its length, what it costs, what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.authoring.confidentiality import may_carry, who_reads
from reinforce.domain.courses.course import CourseFile, PostedStep, content_hash
from reinforce.domain.errors import NotFound
from reinforce.domain.sending.budget import Tariff, holds_link
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.domain.texts.wording import text_hash, weighted_length
from reinforce.rendering.course_posts import compose_course
from reinforce.rendering.posts import PostRenderer
from reinforce.store.accounts import accounts
from reinforce.store.courses import courses
from reinforce.store.people import people
from reinforce.store.sending import outbox
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class CheckedStep:
    """A step as it would be posted; `length` is what X counts of 280."""

    step: PostedStep
    length: int
    holds_link: bool


@dataclass(frozen=True, slots=True)
class CourseCheck:
    """`price_micros` is of the whole thread, `withdrawal_micros` of taking it off again. `findings` are what a person
    should look at; `changed`: it says something else than what was approved."""

    course: CourseFile
    steps: tuple[CheckedStep, ...]
    price_micros: int
    withdrawal_micros: int
    findings: tuple[str, ...]
    content_hash: str
    changed: bool = False


def check_course(
    database: Database, course: CourseFile, renderer: PostRenderer, tariff: Tariff, *, now: datetime
) -> CourseCheck:
    """Look at a course; nothing is kept. Raises ContentRefused with every step that can't be posted."""
    steps = compose_course(course, renderer, tariff)
    whole = content_hash(steps)
    with database.read() as connection:
        findings = [*_against_accounts(connection, course, steps, now)]
        try:
            known = courses.course_by_slug(connection, course.slug)
        except NotFound:
            changed = False
        else:
            changed = known.content_hash != whole
    linked = [step.number for step in steps if holds_link(step.text)]
    if linked:
        dear = sum(step.price_micros for step in steps if step.number in linked)
        numbers = ", ".join(map(str, linked))
        findings.append(f"step {numbers} holds a link, which makes it dear: ${dear / 1_000_000:.2f} together")
    return CourseCheck(
        course,
        tuple(CheckedStep(step, weighted_length(step.text), step.number in linked) for step in steps),
        price_micros=sum(step.price_micros for step in steps),
        withdrawal_micros=len(steps) * tariff.deletion,
        findings=tuple(findings),
        content_hash=whole,
        changed=changed,
    )


def _against_accounts(
    connection: Connection, course: CourseFile, steps: tuple[PostedStep, ...], now: datetime
) -> list[str]:
    """What speaks against the course on the accounts there are."""
    found = []
    for account in accounts.accounts(connection):
        found += [f"on {account.name}: {words}" for words in _against(connection, account, course, steps, now)]
    return found


def _against(
    connection: Connection, account: AccountRecord, course: CourseFile, steps: tuple[PostedStep, ...], now: datetime
) -> list[str]:
    found = []
    if not may_carry(account, course.confidentiality):
        found.append(
            f'the course is internal, and {who_reads(account)}; write "confidentiality: public" if anybody may'
        )
    guard = NamingGuard(people.people_marks(connection, account.id))
    for step in steps:
        words = "\n".join((step.text, *step.options, *(one.alt for one in step.pictures)))
        if guard.find(words):
            found.append(f"step {step.number} names somebody who has not agreed to it")
        if outbox.text_taken(connection, account.id, text_hash(step.text), now - outbox.REPEAT_AFTER):
            found.append(f"step {step.number} says what the account has said already, or is about to")
    return found
