"""Make a workspace: its folder, its settings file, its key, its database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from reinforce.store.operating import workspace as workspaces
from reinforce.store.operating.workspace import Workspace
from reinforce.store.session import Database

SETTINGS_FILE = """\
# Settings of this workspace; every one is described in docs/reference/settings.md.
# The environment (REINFORCE_…) goes before this file. No secret belongs in here.

# database_url = "postgresql+psycopg://reinforce@localhost/reinforce"
# log_format = "json"
"""


def start_workspace(database: Database, folder: Path, *, rehearsal: bool, now: datetime) -> Workspace:
    """Make what is missing and leave what is there: running it twice changes nothing. `now` is machine time.

    The database must have its tables (`store.operating.migrations.upgrade`).
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings_file = folder / "reinforce.toml"
    if not settings_file.exists():
        settings_file.write_text(SETTINGS_FILE, "utf-8")
    with database.write() as connection:
        there = workspaces.workspace(connection)
        return there or workspaces.create(connection, rehearsal=rehearsal, now=now)
