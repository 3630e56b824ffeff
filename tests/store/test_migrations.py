"""Migrations make the tables the code is written for, on both databases, whoever comes first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from reinforce.domain.errors import ReinforceError
from reinforce.store.operating import migrations, table_revision
from reinforce.store.session import Database
from reinforce.store.tables import metadata
from reinforce.store.tables.full_text import is_full_text
from tests.warm import Nursery

SCRIPTS = Path(__file__).parents[2] / "alembic"
ADVICE = "the tables and the migrations differ: run `.venv/bin/python tests/store/rewrite_first_migration.py`"
UPGRADE = """
import sys
from reinforce.store.operating import migrations
from reinforce.store.session import Database
print(migrations.upgrade(Database(sys.argv[1])))
"""


@pytest.fixture
def second_url(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """URL of another empty database of the same kind."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'second.db'}"
    make: Callable[[], str] = request.getfixturevalue("make_postgres")
    return make()


def _is_plain(name: str | None, _kind: str, _parents: object) -> bool:
    return not is_full_text(name)


def _schema(connection: Connection) -> dict[str, object]:
    """Every table down to its columns, keys and indexes, in the database's own words."""
    looked = inspect(connection)
    tables: dict[str, object] = {}
    for name in sorted(set(looked.get_table_names()) - {"alembic_version"}):
        tables[name] = {
            "columns": [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in looked.get_columns(name)],
            "primary key": looked.get_pk_constraint(name),
            "foreign keys": sorted(map(str, looked.get_foreign_keys(name))),
            "unique": sorted(map(str, looked.get_unique_constraints(name))),
            "checks": sorted(map(str, looked.get_check_constraints(name))),
        }
    # The inspector leaves out what a partial index is restricted to.
    catalogue = (
        "SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
        if connection.dialect.name == "sqlite"
        else "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    )
    indexes = {name: " ".join(sql.split()) for name, sql in connection.execute(text(catalogue))}
    tables["indexes"] = {name: sql for name, sql in indexes.items() if not name.startswith("alembic_version")}
    return tables


def test_the_newest_revision_is_the_highest_number_of_a_file_name() -> None:
    configuration = Config()
    configuration.set_main_option("script_location", str(SCRIPTS))
    scripts = ScriptDirectory.from_config(configuration)
    assert scripts.get_heads() == [table_revision.head()]
    assert all(Path(one.path).name.startswith(f"{one.revision}_") for one in scripts.walk_revisions())


def test_the_migrations_make_exactly_the_tables_of_the_metadata(database_url: str, second_url: str) -> None:
    migrated, created = Database(database_url), Database(second_url)
    migrations.upgrade(migrated)
    with created.write() as connection:
        metadata.create_all(connection)
        wanted = _schema(connection)
    with migrated.read() as connection:
        there = _schema(connection)
        # Alembic knows nothing of full-text indexes; `there == wanted` below looks at them too.
        opts = {"compare_type": True, "compare_server_default": True, "include_name": _is_plain}
        context = MigrationContext.configure(connection, opts=opts)
        differences = compare_metadata(context, metadata)
    assert differences == [], ADVICE
    assert there == wanted, ADVICE
    migrated.close()
    created.close()


def test_a_second_upgrade_changes_nothing(database_url: str) -> None:
    database = Database(database_url)
    assert table_revision.current(database) is None
    assert not table_revision.is_current(database)
    assert migrations.upgrade(database) == table_revision.head()
    assert migrations.upgrade(database) == table_revision.head()
    assert table_revision.current(database) == table_revision.head()
    assert table_revision.is_current(database)
    database.close()


def test_a_downgrade_to_base_leaves_no_table(database_url: str) -> None:
    database = Database(database_url)
    migrations.upgrade(database)
    migrations.downgrade(database, "base")
    with database.read() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    assert table_revision.current(database) is None
    database.close()


def test_processes_that_start_at_once_take_turns(database_url: str, nursery: Nursery, tmp_path: Path) -> None:
    script = tmp_path / "upgrade.py"
    script.write_text(UPGRADE, "utf-8")
    started = [nursery.run(script, database_url, folder=tmp_path) for _ in range(3)]
    for process in started:
        assert (process.said(), process.returncode) == (table_revision.head(), 0)


def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    database = Database(database_url)
    migrations.upgrade(database)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ReinforceError, match="9999") as raised:
        migrations.upgrade(database)
    assert "newer version" in raised.value.advice
    assert not table_revision.is_current(database)
    assert table_revision.current(database) == "9999"
    database.close()


def test_tables_that_no_migration_made_are_not_touched(database: Database) -> None:
    with pytest.raises(ReinforceError, match="no migration made"):
        migrations.upgrade(database)
    assert table_revision.current(database) is None


def test_foreign_keys_are_enforced_again_after_an_upgrade(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'one.db'}")
    migrations.upgrade(database)
    with database.read() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
    database.close()
