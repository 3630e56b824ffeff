"""Quiz rounds: teams answer questions on X, the earliest right answer wins."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.house import SectionedGroup, json_option, open_house

if TYPE_CHECKING:
    from reinforce.actions.quizzing.check_quiz import QuizCheck
    from reinforce.actions.quizzing.show_quiz import QuizStatus

SECTION = "Talk with learners"

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=SectionedGroup)
def quiz() -> None:
    """Hold quiz rounds: make, check, start, watch and close them."""


@click.command(name="create")
@click.argument("cohort")
@click.argument("file", required=False, type=_file)
@click.option("--from-nuggets", type=click.IntRange(1, 40), help="Draw so many questions from the cohort's nuggets.")
@click.option("--slug", default="", help="Short name of the round [default: the file's].")
@click.option("--title", default="", help="What it is called on X [default: the file's].")
@click.option("--dry-run", is_flag=True, help="Look at everything; keep nothing.")
@json_option
@click.pass_context
def quiz_create(
    ctx: click.Context,
    cohort: str,
    file: Path | None,
    from_nuggets: int | None,
    slug: str,
    title: str,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make a round from a quiz file, or from the cohort's own nuggets.

    Drawn are nuggets with a question, one topic after the other, those first that were never asked or longest ago.

    \b
    Example:
      reinforce quiz create press-shop examples/lockout-quiz.yaml
      reinforce quiz create press-shop --from-nuggets 10 --slug friday-quiz
    """
    from dataclasses import replace

    from reinforce.actions.quizzing.create_quiz import create_quiz, draw_quiz
    from reinforce.cli.printing import print_json
    from reinforce.content.quiz_file import read_quiz
    from reinforce.domain.errors import ReinforceError
    from reinforce.domain.quizzing.quiz import Pace

    house = open_house(ctx)
    now = house.clock.now()
    if (file is None) == (from_nuggets is None):
        raise ReinforceError("a round is made from a file or from nuggets", "Give a FILE, or --from-nuggets 10.")
    if file is not None:
        draft = read_quiz(file)
        draft = replace(draft, slug=slug or draft.slug, title=title or draft.title)
    else:
        name = slug or f"{cohort}-{now:%Y-%m-%d}"
        draft = draw_quiz(house.database, cohort, from_nuggets or 0, name, title or name, Pace())
    made = create_quiz(
        house.database, cohort, draft, house.renderer, house.tariff, actor=house.actor, now=now, dry_run=dry_run
    )
    if as_json:
        print_json(made)
        return
    click.echo(f"{made.title}: {made.questions} questions, {made.evidence} of them on nuggets of {made.cohort}")
    click.echo("Dry run: nothing was kept." if dry_run else f"Next: reinforce quiz check {made.slug}")


@click.command(name="list")
@json_option
@click.pass_context
def quiz_list(ctx: click.Context, *, as_json: bool) -> None:
    """List the rounds, the newest first.

    \b
    Example:
      reinforce quiz list --json
    """
    from reinforce.cli.printing import local, print_rows
    from reinforce.store.people.cohorts import cohort_by_id
    from reinforce.store.quizzing.quizzes import quizzes

    house = open_house(ctx)
    rows = []
    with house.database.read() as connection:
        for one in quizzes(connection):
            cohort = cohort_by_id(connection, one.cohort_id)
            starts: Any = one.starts_at if as_json else local(one.starts_at, cohort.zone)
            row = {"quiz": one.slug, "title": one.title, "cohort": cohort.slug, "state": one.state, "starts": starts}
            rows.append(row | {"note": one.note})
    empty = "No round yet: reinforce quiz create --help"
    print_rows(rows, ["quiz", "title", "cohort", "state", "starts", "note"], as_json=as_json, empty=empty)


@click.command(name="check")
@click.argument("slug", metavar="QUIZ")
@json_option
@click.pass_context
def quiz_check(ctx: click.Context, slug: str, *, as_json: bool) -> None:
    """Show every post of a round as it would go out, when, for how much, and what to mend first.

    \b
    Example:
      reinforce quiz check lockout-quiz
    """
    from reinforce.actions.quizzing.check_quiz import check_quiz
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    found = check_quiz(house.database, slug, house.renderer, house.tariff, now=house.clock.now())
    if as_json:
        print_json(_check_document(found))
        return
    _tell_check(found)


def _tell_check(found: QuizCheck) -> None:
    from reinforce.cli.printing import money, print_rows

    rows = [
        {
            "after": _minutes(one.after.total_seconds()),
            "post": one.step,
            "price": money(one.price_micros),
            "text": one.text,
        }
        for one in found.posts
    ]
    how = "live, at its own times" if found.live else "over days, in the cohort's open hours"
    title = f"{found.quiz.title}: {_minutes(found.length.total_seconds())}, {how}; at most {money(found.most_micros)}"
    print_rows(rows, ["after", "post", "price", "text"], as_json=False, empty="No questions.", title=title)
    teams = ", ".join(f"{name} ({size})" for name, size in sorted(found.teams.items()))
    click.echo(f"Teams: {teams or 'none yet'}")
    for finding in found.findings:
        click.echo(f"look: {finding}")
    if found.quiz.state.value == "draft":
        click.echo(f"Next: reinforce quiz start {found.quiz.slug}")


@click.command(name="start")
@click.argument("slug", metavar="QUIZ")
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    help="When it begins, local time of the cohort [default: now].",
)
@click.option("--anyway", is_flag=True, help="Hold it live in quiet hours or on a day off: people expect it.")
@json_option
@click.pass_context
def quiz_start(ctx: click.Context, slug: str, at: datetime | None, *, anyway: bool, as_json: bool) -> None:
    """Start a round; the daemon posts it. The roster's teams are taken as they are now.

    \b
    Example:
      reinforce quiz start lockout-quiz
      reinforce quiz start lockout-quiz --at 2026-03-06T11:00
    """
    from reinforce.actions.quizzing.run_quiz import start_quiz
    from reinforce.cli.printing import local, print_json
    from reinforce.domain.planning.slots import resolve
    from reinforce.store.people.cohorts import cohort_by_id
    from reinforce.store.quizzing.quizzes import quiz_by_slug

    house = open_house(ctx)
    with house.database.read() as connection:
        zone = cohort_by_id(connection, quiz_by_slug(connection, slug).cohort_id).zone
    begins = None if at is None else resolve(at.date(), at.time(), zone)
    now = house.clock.now()
    done = start_quiz(house.database, slug, begins, actor=house.actor, now=now, anyway=anyway)
    if as_json:
        print_json(done)
        return
    teams = ", ".join(f"{name} ({size})" for name, size in sorted(done.teams.items()))
    click.echo(f"{done.quiz.title} begins {local(done.quiz.starts_at, zone)}. Teams: {teams or 'none'}")
    for note in done.notes:
        click.echo(f"note: {note}")
    click.echo(f"Watch it: reinforce quiz status {slug}")


@click.command(name="status")
@click.argument("slug", metavar="QUIZ")
@json_option
@click.pass_context
def quiz_status(ctx: click.Context, slug: str, *, as_json: bool) -> None:
    """Show where a round stands, with every answer and what became of it. For its facilitator: it says who answered.

    \b
    Example:
      reinforce quiz status lockout-quiz
      reinforce quiz status lockout-quiz --json
    """
    from reinforce.actions.quizzing.show_quiz import show_quiz
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    status = show_quiz(house.database, slug, now=house.clock.now())
    if as_json:
        print_json(_status_document(status))
    else:
        _tell_status(status)


def _tell_status(status: QuizStatus) -> None:
    from reinforce.cli.printing import local, print_rows

    there = status.quiz
    said = f"waits for {status.waiting}" if status.waiting else there.note
    click.echo(f"{there.title} ({there.slug}, {status.cohort}): {there.state.value}{f', {said}' if said else ''}")
    rows: list[dict[str, Any]] = [
        {
            "no": one.number,
            "question": one.prompt,
            "state": one.state,
            "opened": local(one.opened_at, status.zone),
            "hints": one.hints,
        }
        for one in status.questions
    ]
    print_rows(rows, ["no", "question", "state", "opened", "hints"], as_json=False, empty="No questions.")
    places = {one.team: one for one in status.standings}
    teams = [
        {
            "place": places[one.name].place if one.name in places else "not placed",
            "team": one.name,
            "people": one.people,
            "points": places[one.name].points if one.name in places else "",
            "solved": places[one.name].solved if one.name in places else "",
        }
        for one in sorted(status.teams, key=lambda t: (places[t.name].place if t.name in places else 999, t.name))
    ]
    print_rows(teams, ["place", "team", "people", "points", "solved"], as_json=False, empty="No teams yet.")
    given = [
        {
            "no": one.number,
            "at": f"{one.at:%H:%M:%S}",
            "who": one.employee_id or one.author,
            "team": one.team,
            "became": one.ruling,
            "points": one.points,
            "why": one.why,
        }
        for one in status.answers
    ]
    columns = ["no", "at", "who", "team", "became", "points", "why"]
    print_rows(given, columns, as_json=False, empty="No answers yet.")


@click.command(name="page")
@click.argument("slug", metavar="QUIZ")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write [default: QUIZ.html].")
@click.pass_context
def quiz_page(ctx: click.Context, slug: str, out: Path | None) -> None:
    """Write a round's page for everybody: the best three teams, the questions and their answers. It names nobody.

    \b
    Example:
      reinforce quiz page lockout-quiz --out lockout-quiz.html
    """
    from reinforce.actions.quizzing.show_quiz import quiz_page as page_of
    from reinforce.rendering.pages import page_environment
    from reinforce.shipped import shipped

    house = open_house(ctx)
    page = page_of(house.database, slug, now=house.clock.now())
    when = "not begun yet" if page.begun_at is None else f"{page.begun_at:%Y-%m-%d}{'' if page.over else ', under way'}"
    template = page_environment(shipped("templates") / "print").get_template("leaderboard.html")
    fields = ("title", "language", "over", "standings", "sharing_first", "share")
    questions = [
        {"number": one.number, "prompt": one.prompt, "answer": one.answer, "explanation": one.explanation}
        for one in page.questions
    ]
    values = {name: getattr(page, name) for name in fields}
    file = out or Path(f"{slug}.html")
    file.write_text(template.render(values, when=when, questions=questions), "utf-8")
    click.echo(f"{file} written.")


@click.command(name="close")
@click.argument("slug", metavar="QUIZ")
@click.pass_context
def quiz_close(ctx: click.Context, slug: str) -> None:
    """Close a running round now: no further question; the answer to the open one and the leaderboard follow.

    \b
    Example:
      reinforce quiz close lockout-quiz
    """
    from reinforce.actions.quizzing.run_quiz import close_quiz

    house = open_house(ctx)
    close_quiz(house.database, slug, actor=house.actor, now=house.clock.now())
    click.echo(f"{slug} closes. What it still waits for: reinforce quiz status {slug}")


@click.command(name="cancel")
@click.argument("slug", metavar="QUIZ")
@click.pass_context
def quiz_cancel(ctx: click.Context, slug: str) -> None:
    """End a round for good: nothing more of it is posted, no leaderboard follows. What was answered stays evidence.

    \b
    Example:
      reinforce quiz cancel lockout-quiz
    """
    from reinforce.actions.quizzing.run_quiz import cancel_quiz

    house = open_house(ctx)
    cancel_quiz(house.database, slug, actor=house.actor, now=house.clock.now())
    click.echo(f"{slug} is cancelled. What was posted already stays on X.")


def _minutes(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    days, hours = divmod(hours, 24)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(part for part in parts if part) or "0 min"


def _check_document(found: QuizCheck) -> dict[str, Any]:
    return {
        "quiz": found.quiz.slug,
        "cohort": found.cohort,
        "live": found.live,
        "minutes": found.length.total_seconds() / 60,
        "most_micros": found.most_micros,
        "teams": found.teams,
        "findings": found.findings,
        "posts": [
            {
                "step": one.step,
                "after_seconds": one.after.total_seconds(),
                "text": one.text,
                "price_micros": one.price_micros,
                "problem": one.problem,
            }
            for one in found.posts
        ],
    }


def _status_document(status: QuizStatus) -> dict[str, Any]:
    """The round with each answer as {question, team, at (X's stamp), verdict, points, why, …}."""
    there = status.quiz
    verdicts = {True: "right", False: "wrong", None: "none"}
    return {
        "quiz": there.slug,
        "title": there.title,
        "cohort": status.cohort,
        "state": there.state,
        "starts_at": there.starts_at,
        "ended_at": there.ended_at,
        "waiting": status.waiting,
        "note": there.note,
        "pace": there.pace,
        "questions": status.questions,
        "teams": status.teams,
        "standings": status.standings,
        "answers": [
            {
                "question": one.number,
                "team": one.team,
                "at": one.at,
                "verdict": verdicts[one.right],
                "points": one.points,
                "why": one.why,
                "ruling": one.ruling,
                "choice": one.choice,
                "employee_id": one.employee_id,
                "author": one.author,
                "post": str(one.post),
            }
            for one in status.answers
        ],
    }


for _command in (quiz_create, quiz_list, quiz_check, quiz_start, quiz_status, quiz_page, quiz_close, quiz_cancel):
    quiz.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, quiz)]
