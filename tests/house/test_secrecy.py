"""What listens for secrets in the logs of the whole suite must itself be able to fail."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.secrecy import leaks_in, secrets_in

TOKEN = "tk-Zm9vYmFyYmF6cXV4LTEyMzQ1Ng"
SESSION = f"""
import json, logging, subprocess, sys
import pytest

@pytest.fixture(autouse=True)
def credentials(tmp_path):
    (tmp_path / "credentials.json").write_text(json.dumps({{"oauth1": {{"access_token": "{TOKEN}"}}}}))

def test_something(tmp_path):
    WHAT
"""
CHILD = (
    f"""subprocess.run([sys.executable, "-c", "print('bearer={TOKEN}')"], stdout=(tmp_path / "child.log").open("w"))"""
)


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder that this session's own listener does not look into."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _run(folder: Path, what: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text('pytest_plugins = ["tests.secrecy"]\n')
    (folder / "test_it.py").write_text(SESSION.replace("WHAT", what))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-c",
        "/dev/null",
        "--rootdir",
        str(folder),
        *arguments,
        "test_it.py",
    ]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("what", "workers", "place"),
    [
        (f'logging.getLogger("x").warning("signed with %s", "{TOKEN}")', (), "logged-in-process.log:1"),
        (CHILD, ("-n", "1"), "child.log:1"),
    ],
)
def test_a_session_in_which_a_secret_was_logged_fails_and_says_where(
    elsewhere: Path, what: str, workers: tuple[str, ...], place: str
) -> None:
    done = _run(elsewhere, what, *workers)
    assert "1 passed" in done.stdout
    assert done.returncode == 1
    assert f"{place}: credentials.json: oauth1: access_token" in done.stdout
    assert TOKEN not in done.stdout


def test_a_session_that_keeps_its_secrets_passes(elsewhere: Path) -> None:
    done = _run(elsewhere, 'logging.getLogger("x").warning("signed")')
    assert done.returncode == 0, done.stdout


def test_every_kind_of_secret_is_known_and_found_inside_other_words(elsewhere: Path) -> None:
    given_out = "given-out-0123456789-abcdef"
    (elsewhere / "w").mkdir()
    (elsewhere / "w" / "secret.key").write_text("ZmVybmV0LWtleS1mZXJuZXQta2V5LWZlcm5ldC1rZXk=\n")
    (elsewhere / "w" / "credentials.json").write_text(json.dumps({"client_id": "public-name-of-the-app", "a": [TOKEN]}))
    with closing(sqlite3.connect(elsewhere / "w" / "practice.db")) as connection, connection:
        connection.execute("CREATE TABLE tokens (digest TEXT)")
        connection.execute("CREATE TABLE settings (key TEXT, value TEXT)")
        connection.execute("INSERT INTO tokens VALUES (?)", (hashlib.sha256(given_out.encode()).hexdigest(),))
        connection.execute("INSERT INTO settings VALUES ('keys', ?)", (json.dumps({"bearer": "b" * 30}),))
    log = elsewhere / "deep" / "daemon.log"
    log.parent.mkdir()
    log.write_text(
        "nothing here\n"
        f"x{'b' * 30}y\n"
        f"Authorization: Bearer {given_out}\n"
        "public-name-of-the-app\n"
        f"12345.{'0a' * 32}\n"
        "key=ZmVybmV0LWtleS1mZXJuZXQta2V5LWZlcm5ldC1rZXk\n"
    )
    assert leaks_in(elsewhere) == [
        "deep/daemon.log:2: the practice account's keys: bearer",
        "deep/daemon.log:3: a token that was given out",
        "deep/daemon.log:5: a person's token",
        "deep/daemon.log:6: secret.key",
    ]
    assert len(secrets_in(elsewhere).values) == 3
