"""What `reinforce up` does, in order: make, connect, load, enroll, teach the scripted learners, start, narrate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.load import load_files
from reinforce.bootstrap import House
from reinforce.content.formats import read
from reinforce.content.roster_file import read_roster
from reinforce.domain.cohort import Cohort
from reinforce.domain.errors import NotAllowed, NotFound
from reinforce.domain.nugget import Confidentiality, Procedure, StoredNugget
from reinforce.rehearsal.narration import Narrator
from reinforce.rehearsal.processes import (
    Child,
    Rehearsal,
    control,
    first_morning,
    free_port,
    practice_credentials,
    running,
)
from reinforce.shipped import shipped
from reinforce.stopping import stop_on_signals
from reinforce.store.authoring import nuggets
from reinforce.store.people import cohorts, people

A_DAY_A_MINUTE = 1440.0
ZONE = "Europe/Berlin"
ACCOUNT = "practice"
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Course:
    """What is rehearsed: a procedure and its roster, as files."""

    procedure: Path
    roster: Path


def rehearse(house: House, *, speed: float | None, procedure: Path | None, roster: Path | None, tell: Tell) -> None:
    """Run a rehearsal in the foreground until SIGINT or SIGTERM. Goes on where an earlier one stood."""
    examples = shipped("examples")
    course = Course(procedure or examples / "lockout.yaml", roster or examples / "lockout-roster.csv")
    new = house.make(rehearsal=True)
    if not new.rehearsal:
        raise NotAllowed(
            f"{house.settings.workspace} is a live workspace: a rehearsal would post into it",
            "Give the rehearsal a folder of its own: reinforce --workspace rehearsal up",
        )
    if not house.clock.accelerated:
        house.clock.step_to(first_morning(house.clock.wall(), ZONE))
    tell("Starting the practice account, the console and the daemon …")
    with running(house) as rehearsal:
        stop_on_signals(rehearsal.stopping)
        # The console comes up while the practice account is furnished; nobody is told of it before all are there.
        practice, timeline = _start_practice(house, rehearsal)
        console, console_url = _start_console(house, rehearsal)
        rehearsal.wait_until_answers(practice, timeline)
        credentials = practice_credentials(house.settings.practice_folder)
        cohort = _set_up(house, course, credentials)
        _teach(house, cohort, credentials)
        daemon = rehearsal.start("daemon")
        rehearsal.wait_until_answers(console, f"{console_url}/healthz")
        rehearsal.wait_until_beats(daemon)
        # Not before everybody is there: at a day a minute, three seconds of starting up are a morning.
        house.clock.start(at=house.clock.now(), speed=speed or house.clock.speed_before(A_DAY_A_MINUTE))
        _greet(house, cohort, console_url, credentials["base_url"], tell)
        narrator = Narrator(house, tell)
        rehearsal.look_after(tell, narrator.tell_news)
        tell("Stopping …")
    tell("Stopped; programme time stands still. `reinforce up` goes on from here.")


def _start_practice(house: House, rehearsal: Rehearsal) -> tuple[Child, str]:
    settings = house.settings
    port = free_port(settings.practice_host, settings.practice_port)
    return rehearsal.start("practice", "--port", str(port)), f"http://{settings.practice_host}:{port}/"


def _start_console(house: House, rehearsal: Rehearsal) -> tuple[Child, str]:
    settings = house.settings
    port = free_port(settings.console_host, settings.console_port)
    return rehearsal.start("console", "--port", str(port)), f"http://{settings.console_host}:{port}"


def _set_up(house: House, course: Course, credentials: dict[str, Any]) -> Cohort:
    """Account, procedure, cohort and learners: what is there already is left as it is."""
    procedure = read(course.procedure)
    internal = any(nugget.confidentiality is Confidentiality.INTERNAL for nugget in procedure.nuggets)
    control(credentials, "/practice/account", {"protected": internal})
    house.connect_account(
        ACCOUNT,
        house.settings.practice_folder / "credentials.json",
        credentials["base_url"],
        "protected" if internal else "public",
        lambda _words: None,
    )
    cohort = _cohort(house, course, procedure)
    _link(house, cohort, credentials)
    return cohort


def _cohort(house: House, course: Course, procedure: Procedure) -> Cohort:
    try:
        with house.database.read() as connection:
            return cohorts.cohort_by_slug(connection, procedure.slug)
    except NotFound:
        pass
    now = house.clock.now()
    rows = read_roster(course.roster)  # read before anything is written: a faulty roster leaves nothing half done
    load_files(house.database, (course.procedure,), dry_run=False, actor=house.actor, now=now)
    new = NewCohort(
        slug=procedure.slug,
        title=procedure.title,
        account=ACCOUNT,
        procedures=(procedure.slug,),
        zone=ZONE,
        language=procedure.language,
        assessment=procedure.assessment,
    )
    cohort = create_cohort(house.database, new, house.schedule("rehearsal"), actor=house.actor, now=now)
    enroll(house.database, cohort.slug, rows, actor=house.actor, now=now, keyed=house.keyed_hash)
    return cohort


def _link(house: House, cohort: Cohort, credentials: dict[str, Any]) -> None:
    """Give every learner with a handle a practice user, linked as if they had posted their code."""
    with house.database.read() as connection:
        learners = [one for one in people.learners_of(connection, cohort.id) if one.handle]
    asked = [{"handle": one.handle, "name": one.name} for one in learners]
    made = control(credentials, "/practice/people", asked)["people"]
    remote_ids = {one["handle"]: int(one["user_id"]) for one in made}
    with house.database.write() as connection:
        people.link_for_rehearsal(connection, remote_ids, house.clock.now())


def _teach(house: House, cohort: Cohort, credentials: dict[str, Any]) -> None:
    """Tell the scripted learners what each text is about and what is right: they know no more than people would."""
    with house.database.read() as connection:
        known = nuggets.cohort_nuggets(connection, cohort.id)
    control(credentials, "/practice/knowledge", [entry for nugget in known for entry in _lessons(nugget)])


def _lessons(nugget: StoredNugget) -> list[dict[str, Any]]:
    key = f"{nugget.procedure}/{nugget.slug}"
    lessons: list[dict[str, Any]] = [{"fingerprints": [one.text for one in nugget.wordings], "nugget": key}]
    question = nugget.question
    if question is not None:
        lessons.append(
            {
                "fingerprints": [question.prompt],
                "nugget": key,
                "kind": "question",
                "options": [option.text for option in question.options],
                "correct": [o.text for o in question.options if o.correct] or list(question.accepted),
                "wrong": [option.text for option in question.options if not option.correct],
            }
        )
    return lessons


def _greet(house: House, cohort: Cohort, console: str, timeline: str, tell: Tell) -> None:
    tell(f"Rehearsal of “{cohort.title}”: nothing leaves this machine.")
    tell(f"  Tour      {console}/tour     start here")
    tell(f"  Timeline  {timeline}/")
    tell(f"  Console   {console}/")
    tell(f"A programme day takes {86_400 / house.clock.speed:.0f} s. Ctrl-C stops. Posts, each with its reason:")
