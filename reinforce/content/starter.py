"""Programmes to begin from, as they ship: a folder of files each, with "starter-name" for the name to come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reinforce.content.plain_text import read_text
from reinforce.content.programme_file import read_programme
from reinforce.content.scalars import LONGEST_SLUG, SLUG, did_you_mean, slug_of
from reinforce.domain.errors import NotFound, ReinforceError

_NAME = "starter-name"
# What is put behind a name has to fit into one, too.
_LONGEST = LONGEST_SLUG - len("-programme")


@dataclass(frozen=True, slots=True)
class Starter:
    """One of them. `phases` as people read them: "before 14 d → during 28 d"."""

    name: str
    title: str
    about: str
    phases: str


def starters(folder: Path, schedules: Path) -> tuple[Starter, ...]:
    """Those that ship in `folder`, by name; `schedules` is the folder of the cadences."""
    found = []
    for place in sorted(one for one in folder.iterdir() if one.is_dir()):
        programme = read_programme(place / f"{_NAME}-programme.yaml", schedules)
        phases = " → ".join(f"{one.name} {one.days} d" for one in programme.phases)
        found.append(Starter(place.name, programme.title, programme.about, phases))
    return tuple(found)


def starter_files(folder: Path, starter: str, name: str) -> Mapping[str, str]:
    """The texts of a starter's files for a programme called `name`, by file name. Raises NotFound for a starter that
    does not ship, ReinforceError for a name that can't be one."""
    known = sorted(one.name for one in folder.iterdir() if one.is_dir())
    if starter not in known:
        raise NotFound(f"no programme {starter} ships", did_you_mean(starter, known))
    if not SLUG.fullmatch(name) or len(name) > _LONGEST:
        better = slug_of(name)[:_LONGEST].strip("-")
        advice = f"Use at most {_LONGEST} lower case letters, digits and hyphens"
        raise ReinforceError(f'"{name}" can\'t be a name', f"{advice}, such as {better}." if better else f"{advice}.")
    files = sorted(one for one in (folder / starter).iterdir() if one.is_file())
    return {one.name.replace(_NAME, name): read_text(one).replace(_NAME, name) for one in files}
