"""A backup that is put back and a workspace that is copied: nothing goes out twice, in whatever words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reinforce.actions.operating.backup import backup
from reinforce.actions.operating.restore import restore
from reinforce.daemon import Daemon
from reinforce.domain.accounts.account import AccountState
from reinforce.domain.sending.outbox import State
from reinforce.store.accounts import accounts
from tests.daemon.conftest import Crew, TestHouse

QUARANTINE = 2.5  # the rehearsal's, and a little


def _state(daemon: Daemon) -> AccountState:
    with daemon.house.database.read() as connection:
        return accounts.accounts(connection)[0].state


def _prove(daemon: Daemon) -> None:
    """Tick until the account is proven: its timeline is read after the quarantine only."""
    daemon.tick()
    assert _state(daemon) is AccountState.UNPROVEN
    assert isinstance(daemon.house, TestHouse)
    daemon.house.let_pass(QUARANTINE)
    for _ in range(10):  # a reading may fail on a busy machine, and is tried again
        daemon.tick()
        if _state(daemon) is AccountState.ACTIVE:
            return
        daemon.house.let_pass(1.0)
    raise AssertionError(f"never proven: {daemon.last_error}")


@pytest.mark.usefixtures("postgres_tools")
def test_a_slot_planned_and_sent_after_the_backup_is_not_filled_again_after_a_restore(
    crew: Crew, tmp_path: Path
) -> None:
    file = tmp_path / "morning.backup"
    backup(crew.house.database, file, now=crew.house.clock.wall())
    daemon = crew.hire("before")
    daemon.tick()
    crew.step(minutes=6)
    daemon.tick()
    (sent,) = crew.posts()
    daemon.leave()
    daemon.house.close()
    restore(crew.house.database, file, tmp_path, actor="tester", now=crew.house.clock.wall())
    assert crew.items() == ()
    crew.step(minutes=20)
    # The slot is within its grace still, and the texts that may be chosen are as many as before.
    _prove(crew.hire("after"))
    (row,) = crew.items()
    slot = "slot/press-shop/2026-03-02/morning"
    assert (row.state, row.form, str(row.remote_id), row.occurrence) == (State.POSTED, "found", sent["id"], slot)
    assert crew.posts() == [sent]
    crew.require_nothing_twice()


def test_a_copied_workspace_sends_nothing_before_its_timeline_was_read(sqlite_crew: Crew, tmp_path: Path) -> None:
    crew = sqlite_crew
    original = crew.hire("original")
    original.tick()
    assert _state(original) is AccountState.ACTIVE
    shutil.copytree(crew.folder / "workspace", tmp_path / "copy")
    crew.step(minutes=6)
    original.tick()
    (sent,) = crew.posts()
    copied = crew.open_house(tmp_path / "copy")
    daemon = crew.hire("copy", copied)
    crew.let_leader_die(copied)
    copied.clock.step_to(crew.house.clock.now())
    with copied.database.read() as connection:
        assert accounts.accounts(connection)[0].state is AccountState.ACTIVE
    _prove(daemon)
    assert crew.posts() == [sent]
    original.tick()
    assert _state(original) is AccountState.ACTIVE


def test_a_file_put_back_by_hand_is_noticed_even_under_a_running_daemon(sqlite_crew: Crew, tmp_path: Path) -> None:
    crew = sqlite_crew
    daemon = crew.hire()
    daemon.tick()
    kept = tmp_path / "kept.db"
    backup(crew.house.database, kept, now=crew.house.clock.wall())
    place = crew.folder / "workspace" / "reinforce.db"
    for leftover in ("-wal", "-shm"):
        place.with_name(place.name + leftover).unlink(missing_ok=True)
    shutil.copy(kept, tmp_path / "again.db")
    shutil.move(kept, place)
    crew.house.database.close()
    _prove(daemon)
    daemon.leave()
    daemon.house.close()
    crew.house.database.close()
    place.write_bytes((tmp_path / "again.db").read_bytes())  # the same file, with the backup's content
    crew.let_leader_die()
    _prove(crew.hire("next"))
