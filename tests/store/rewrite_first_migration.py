"""Writes alembic/versions/0001_first_tables.py anew from the tables, for as long as nothing has been released.

    .venv/bin/python tests/store/rewrite_first_migration.py

After the first release a changed table gets a migration of its own, and this script goes.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

from alembic import command
from alembic.config import Config

from reinforce.shipped import shipped
from reinforce.store.session import Database
from reinforce.store.tables import full_text


def main() -> None:
    """Render every table into the first migration and format it."""
    folder = shipped("alembic")
    script = folder / "versions" / "0001_first_tables.py"
    script.unlink(missing_ok=True)
    database = Database("sqlite://")
    with database.write() as connection:
        configuration = Config()
        configuration.set_main_option("script_location", str(folder).replace("%", "%%"))
        configuration.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        configuration.set_main_option("path_separator", "os")
        configuration.attributes["connection"] = connection
        # Tables are only created here; batches are for altering them.
        configuration.attributes["render_as_batch"] = False
        command.revision(configuration, message="first tables", autogenerate=True, rev_id="0001")
    database.close()
    lines = script.read_text("utf-8").splitlines(keepends=True)
    script.write_text(_with_full_text([line for line in lines if "# ###" not in line]), "utf-8")
    ruff = str(Path(sys.executable).parent / "ruff")
    subprocess.run([ruff, "format", "--quiet", str(script)], check=True)
    subprocess.run([ruff, "check", "--fix", "--quiet", str(script)], check=True)


def _with_full_text(lines: list[str]) -> str:
    """The script with the databases' own indexes, which no table's columns say: made last, dropped first."""
    made = lines.index("def downgrade() -> None:\n")
    made = next(place for place in range(made - 1, 0, -1) if lines[place].strip()) + 1
    lines[made:made] = _statements(full_text.MAKE)
    dropped = next(place for place, line in enumerate(lines) if line.startswith("def downgrade")) + 1
    while lines[dropped].strip().startswith('"'):
        dropped += 1
    lines[dropped:dropped] = _statements(full_text.DROP)
    return "".join(lines)


def _statements(by_dialect: Mapping[str, tuple[str, ...]]) -> list[str]:
    found = []
    for dialect, statements in by_dialect.items():
        found.append(f'    if op.get_context().dialect.name == "{dialect}":\n')
        for statement in statements:
            lines = textwrap.wrap(statement, 90, drop_whitespace=False)
            found += ["        op.execute(\n", *(f"            {line!r}\n" for line in lines), "        )\n"]
    return found


if __name__ == "__main__":
    main()
