"""A pytest plugin: no secret that the tests hand out may stand in any log, of this process or of a child.

It looks when all tests of a process are done. *Secrets* are what lies in the temporary folder: credentials that
practice servers wrote, the tokens they gave out (kept there as digests only), the keys of workspaces. *Logs* are every
record logged in this process, before any formatter could strike something out, and every log file there. One secret in
one log fails the whole session, with the place; never with the secret.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import sqlite3
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

IN_PROCESS = "logged-in-process.log"
SHORTEST = 16
# Parts of what names an app and a person in public, and addresses.
PUBLIC = frozenset({"client_id", "base_url", "handle", "user_id"})
WORD = re.compile(r"[A-Za-z0-9_.~-]{16,}")
PERSON_TOKEN = re.compile(r"[0-9]{1,20}\.[0-9a-f]{64}")
_LEAKS = pytest.StashKey[list[str]]()


@dataclass
class Secrets:
    """What must not be seen: values by what they are, and SHA-256 digests of tokens of which no more is kept."""

    values: dict[str, str] = field(default_factory=dict)
    digests: set[str] = field(default_factory=set)

    def add(self, value: str, what: str) -> None:
        """Add a value; what is too short to be a secret is passed over."""
        if len(value) >= SHORTEST:
            self.values[value.rstrip("=")] = what

    def found_in(self, text: str) -> Iterator[tuple[int, str]]:
        """Every line of `text` with a secret in it, counted from 1, and what the secret is."""
        starts: dict[str, list[str]] = {}
        for value in self.values:
            starts.setdefault(value[:SHORTEST], []).append(value)
        for number, line in enumerate(text.splitlines(), 1):
            for word in WORD.findall(line):
                if PERSON_TOKEN.fullmatch(word):
                    yield number, "a person's token"
                elif hashlib.sha256(word.encode()).hexdigest() in self.digests:
                    yield number, "a token that was given out"
            for at in range(len(line) - SHORTEST + 1):
                for value in starts.get(line[at : at + SHORTEST], ()):
                    if line.startswith(value, at):
                        yield number, self.values[value]


def secrets_in(folder: Path) -> Secrets:
    """Every secret that lies in `folder`, however deep."""
    secrets = Secrets()
    for file in folder.rglob("credentials*.json"):
        _add_document(secrets, json.loads(file.read_text("utf-8")), file.name)
    for file in folder.rglob("*.key"):
        for line in file.read_text("utf-8", "replace").split():
            secrets.add(line, file.name)
    for file in folder.rglob("practice.db"):
        _add_database(secrets, file)
    return secrets


def _add_document(secrets: Secrets, content: Any, name: str) -> None:
    if isinstance(content, Mapping):
        for key, value in content.items():
            if key not in PUBLIC:
                _add_document(secrets, value, f"{name}: {key}")
    elif isinstance(content, list):
        for value in content:
            _add_document(secrets, value, name)
    elif isinstance(content, str) and " " not in content:
        secrets.add(content, name)


def _add_database(secrets: Secrets, file: Path) -> None:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        try:
            secrets.digests.update(digest for (digest,) in connection.execute("SELECT digest FROM tokens"))
            keys = connection.execute("SELECT value FROM settings WHERE key = 'keys'").fetchall()
        except sqlite3.DatabaseError:
            return  # not one of ours, or ended before its tables were made
    for (value,) in keys:
        _add_document(secrets, json.loads(value), "the practice account's keys")


def leaks_in(folder: Path) -> list[str]:
    """Where in the logs in `folder` a secret of it stands: "file:line: what"."""
    secrets = secrets_in(folder)
    return sorted(
        {
            f"{file.relative_to(folder)}:{number}: {what}"
            for file in folder.rglob("*.log")
            for number, what in secrets.found_in(file.read_text("utf-8", "replace"))
        }
    )


class Ear:
    """Hears every record that is logged in this process, and writes it down as it was given."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._out = file.open("a", encoding="utf-8")
        self._make = logging.getLogRecordFactory()

    def __call__(self, *arguments: Any, **named: Any) -> logging.LogRecord:
        """Make a record, and keep what it says: the message, what is filled in, the traceback."""
        record: logging.LogRecord = self._make(*arguments, **named)
        words = f"{record.name} {record.msg} {record.args}"
        if record.exc_info and record.exc_info[0] is not None:
            words += "\n" + "".join(traceback.format_exception(*record.exc_info))
        with self._lock:
            if not self._out.closed:
                self._out.write(words + "\n")
        return record

    def stop(self) -> None:
        """Hear no more."""
        logging.setLogRecordFactory(self._make)
        with self._lock:
            self._out.close()


@pytest.fixture(scope="session", autouse=True)
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Listens for as long as tests run."""
    ear = Ear(tmp_path_factory.getbasetemp() / IN_PROCESS)
    logging.setLogRecordFactory(ear)
    yield
    ear.stop()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Look, and fail the session if a secret was logged."""
    config = session.config
    factory: pytest.TempPathFactory | None = getattr(config, "_tmp_path_factory", None)
    leaks = config.stash.setdefault(_LEAKS, [])
    if factory is not None and (factory.getbasetemp() / IN_PROCESS).exists():
        leaks += leaks_in(factory.getbasetemp())
    workeroutput = getattr(config, "workeroutput", None)
    if workeroutput is not None:
        workeroutput["leaks"] = leaks  # a worker of pytest-xdist: the controller fails
    elif leaks:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of pytest-xdist found."""
    leaks = node.config.stash.setdefault(_LEAKS, [])
    leaks += getattr(node, "workeroutput", {}).get("leaks", [])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say where."""
    leaks = config.stash.get(_LEAKS, [])
    if leaks:
        terminalreporter.section("secrets in logs", red=True)
        for leak in leaks:
            terminalreporter.write_line(leak)
