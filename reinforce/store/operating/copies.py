"""Whole copies of the database: written while everything runs, looked at, and put back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL

from reinforce.domain.errors import ReinforceError
from reinforce.store.operating.places import BACKUP
from reinforce.store.session import Database

_NO_BACKUP = "Give a file that `reinforce db backup` wrote."


def write_copy(database: Database, file: Path) -> None:
    """Write a complete, consistent copy to `file`, which appears whole, looked at and on the disk, or not at all.

    SQLite: `VACUUM INTO` (one snapshot; writers wait for milliseconds). Postgres: its own `pg_dump`, custom format.
    Raises ReinforceError where it can't be written, or Postgres' tools are missing or fail.
    """
    partial = partial_of(file)
    try:
        partial.unlink(missing_ok=True)
        if database.is_sqlite:
            _vacuum_into(database, partial)
        else:
            _run_postgres_tool("pg_dump", database.engine.url, "--format=custom", f"--file={partial}")
        partial.chmod(0o600)
        require_sound(database, partial)
        _to_disk(partial)
        partial.replace(file)
        _to_disk(file.parent)
    except OSError as error:
        raise ReinforceError(f"{file} can't be written: {error.strerror}", "See that its folder is there.") from None
    finally:
        partial.unlink(missing_ok=True)


def partial_of(file: Path) -> Path:
    """Where a copy grows that is to become `file`."""
    return file.with_name(f".{file.name}.partial")


def require_sound(database: Database, file: Path) -> None:
    """Raise ReinforceError unless `file` is a whole copy of a workspace's database, of the kind `database` is."""
    if database.is_sqlite:
        _require_sound_file(file)
        return
    listed = _run("pg_restore", "--list", str(file))
    if not all(f"TABLE DATA public {table} " in listed for table in ("workspace", "outbox")):
        raise ReinforceError(f"{file} is no backup of a workspace", _NO_BACKUP)


def set_aside(database: Database, file: Path) -> None:
    """Keep what is there before it is replaced: a copy, or the bytes of an SQLite file too damaged to be copied."""
    try:
        write_copy(database, file)
    except ReinforceError:
        if not database.is_sqlite:
            raise
        place = _place(database)
        for ending in ("", "-wal"):
            part = place.with_name(place.name + ending)
            if part.exists():
                shutil.copyfile(part, kept := file.with_name(file.name + ending))
                kept.chmod(0o600)


def put_back(database: Database, file: Path, then: str) -> None:
    """Replace the database's whole content by the copy `file`, and run the statement `then` in it, in one step.

    Whoever dies or looks meanwhile finds the old content, or the new with `then` done. Raises ReinforceError, with
    nothing changed, if the file is no sound copy of a workspace.
    """
    require_sound(database, file)
    database.close()
    if database.is_sqlite:
        _put_file_back(_place(database), file, then)
    else:
        _put_dump_back(database.engine.url, file, then)


def _put_file_back(place: Path, file: Path, then: str) -> None:
    arriving = place.with_name(f".{place.name}.arriving")
    try:
        shutil.copyfile(file, arriving)
        arriving.chmod(0o600)
        with closing(sqlite3.connect(arriving)) as fresh:
            with fresh:
                fresh.execute(then)
            _into_place(fresh, place)
    except (OSError, sqlite3.Error) as error:
        raise ReinforceError(
            f"{place} can't be replaced: {error}", "Make room on its disk; nothing was changed."
        ) from None
    finally:
        arriving.unlink(missing_ok=True)


def _into_place(fresh: sqlite3.Connection, place: Path) -> None:
    """Copy page by page under SQLite's own locks, so that who has the file open sees the new content; where it is too
    damaged for that, the file itself is replaced."""
    try:
        with closing(sqlite3.connect(place)) as old:
            old.execute("PRAGMA journal_mode = WAL")
            fresh.backup(old)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise  # locked, or no room: not for us to break
        whole = place.with_name(f".{place.name}.whole")
        with closing(sqlite3.connect(whole)) as written:
            fresh.backup(written)
        # The damaged file's log must not be replayed into the new one.
        for ending in ("-wal", "-shm"):
            place.with_name(place.name + ending).unlink(missing_ok=True)
        _to_disk(whole)
        whole.chmod(0o600)
        whole.replace(place)
        _to_disk(place.parent)


def _put_dump_back(url: URL, file: Path, then: str) -> None:
    """As SQL, with `then` after it, in one transaction: between the two nobody may find accounts that send."""
    with tempfile.TemporaryDirectory(prefix="reinforce-restore-", dir=file.parent) as folder:  # mode 700
        script, last = Path(folder) / "backup.sql", Path(folder) / "then.sql"
        _run("pg_restore", "--clean", "--if-exists", "--no-owner", f"--file={script}", str(file))
        # A dump leaves an empty search path behind.
        last.write_text(f"RESET search_path;\n{then};\n", "utf-8")
        _run_postgres_tool(
            "psql", url, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
            "--output=/dev/null", f"--file={script}", f"--file={last}",
        )  # fmt: skip


def _vacuum_into(database: Database, file: Path) -> None:
    try:
        with closing(sqlite3.connect(_place(database))) as connection:
            connection.execute("VACUUM INTO ?", (str(file),))
        _mark_backup(file)
    except sqlite3.Error as error:
        raise ReinforceError(
            f"the copy could not be written: {error}",
            "Make room on the disk; if the database is damaged: reinforce doctor",
        ) from None


def _mark_backup(file: Path) -> None:
    """Write into the copy that it is one: it may be put back by hand, over the very file it was made from."""
    with closing(sqlite3.connect(file)) as connection:
        # A workspace of an older version may have no such column; it is upgraded before anything runs on it.
        columns = [row[1] for row in connection.execute("PRAGMA table_info(workspace)")]
        if "place" in columns:
            connection.execute("UPDATE workspace SET place = ?", (BACKUP,))
            connection.commit()


def _require_sound_file(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (sound,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
            known = connection.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('workspace', 'outbox')")
            (tables,) = known.fetchone()
    except sqlite3.DatabaseError as error:
        raise ReinforceError(f"{file} is no database: {error}", _NO_BACKUP) from None
    if sound != "ok" or broken is not None or tables != 2:
        raise ReinforceError(f"{file} is no sound backup of a workspace", _NO_BACKUP)


def _place(database: Database) -> Path:
    return Path(str(database.engine.url.database))


def _to_disk(place: Path) -> None:
    """Wait until a file, or the names in a folder, have reached the disk."""
    opened = os.open(place, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _run_postgres_tool(name: str, url: URL, *arguments: str) -> str:
    """Run one of Postgres' own tools on `url`. The password goes by the environment, never as an argument."""
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    given = {} if url.password is None else {"PGPASSWORD": str(url.password)}
    return _run(name, f"--dbname={address}", *arguments, **given)


def _run(name: str, *arguments: str, **environment: str) -> str:
    try:
        done = subprocess.run(
            [name, *arguments], env={**os.environ, **environment}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise ReinforceError(
            f"{name} was not found", "Install Postgres' client programs, of the server's version or a later one."
        ) from None
    if done.returncode != 0:
        raise ReinforceError(
            f"{name} failed: {done.stderr.strip()}", "See that the server is reachable and its disk not full."
        )
    return done.stdout
