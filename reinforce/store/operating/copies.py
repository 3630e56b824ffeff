"""Whole copies of the database: written while everything runs, and put back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL

from reinforce.domain.errors import ReinforceError
from reinforce.store.operating.places import BACKUP
from reinforce.store.session import Database


def write_copy(database: Database, file: Path) -> None:
    """Write a complete, consistent copy to `file`, which appears whole or not at all.

    SQLite: `VACUUM INTO` (one snapshot; writers wait for milliseconds). Postgres: its own `pg_dump`, custom format.
    Raises ReinforceError where Postgres' tools are missing or fail.
    """
    partial = file.with_name(f".{file.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        if database.is_sqlite:
            with closing(sqlite3.connect(str(database.engine.url.database))) as connection:
                connection.execute("VACUUM INTO ?", (str(partial),))
            _mark_backup(partial)
        else:
            _run_postgres_tool("pg_dump", database.engine.url, "--format=custom", f"--file={partial}")
        partial.chmod(0o600)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _mark_backup(file: Path) -> None:
    """Write into the copy that it is one: it may be put back by hand, over the very file it was made from."""
    with closing(sqlite3.connect(str(file))) as connection:
        # A workspace of an older version may have no such column; it is upgraded before anything runs on it.
        columns = [row[1] for row in connection.execute("PRAGMA table_info(workspace)")]
        if "place" in columns:
            connection.execute("UPDATE workspace SET place = ?", (BACKUP,))
            connection.commit()


def put_back(database: Database, file: Path) -> None:
    """Replace the database's whole content by the copy `file`. Nobody else may use it meanwhile.

    Raises ReinforceError, with nothing changed, if the file is no sound copy of a workspace.
    """
    database.close()
    if not database.is_sqlite:
        _run_postgres_tool(
            "pg_restore", database.engine.url, "--clean", "--if-exists", "--no-owner", "--single-transaction", str(file)
        )
        return
    _require_sound(file)
    place = Path(str(database.engine.url.database))
    arriving = place.with_name(f".{place.name}.arriving")
    shutil.copyfile(file, arriving)
    arriving.chmod(0o600)
    # The old file's log must not be replayed into the new one.
    for leftover in ("-wal", "-shm"):
        place.with_name(place.name + leftover).unlink(missing_ok=True)
    arriving.replace(place)


def _run_postgres_tool(name: str, url: URL, *arguments: str) -> None:
    """Run one of Postgres' own tools on `url`. The password goes by the environment, never as an argument."""
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    try:
        done = subprocess.run(
            [name, f"--dbname={address}", *arguments], env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise ReinforceError(
            f"{name} was not found", "Install Postgres' client programs, of the server's version or a later one."
        ) from None
    if done.returncode != 0:
        raise ReinforceError(
            f"{name} failed: {done.stderr.strip()}", "See that the server is reachable and its disk not full."
        )


def _require_sound(file: Path) -> None:
    advice = "Give a file that `reinforce db backup` wrote."
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            known = connection.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('workspace', 'outbox')")
            (tables,) = known.fetchone()
    except sqlite3.DatabaseError as error:
        raise ReinforceError(f"{file} is no database: {error}", advice) from None
    if sound != "ok" or tables != 2:
        raise ReinforceError(f"{file} is no sound backup of a workspace", advice)
