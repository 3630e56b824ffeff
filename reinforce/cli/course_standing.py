"""How a course stands, told to a person or a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reinforce.actions.courses.show_course import CourseStatus, ShownThread
    from reinforce.store.courses.courses import Course


def approver_of(connection: Connection, course: Course) -> str:
    """Who approved a course as it is, by name where they have one; "" if nobody has."""
    from reinforce.store.approving import members

    return members.names(connection).get(course.approved_by, course.approved_by)


def tell_status(status: CourseStatus, approver: str) -> None:
    """Print how a course stands, and what is to be done next."""
    there = status.course
    approved = f"approved by {approver}" if there.approved_by else "not approved as it is now"
    click.echo(f"{there.title} ({there.slug}): {len(there.steps)} steps, {there.confidentiality.value}, {approved}")
    for name, shown in (("Rehearsal", status.rehearsal), ("Published", status.published)):
        if shown is not None:
            _tell_thread(name, shown)
    click.echo(_next_step(status))


def _tell_thread(name: str, shown: ShownThread) -> None:
    from reinforce.cli.printing import local, print_rows
    from reinforce.domain.courses.course import ThreadState

    title = f"{name} on {shown.account.name}: {in_words(shown)}"
    if shown.thread.state is ThreadState.WITHDRAWN:
        click.echo(title)
        return
    rows = [
        {
            "step": one.number,
            "title": one.title,
            "state": one.state,
            "posted": local(one.posted_at, "UTC"),
            "where": one.address,
            "why": "" if one.state in ("posted", "planned") else one.why,
        }
        for one in shown.steps
    ]
    columns = ["step", "title", "state", "posted", "where", "why"]
    print_rows(rows, columns, as_json=False, empty="No steps.", title=title)


def in_words(shown: ShownThread | None) -> str:
    """A thread in a few words."""
    from reinforce.cli.printing import local
    from reinforce.domain.courses.course import ThreadState

    if shown is None:
        return ""
    if shown.thread.state is not ThreadState.OPEN:
        note = shown.thread.note
        return shown.thread.state.value + (f", {note}" if note else "")
    there = shown.standing
    words = f"{there.progress.value}, {there.posted} of {there.total} posted"
    if not there.posted:
        words += f", from {local(shown.thread.due_at, 'UTC')} UTC"
    return f"{words}; {there.why}" if there.why else words


def _next_step(status: CourseStatus) -> str:
    from reinforce.domain.courses.course import ThreadState
    from reinforce.domain.courses.standing import Progress

    slug, published = status.course.slug, status.published
    if published is None or published.thread.state is not ThreadState.OPEN:
        if status.course.approved_by:
            return f"Next: reinforce course publish {slug}"
        return f"Next: read it on the practice account, then reinforce --as NAME course approve {slug}"
    if published.standing.progress is Progress.STOPPED:
        return f"It stopped. Mend what the step was refused for, then go on: reinforce course publish {slug}"
    if published.standing.progress is not Progress.COMPLETE:
        waits = published.standing.why
        return f"It waits: {waits}." if waits else "The daemon goes on with it."
    if published.pinned:
        return f"It is pinned. Its page: reinforce course page {slug} --out {slug}.html"
    pin = f"pin {published.steps[0].address} to the profile in X's app: programs can't."
    return f"Not pinned: {pin}" if published.pinned is False else f"So that people find it, {pin}"


def status_document(status: CourseStatus, approver: str) -> dict[str, Any]:
    """How a course stands, for a script."""
    there = status.course
    return {
        "course": there.slug,
        "title": there.title,
        "steps": len(there.steps),
        "price_micros": there.price_micros,
        "content_hash": there.content_hash,
        "approved_by": approver,
        "rehearsal": _thread_document(status.rehearsal),
        "published": _thread_document(status.published),
    }


def _thread_document(shown: ShownThread | None) -> dict[str, Any] | None:
    if shown is None:
        return None
    return {
        "account": shown.account.name,
        "state": shown.thread.state,
        "progress": shown.standing.progress,
        "posted": shown.standing.posted,
        "why": shown.standing.why or shown.thread.note,
        "pinned": shown.pinned,
        "steps": [
            {
                "step": one.number,
                "title": one.title,
                "state": one.state,
                "posted_at": one.posted_at,
                "id": None if one.remote_id is None else str(one.remote_id),
                "address": one.address,
                "why": one.why,
            }
            for one in shown.steps
        ],
    }
