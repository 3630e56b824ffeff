"""A course from the command line: looked at, rehearsed, approved, published, watched, written as a page, withdrawn."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reinforce.actions.approving.team import add_member
from reinforce.actions.operating.diagnose.courses import courses_under_way
from reinforce.bootstrap import House
from reinforce.cli.house import main_group
from reinforce.daemon import Daemon
from reinforce.practice.running import PracticeThread
from reinforce.settings import Settings
from reinforce.shipped import shipped
from reinforce.store.courses import threads
from reinforce.store.sending import outbox
from tests.databases import copy_sqlite, migrate

EXAMPLE = str(shipped("examples") / "lockout-course.md")
Run = Callable[..., Result]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A workspace whose one account is the practice account, public."""
    made = House(Settings(workspace=tmp_path / "workspace", tick_seconds=0.05))
    made.clock.step_to(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    made.settings.workspace.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy_sqlite(made.settings.workspace / "reinforce.db", migrate)
    made.make(rehearsal=True)
    yield made
    made.close()


@pytest.fixture
def practice(house: House) -> Iterator[PracticeThread]:
    """Its server."""
    with PracticeThread(house.settings.practice_folder, house.clock) as server:
        house.connect_account("practice", server.folder / "credentials.json", server.url, "public", print)
        yield server


@pytest.fixture
def run(house: House) -> Run:
    """Runs a verb; it must succeed, or fail where that is expected."""

    def reinforce(*words: str, fails: bool = False) -> Result:
        place = ["--workspace", str(house.settings.workspace), "--as", "kim" if words[0] == "approve" else ""]
        done = CliRunner().invoke(main_group, [*place, "course", *words])
        assert (done.exit_code != 0) == fails, done.output
        return done

    return reinforce


def test_a_course_from_its_file_to_its_page_and_back(
    house: House, practice: PracticeThread, run: Run, tmp_path: Path
) -> None:
    daemon = Daemon(house)
    add_member(house.database, "kim", actor="test", now=house.clock.now())
    assert "No course yet" in run("list").output
    checked = json.loads(run("check", EXAMPLE, "--json").output)
    assert (len(checked["steps"]), checked["price_micros"], checked["findings"]) == (12, 185_000, [])
    assert "12 steps go to practice" in run("rehearse", EXAMPLE).output
    early = run("approve", "lockout-course", fails=True).output
    assert "its rehearsal has 0 of 12 steps so far" in early
    for _ in range(4):
        daemon.tick()
    assert "complete, 12 of 12 posted" in run("status", "lockout-course").output
    assert "approved by kim" in run("approve", "lockout-course").output
    assert "approved by kim" in run("status", "lockout-course", "--offline").output
    assert "$0.185" in run("publish", "lockout-course", "--file", EXAMPLE).output
    for _ in range(8):
        daemon.tick()
    told = run("status", "lockout-course").output
    assert "Not pinned: pin http" in told
    first = json.loads(run("status", "lockout-course", "--json", "--offline").output)["published"]["steps"][0]
    practice.control("POST", "/account", {"pinned_post_id": first["id"]})
    assert "It is pinned." in run("status", "lockout-course").output
    [finding] = [one for one in house.check_account("practice") if one.what.startswith("pinned")]
    assert finding.what == "pinned post: the course lockout-course"
    run("page", "lockout-course", "--out", str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text("utf-8")
    assert first["address"] in page
    assert "data:image/png;base64," in page
    assert "B. Only its owner" in page
    assert "the last step first" in run("withdraw", "lockout-course").output
    for _ in range(5):
        daemon.tick()
    assert "withdrawn" in run("list").output
    daemon.leave()


def test_a_file_with_faults_is_refused_whole(practice: PracticeThread, run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("title: T\nsteps:\n  - title: One\n    text: A\n    media: {file: none.png}\n", "utf-8")
    told = run("rehearse", str(bad), fails=True).output
    assert "bad.yaml:5:" in told
    assert "no alternative text" in told
    assert "nothing was loaded" in told
    assert "No course yet" in run("list").output
    assert practice.state()["posts"] == []


def test_the_doctor_tells_of_a_thread_that_stopped(house: House, practice: PracticeThread, run: Run) -> None:
    assert practice.url
    run("rehearse", EXAMPLE)
    daemon = Daemon(house)
    practice.fault("POST /2/tweets", "duplicate", skip=1)
    for _ in range(3):
        daemon.tick()
    with house.database.read() as connection:
        [told] = courses_under_way(connection)
        [thread] = threads.threads(connection)
        assert outbox.item(connection, threads.posts(connection, thread.id)[2].item.id).outcome in told.what
    assert "the rehearsal of the course lockout-course does not go on: step 2 was refused" in told.what
    daemon.leave()


def test_there_is_nothing_to_rehearse_on_without_a_practice_account(run: Run) -> None:
    assert "there is no practice account here" in run("rehearse", EXAMPLE, fails=True).output
    assert "there is no course lockout-course" in run("status", "lockout-course", fails=True).output
