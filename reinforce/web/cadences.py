"""The cadences that ship, by name: a file's path is nothing that a request may say."""

from __future__ import annotations

from typing import Any

from reinforce.content.schedule_file import read_schedule
from reinforce.domain.errors import NotAllowed
from reinforce.shipped import shipped
from reinforce.store.operating.workspace import workspace
from reinforce.web.console import Console

USUAL = "cohort-adaptive"
# The one that is for rehearsals alone: it posts every few minutes.
REHEARSALS = "rehearsal"


def cadences(console: Console) -> dict[str, str]:
    """Names and titles of those that a cohort of this workspace may have."""
    with console.database.read() as connection:
        there = workspace(connection)
    files = [read_schedule(file) for file in sorted(shipped("schedules").glob("*.yaml"))]
    return {one.name: one.title for one in files if (there is not None and there.rehearsal) or one.name != REHEARSALS}


def cadence(console: Console, name: str) -> Any:
    """The content of one. Raises NotAllowed for any other name."""
    known = cadences(console)
    if name not in known:
        raise NotAllowed(f'there is no cadence "{name}"', f"Choose one of {', '.join(known)}.")
    return console.house.schedule(name)
