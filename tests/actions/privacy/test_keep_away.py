"""Who was erased stays erased, and who said stop stays stopped: through a roster, a restore, and what they write."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from postgres_server import PostgresServer
from reinforce import upkeep
from reinforce.actions.authoring.enroll import Terms, enroll
from reinforce.actions.privacy.erase import Around, erase
from reinforce.actions.privacy.keep_away import Seen, keep_away
from reinforce.actions.privacy.readmit import readmit
from reinforce.bootstrap import House
from reinforce.domain.cohort import RosterRow
from reinforce.domain.enrolling.roster_changes import RosterChange
from reinforce.domain.errors import NotFound, ReinforceError
from reinforce.domain.privacy.keyed_hash import KeyedHash, Naming
from reinforce.settings import Settings
from reinforce.store import tables as t
from reinforce.store.operating import audit
from reinforce.store.people import people
from reinforce.store.privacy import list_file, suppression
from reinforce.store.session import Database
from tests.actions.privacy.conftest import KEYED, NOW, Traces, fill, fill_beliefs, left_of

LATER = NOW + timedelta(hours=1)


def roster(*who: Traces) -> list[RosterRow]:
    return [RosterRow(one.employee_id, one.name, one.handle, line=number) for number, one in enumerate(who, 2)]


def cohort_of(database: Database, traces: Traces) -> str:
    with database.write() as connection:
        here = t.cohort.c.id == traces.rows["cohort"]
        connection.execute(update(t.cohort).where(here).values(state="running", answers="replies"))
        return str(connection.execute(select(t.cohort.c.slug).where(here)).scalar_one())


def remove(database: Database, who: Traces) -> None:
    erase(database, Around(KEYED), who.employee_id, actor="t", now=NOW, wall=NOW, dry_run=False)


def test_a_roster_that_still_names_an_erased_person_is_taken_in_without_them(
    held: Database, pat: Traces, kim: Traces
) -> None:
    slug = cohort_of(held, kim)
    remove(held, pat)
    with held.write() as connection:
        connection.execute(update(t.enrollment).values(state="enrolled"))
    lee = Traces("gnu", 5)
    for dry_run in (True, False):
        report = enroll(held, slug, roster(pat, lee), actor="t", now=NOW, keyed=KEYED, terms=Terms(preview=dry_run))
        assert [line.change for line in report.lines] == [RosterChange.LEFT_OUT, RosterChange.ADDED]
        assert "was erased" in str(report)
    assert left_of(held, pat) == []
    with pytest.raises(ReinforceError, match="not the key"):
        enroll(held, slug, roster(lee), actor="t", now=NOW, keyed=KeyedHash(b"x" * 44))
    with pytest.raises(ReinforceError, match="not the key"):
        enroll(held, slug, roster(lee), actor="t", now=NOW)


def test_one_who_is_readmitted_is_taken_in_and_stays_stopped(held: Database, pat: Traces, kim: Traces) -> None:
    slug = cohort_of(held, kim)
    with held.write() as connection:
        people.set_stopped(connection, pat.learner_id, NOW)
        connection.execute(update(t.enrollment).values(state="enrolled"))
    remove(held, pat)
    with pytest.raises(NotFound):
        readmit(held, KEYED, "E-nobody", actor="t", now=NOW)
    readmit(held, KEYED, pat.employee_id, actor="t", now=NOW)
    with held.read() as connection:
        assert {one.kind.value for one in suppression.entries(connection)} == {"stopped"}, "their X account as well"
    report = enroll(held, slug, roster(pat), actor="t", now=NOW, keyed=KEYED)
    assert "stays stopped" in str(report)
    with held.read() as connection:
        learner = people.learners_by_employee_id(connection, [pat.employee_id])[pat.employee_id]
        assert learner.stopped
        assert learner.id not in (pat.learner_id, kim.learner_id), "no number is given again"
        assert suppression.is_empty(connection)


def test_the_list_holds_hashes_that_need_a_key(held: Database, pat: Traces, tmp_path: Path) -> None:
    remove(held, pat)
    keep_away(held, tmp_path / "l", KEYED, now=NOW)
    text = (tmp_path / "l").read_text()
    assert pat.word not in text
    assert KEYED.of(Naming.EMPLOYEE, pat.employee_id) in text
    assert KeyedHash(b"y" * 44).of(Naming.EMPLOYEE, pat.employee_id) not in text
    assert (tmp_path / "l").stat().st_mode & 0o077 == 0
    (tmp_path / "l").write_text(text[:-9])
    with pytest.raises(ReinforceError, match="no whole"):
        list_file.read(tmp_path / "l")


# --- restoring ----------------------------------------------------------------------------------------------------


@pytest.fixture
def house(
    migrated_url: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """A workspace on each database; Postgres' own tools are those of the test server."""
    if migrated_url.startswith("postgresql"):
        server: PostgresServer = request.getfixturevalue("postgres_server")
        monkeypatch.setenv("PATH", f"{server.tools}{os.pathsep}{os.environ['PATH']}")
    opened = House(Settings(workspace=tmp_path / "workspace", database_url=migrated_url))
    opened.make(rehearsal=False)
    yield opened
    opened.close()


def test_a_restored_backup_loses_the_erased_again_before_the_restore_returns_and_a_stop_holds(
    house: House, pat: Traces, kim: Traces, tmp_path: Path
) -> None:
    database = house.database
    fill(database, pat)
    fill(database, kim, mentions=pat)
    fill_beliefs(database, pat, kim)
    backup = tmp_path / "monday.backup"
    with database.write() as connection:
        connection.execute(t.heartbeat.delete())
    upkeep.backup(house, backup, force=False)
    receipt = upkeep.erase(house, pat.employee_id, dry_run=False)
    assert next(one.count for one in receipt.remains if one.what == "backups made before") == 1
    with database.write() as connection:
        people.set_stopped(connection, kim.learner_id, NOW)
    kept = upkeep.restore(house, backup)
    assert left_of(database, pat) == []
    with database.read() as connection:
        assert people.learner_by_id(connection, kim.learner_id).stopped
        assert audit.verify(connection).whole
    # The older backup and the copy that the restore kept are told of, and lose them again as well.
    again = upkeep.restore(house, backup)
    assert left_of(database, pat) == []
    assert {kept.exists(), again.exists()} == {True}


def test_a_database_that_was_put_back_by_hand_is_noticed_and_a_stop_taken_back_is_not_made_again(
    held: Database, pat: Traces, kim: Traces, tmp_path: Path
) -> None:
    place, seen = tmp_path / "suppression.list", Seen()
    with held.write() as connection:
        people.set_stopped(connection, kim.learner_id, NOW)
    keep_away(held, place, KEYED, now=NOW, seen=seen)
    with held.write() as connection:
        people.clear_stopped(connection, kim.learner_id)
    keep_away(held, place, KEYED, now=NOW, seen=Seen())
    with held.read() as connection:
        assert not people.learner_by_id(connection, kim.learner_id).stopped
    # An older state: it knows of no list, and Pat is in it.
    mark = KEYED.of(Naming.EMPLOYEE, pat.employee_id)
    entry = suppression.Entry(suppression.Kind.ERASED, mark, KEYED.key_id, "p", NOW)
    stop = suppression.Entry(
        suppression.Kind.STOPPED, KEYED.of(Naming.X_USER, kim.remote_user_id), KEYED.key_id, "k", NOW
    )
    list_file.write(place, 99, [entry, stop])
    kept = keep_away(held, place, KEYED, now=LATER, seen=seen)
    assert (kept.erased, kept.stopped) == (1, 1)
    assert left_of(held, pat) == []
    with held.read() as connection:
        assert people.learner_by_id(connection, kim.learner_id).stopped
        assert suppression.list_version(connection) == list_file.read(place).version == 100
    assert keep_away(held, place, KEYED, now=LATER, seen=seen).erased == 0


def test_what_an_erased_x_user_wrote_goes_from_an_older_database_too(
    held: Database, pat: Traces, tmp_path: Path
) -> None:
    with held.write() as connection:
        connection.execute(
            insert(t.inbound).values(
                account_id=pat.rows["account"], remote_id=5, author_remote_id=4_242_424_242, author_handle="heron_x",
                text="hello", created_at=NOW, received_at=NOW, read_as=[], read_why="",
            )
        )  # fmt: skip
    mark = KEYED.of(Naming.X_USER, 4_242_424_242)
    list_file.write(tmp_path / "l", 7, [suppression.Entry(suppression.Kind.ERASED, mark, KEYED.key_id, "p", NOW)])
    assert keep_away(held, tmp_path / "l", KEYED, now=NOW).erased == 1
    with held.read() as connection:
        here = t.inbound.c.author_handle == "heron_x"
        assert connection.execute(select(func.count()).select_from(t.inbound).where(here)).scalar_one() == 0
