"""What Alembic runs to migrate a workspace's database.

It is started by `reinforce.store.operating.migrations` only, which hands over an open connection whose transaction it
also commits: either all of a migration is there, or none of it, on SQLite too.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from reinforce.store.session import Instant
from reinforce.store.tables import metadata
from reinforce.store.tables.full_text import is_full_text


def render_item(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    """Write our own column types as what they are in the database: a migration must outlive the code of today."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("migrations run through `reinforce db upgrade`, which locks the database first")

context.configure(
    connection=connection,
    target_metadata=metadata,
    compare_type=True,
    compare_server_default=True,
    render_item=render_item,
    include_name=lambda name, _kind, _parents: not is_full_text(name),
    # SQLite can't alter a column: later migrations rebuild the table there, in the same words.
    render_as_batch=context.config.attributes.get("render_as_batch", connection.dialect.name == "sqlite"),
    # Our connections begin transactions themselves, so SQLite's DDL is as transactional as Postgres's.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
