"""Programmes that somebody begins from: one that ships, or files of their own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import UploadFile

from reinforce.content.programme_file import read_programme
from reinforce.content.starter import Starter, starter_files, starters
from reinforce.domain.access.rights import Right
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.programmes.programme import Programme
from reinforce.shipped import shipped
from reinforce.store.programmes import runs
from reinforce.web.console import Console
from reinforce.web.gate import Viewer
from reinforce.web.uploads import with_plain_names


@cache
def shelf() -> tuple[Starter, ...]:
    """The programmes that ship; read once, since five of them take longer than a page may."""
    return starters(_starters_folder(), shipped("schedules"))


def from_starter(starter: str, name: str) -> Programme:
    """One that ships, as `<name>-programme`. Raises as `starter_files`."""
    files = starter_files(_starters_folder(), starter, name)
    with TemporaryDirectory() as folder:
        for file, text in files.items():
            (Path(folder) / file).write_text(text, "utf-8")
        return read_programme(Path(folder) / f"{name}-programme.yaml", shipped("schedules"))


def archive(starter: str, name: str) -> bytes:
    """Its files as a ZIP archive: procedure, programme, roster, and a quiz or a course. Raises as `starter_files`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as into:
        for file, text in starter_files(_starters_folder(), starter, name).items():
            into.writestr(file, text)
    return out.getvalue()


def from_files(console: Console, viewer: Viewer, file: UploadFile | None, beside: Sequence[UploadFile]) -> Programme:
    """The one in a file, with the quizzes and cadences `beside` it. Raises as `read_programme`; NotAllowed for a file
    that is none."""
    kept = console.uploads.keep(file, viewer.actor, beside)
    try:
        return read_programme(kept.path, shipped("schedules"))
    except ReinforceError as fault:
        raise with_plain_names(fault, kept) from fault
    finally:
        console.uploads.drop(kept)


def require_theirs(console: Console, viewer: Viewer, slug: str) -> None:
    """Raise NotAllowed for a programme that cohorts run or ran which are not for this author."""
    with console.database.read() as connection:
        there = {run.cohort_id for run in runs.runs_of(connection, slug)}
    if not all(viewer.scope(Right.WRITE).holds(one) for one in there):
        raise NotAllowed(
            f'There is a programme "{slug}" that runs on cohorts which are not yours.',
            "Give yours another slug, or ask an author whose role is for those cohorts.",
        )


def _starters_folder() -> Path:
    return shipped("examples") / "starters"
