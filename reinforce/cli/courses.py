"""Courses: a file becomes a thread, rehearsed on the practice account, approved, published, watched, taken back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.house import SectionedGroup, json_option, open_house

if TYPE_CHECKING:
    from reinforce.actions.courses.check_course import CourseCheck
    from reinforce.bootstrap import House

SECTION = "Author"

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=SectionedGroup)
def course() -> None:
    """Make courses: check a file, rehearse it, approve it, publish it as a thread, withdraw it."""


@click.command(name="check")
@click.argument("file", type=_file)
@json_option
@click.pass_context
def course_check(ctx: click.Context, file: Path, *, as_json: bool) -> None:
    """Show every post of a course as it would go out, how long X counts it, and what all of it costs. Keeps nothing.

    \b
    Example:
      reinforce course check examples/lockout-course.md
    """
    from reinforce.actions.courses.check_course import check_course
    from reinforce.cli.printing import print_json
    from reinforce.content.course_file import read_course

    house = open_house(ctx)
    found = check_course(house.database, read_course(file), house.renderer, house.tariff, now=house.clock.now())
    if as_json:
        print_json(_check_document(found))
    else:
        _tell_check(found, file)


def _tell_check(found: CourseCheck, file: Path) -> None:
    from reinforce.cli.printing import money, print_rows

    rows = [
        {
            "step": one.step.number,
            "counts": f"{one.length}/280",
            "price": money(one.step.price_micros),
            "with": _with(one.step),
            "text": one.step.text,
        }
        for one in found.steps
    ]
    title = f"{found.course.title}: {len(rows)} posts, {money(found.price_micros)}"
    print_rows(rows, ["step", "counts", "price", "with", "text"], as_json=False, empty="No steps.", title=title)
    click.echo(
        f"All of it costs {money(found.price_micros)}; to take it off X again, {money(found.withdrawal_micros)}."
    )
    for finding in found.findings:
        click.echo(f"look: {finding}")
    if found.changed:
        click.echo("It says something else than what was rehearsed last: it has to be rehearsed and approved anew.")
    click.echo(f"Next: reinforce course rehearse {file}")


def _with(step: Any) -> str:
    if step.options:
        return f"a poll of {len(step.options)}"
    if step.pictures:
        return ", ".join(one.name for one in step.pictures)
    return "a question" if step.answer else ""


@click.command(name="rehearse")
@click.argument("file", type=_file)
@click.option("--account", help="The practice account to rehearse on [default: the one there is].")
@json_option
@click.pass_context
def course_rehearse(ctx: click.Context, file: Path, account: str | None, *, as_json: bool) -> None:
    """Post a course on the practice account, to be read there step by step. The daemon posts it.

    What stands there of an older wording is taken off first. A changed course has to be approved anew.

    \b
    Example:
      reinforce course rehearse examples/lockout-course.md
    """
    from reinforce.actions.courses.rehearse_course import rehearse_course
    from reinforce.cli.printing import print_json
    from reinforce.content.course_file import read_course

    house = open_house(ctx)
    done = rehearse_course(
        house.database,
        read_course(file),
        house.renderer,
        house.tariff,
        account_name=account,
        actor=house.actor,
        now=house.clock.now(),
    )
    if as_json:
        print_json({"course": done.course.slug, "account": done.account.name, "steps": len(done.course.steps),
                    "resumed": done.resumed, "replaced": done.replaced})  # fmt: skip
        return
    slug = done.course.slug
    if done.replaced:
        click.echo("What stands there of the older wording is taken off first.")
    click.echo(f"{done.course.title}: {len(done.course.steps)} steps go to {done.account.name} as the daemon runs.")
    click.echo(f"Read them on {done.account.base_url}/ once they are there: reinforce course status {slug}")
    click.echo(f"Then, somebody else: reinforce --as NAME course approve {slug}")


@click.command(name="approve")
@click.argument("slug", metavar="COURSE")
@click.pass_context
def course_approve(ctx: click.Context, slug: str) -> None:
    """Approve a course as you have read it on the practice account. Any change of a word or a picture voids it.

    Who rehearsed or wrote it can't, unless the workspace says that it has one user.

    \b
    Example:
      reinforce --as kim course approve lockout-course
    """
    from reinforce.actions.courses.rehearse_course import approve_course
    from reinforce.cli.course_standing import approver_of
    from reinforce.cli.printing import money

    house = open_house(ctx)
    alone = house.settings.single_user
    done = approve_course(house.database, slug, single_user=alone, actor=house.actor, now=house.clock.now())
    with house.database.read() as connection:
        by = approver_of(connection, done)
    unchecked = " (the workspace has one user)" if alone else ""
    click.echo(f"{done.title} is approved by {by}{unchecked}, just as it was rehearsed.")
    click.echo(f"Next, for {money(done.price_micros)}: reinforce course publish {slug}")


@click.command(name="publish")
@click.argument("slug", metavar="COURSE")
@click.option("--account", help="The account it is to stand on [default: the one there is on X].")
@click.option("--cohort", help="Wait for this cohort's open hours, and count it among the cohort's posts.")
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    help="When it begins: the cohort's local time, else UTC [default: now].",
)
@click.option("--file", type=_file, help="Refuse unless this file says just what was approved.")
@json_option
@click.pass_context
def course_publish(
    ctx: click.Context,
    slug: str,
    account: str | None,
    cohort: str | None,
    at: datetime | None,
    file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Post an approved course for good, each step under the one before. The daemon posts it.

    Where a thread stopped, this goes on from the step that is missing; no step goes out twice.

    \b
    Example:
      reinforce course publish lockout-course --account main
      reinforce course publish lockout-course --cohort press-shop --at 2026-03-09T08:00
    """
    from reinforce.actions.courses.publish_course import Asked, publish_course
    from reinforce.cli.printing import local, money, print_json

    house = open_house(ctx)
    zone = _zone(house, cohort)
    asked = Asked(account, cohort, _instant(at, zone))
    expected = None if file is None else _hash_of(house, file)
    done = publish_course(house.database, slug, asked, expected=expected, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json({"course": slug, "account": done.account.name, "planned": done.planned, "resumed": done.resumed,
                    "due_at": done.thread.due_at, "price_micros": done.course.price_micros})  # fmt: skip
        return
    if done.resumed:
        click.echo(f"{done.planned} steps are planned anew." if done.planned else "Nothing is missing.")
    else:
        price = money(done.course.price_micros)
        when = local(done.thread.due_at, zone)
        why = ", when the cohort is open" if done.moved else ""
        click.echo(f"{done.course.title}: {done.planned} steps go to {done.account.name} from {when}{why}, {price}.")
    click.echo(f"Watch it: reinforce course status {slug}")


def _zone(house: House, cohort: str | None) -> str:
    from reinforce.store.people.cohorts import cohort_by_slug

    if cohort is None:
        return "UTC"
    with house.database.read() as connection:
        return cohort_by_slug(connection, cohort).zone


def _instant(at: datetime | None, zone: str) -> datetime | None:
    from reinforce.domain.planning.slots import resolve

    return None if at is None else resolve(at.date(), at.time(), zone)


def _hash_of(house: House, file: Path) -> str:
    from reinforce.content.course_file import read_course
    from reinforce.domain.courses.course import content_hash
    from reinforce.rendering.course_posts import compose_course

    return content_hash(compose_course(read_course(file), house.renderer, house.tariff))


@click.command(name="list")
@json_option
@click.pass_context
def course_list(ctx: click.Context, *, as_json: bool) -> None:
    """List the courses, the newest first.

    \b
    Example:
      reinforce course list
    """
    from reinforce.actions.courses.show_course import show_course
    from reinforce.cli.course_standing import approver_of, in_words
    from reinforce.cli.printing import money, print_rows
    from reinforce.store.courses.courses import courses

    house = open_house(ctx)
    with house.database.read() as connection:
        found = courses(connection)
        by = {one.id: approver_of(connection, one) for one in found}
    rows = []
    for one in found:
        status = show_course(house.database, one.slug, None)
        rows.append({
            "course": one.slug,
            "title": one.title,
            "steps": len(one.steps),
            "rehearsal": in_words(status.rehearsal),
            "approved_by": by[one.id],
            "published": in_words(status.published),
            "price": one.price_micros if as_json else money(one.price_micros),
        })  # fmt: skip
    columns = ["course", "title", "steps", "rehearsal", "approved_by", "published", "price"]
    print_rows(rows, columns, as_json=as_json, empty="No course yet: reinforce course check FILE")


@click.command(name="status")
@click.argument("slug", metavar="COURSE")
@click.option("--offline", is_flag=True, help="Don't ask X whether it is pinned (one reading of a profile).")
@json_option
@click.pass_context
def course_status(ctx: click.Context, slug: str, *, offline: bool, as_json: bool) -> None:
    """Show every step of a course and where it stands, why a thread has stopped, and whether it is pinned.

    \b
    Example:
      reinforce course status lockout-course
    """
    from reinforce.actions.courses.show_course import show_course
    from reinforce.cli.course_standing import approver_of, status_document, tell_status
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    status = show_course(house.database, slug, None if offline else house.account)
    with house.database.read() as connection:
        by = approver_of(connection, status.course)
    if as_json:
        print_json(status_document(status, by))
    else:
        tell_status(status, by)


@click.command(name="page")
@click.argument("slug", metavar="COURSE")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write [default: COURSE.html].")
@click.pass_context
def course_page(ctx: click.Context, slug: str, out: Path | None) -> None:
    """Write a course as a page for everybody: all steps in order, with pictures and answers, in one file that lasts.

    \b
    Example:
      reinforce course page lockout-course --out lockout-course.html
    """
    import base64

    from reinforce.actions.courses.show_course import page_of
    from reinforce.rendering.pages import page_environment
    from reinforce.shipped import shipped

    house = open_house(ctx)
    page = page_of(house.database, slug)
    sources = {
        known_by: f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
        for known_by, (kind, content) in page.pictures.items()
    }
    filters = {"without_heading": lambda text: text.partition("\n")[2].strip()}
    template = page_environment(shipped("templates") / "print", filters).get_template("course.html")
    file = out or Path(f"{slug}.html")
    file.write_text(template.render(course=page, sources=sources), "utf-8")
    click.echo(f"{file} written.")


@click.command(name="withdraw")
@click.argument("slug", metavar="COURSE")
@click.option("--rehearsal", is_flag=True, help="Take it off the practice account only.")
@click.pass_context
def course_withdraw(ctx: click.Context, slug: str, *, rehearsal: bool) -> None:
    """Take a course off its account again, the last step first. The daemon deletes it; safe to repeat.

    \b
    Example:
      reinforce course withdraw lockout-course
    """
    from reinforce.actions.courses.publish_course import withdraw_course
    from reinforce.cli.printing import money

    house = open_house(ctx)
    done, thread = withdraw_course(house.database, slug, rehearsal=rehearsal, actor=house.actor, now=house.clock.now())
    if thread is None:
        click.echo(f"Nothing of {slug} stands {'on the practice account' if rehearsal else 'for good'}.")
        return
    most = money(len(done.steps) * house.tariff.deletion)
    click.echo(f"{done.title} is taken off, the last step first, for {most} at most. What was planned stays unsent.")
    click.echo(f"Watch it: reinforce course status {slug}")


def _check_document(found: CourseCheck) -> dict[str, Any]:
    return {
        "course": found.course.slug,
        "title": found.course.title,
        "confidentiality": found.course.confidentiality,
        "price_micros": found.price_micros,
        "withdrawal_micros": found.withdrawal_micros,
        "content_hash": found.content_hash,
        "changed": found.changed,
        "findings": found.findings,
        "steps": [
            {
                "step": one.step.number,
                "title": one.step.title,
                "text": one.step.text,
                "length": one.length,
                "holds_link": one.holds_link,
                "price_micros": one.step.price_micros,
                "pictures": one.step.pictures,
                "poll": one.step.poll,
            }
            for one in found.steps
        ],
    }


for _command in (
    course_check,
    course_rehearse,
    course_approve,
    course_publish,
    course_status,
    course_list,
    course_page,
    course_withdraw,
):
    course.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, course)]
