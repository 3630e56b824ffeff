"""Files that somebody gave to a form, kept until they say yes to what would be done with them.

A file is written under a name made by chance, in a folder of its own, for whom it was given by; the name it had on
their machine is kept for messages only, without its path. Nothing that a request says becomes a path.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from fastapi import UploadFile

from reinforce.clock import Clock
from reinforce.domain.errors import ContentRefused, NotAllowed, NotFound, ReinforceError

# A roster of 20,000 lines is 2 MB as CSV, a workbook of 500 nuggets 100 KB, a picture on X at most 5 MB.
LARGEST = 12 * 1024 * 1024
KEPT_FOR = timedelta(hours=1)
MOST = 200
LONGEST_NAME = 100
# A course has at most so many pictures that anybody would choose one by one.
MOST_TOGETHER = 60
# Which of the files in a folder was given, and not beside it; no name of a file begins with a dot.
_FIRST = ".first"
_KEY = re.compile(r"[0-9a-f]{32}")
_UNPRINTABLE = re.compile(r"[^\w.()+@ -]")
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was given: `key` names it in the next form, `path` bears the name it had ("roster.csv")."""

    key: str
    path: Path

    @property
    def name(self) -> str:
        """The name it had on the machine it came from."""
        return self.path.name


class Uploads:
    """The files given to this console, under `folder`."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._wall: Callable[[], datetime] = clock.wall

    def keep(self, upload: UploadFile | None, actor: str, beside: Sequence[UploadFile] = ()) -> Kept:
        """Keep a file for its giver, with those that it names `beside` it. Raises NotAllowed for none, an empty one,
        one that is too large and too many."""
        self.forget_old()
        if upload is None or not upload.filename:
            raise NotAllowed("No file was given.", "Choose one, then press the button again.")
        key = secrets.token_hex(16)
        place = self._place(actor, key)
        place.mkdir(parents=True, mode=0o700)
        given = [upload, *(one for one in beside if one.filename)]
        try:
            if len(given) > MOST_TOGETHER:
                raise NotAllowed(f"{len(given)} files are too many.", f"Give {MOST_TOGETHER} together at most.")
            paths = [_kept_in(place, one) for one in given]
        except NotAllowed:
            shutil.rmtree(place)
            raise
        (place / _FIRST).write_text(paths[0].name, "utf-8")
        return Kept(key, paths[0])

    def find(self, key: str, actor: str) -> Kept:
        """A file again, by its key, for who gave it. Raises NotFound for one that is gone or somebody else's."""
        place = self._place(actor, key) if _KEY.fullmatch(key) else None
        first = None if place is None else place / _FIRST
        if place is None or first is None or not first.is_file():
            raise NotFound("The file is not here any more: it is kept for an hour.", "Choose it again.")
        return Kept(key, place / first.read_text("utf-8"))

    def drop(self, kept: Kept) -> None:
        """Forget a file that has been dealt with."""
        shutil.rmtree(kept.path.parent, ignore_errors=True)

    def _place(self, actor: str, key: str) -> Path:
        return self._folder / f"{key}-{_UNPRINTABLE.sub('-', actor.replace('/', '-'))}"

    def forget_old(self) -> None:
        """Forget what nobody said yes or no to in time: a roster is not for keeping. Asked with every page."""
        if not self._folder.is_dir():
            return
        there = sorted((one.stat().st_mtime, one) for one in self._folder.iterdir())
        too_many = max(0, len(there) - MOST + 1)
        for number, (at, place) in enumerate(there):
            if number < too_many or self._wall() - datetime.fromtimestamp(at, UTC) > KEPT_FOR:
                shutil.rmtree(place, ignore_errors=True)


def plain_name(name: str) -> str:
    """A file's own name, without folders of either kind of system and without what no file name should have."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = _UNPRINTABLE.sub("_", last).strip(" .") or "file"
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 40] + plain[-40:]


def with_plain_names(fault: ReinforceError, kept: Kept | None) -> ReinforceError:
    """A refusal that names files as their giver does, and not the place where they lie here."""
    if kept is None or not isinstance(fault, ContentRefused):
        return fault
    place = f"{kept.path.parent}/"
    return ContentRefused(
        replace(one, file=one.file.replace(place, ""), message=one.message.replace(place, "")) for one in fault.faults
    )


def _kept_in(place: Path, upload: UploadFile) -> Path:
    """Write a file into a folder under its own name."""
    path = place / plain_name(upload.filename or "")
    if path.exists():
        raise NotAllowed(f"{path.name} was given twice.", "Choose each file once; nothing was loaded.")
    if not _write(upload, path):
        raise NotAllowed(f"{path.name} is empty.", "Choose the file again; nothing was loaded.")
    return path


def _write(upload: UploadFile, path: Path) -> int:
    """Write a file in pieces; how many bytes it has."""
    written = 0
    with path.open("xb") as out:
        while piece := upload.file.read(_CHUNK):
            written += len(piece)
            if written > LARGEST:
                raise NotAllowed(
                    f"{path.name} is larger than {LARGEST // 1024**2} MB.", "Split it; nothing was loaded."
                )
            out.write(piece)
    return written
