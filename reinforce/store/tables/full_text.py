"""The databases' own full-text indexes over `passage.words`: what no table's columns can say.

SQLite has an FTS5 table kept true by triggers, Postgres an index over its `tsvector`. The words are stems already, so
neither database stems or drops any. The statements run whenever the table is made: by the first migration, and where
tests make tables from the metadata. Alembic's comparison leaves them out (`is_full_text`), the tests' own does not.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import DDL, Table, event

INDEX = "passage_words"
TSVECTOR = "to_tsvector('simple', words)"

_TAKE_OUT = "INSERT INTO passage_words(passage_words, rowid, words) VALUES ('delete', old.id, old.words);"
_PUT_IN = "INSERT INTO passage_words(rowid, words) VALUES (new.id, new.words);"
MAKE: Mapping[str, tuple[str, ...]] = {
    "sqlite": (
        "CREATE VIRTUAL TABLE passage_words USING fts5(words, content='passage', content_rowid='id')",
        f"CREATE TRIGGER passage_words_added AFTER INSERT ON passage BEGIN {_PUT_IN} END",
        f"CREATE TRIGGER passage_words_gone AFTER DELETE ON passage BEGIN {_TAKE_OUT} END",
        f"CREATE TRIGGER passage_words_changed AFTER UPDATE ON passage BEGIN {_TAKE_OUT} {_PUT_IN} END",
    ),
    "postgresql": (f"CREATE INDEX passage_words ON passage USING gin ({TSVECTOR})",),
}
DROP: Mapping[str, tuple[str, ...]] = {
    "sqlite": (*(f"DROP TRIGGER {INDEX}_{when}" for when in ("added", "gone", "changed")), f"DROP TABLE {INDEX}"),
    "postgresql": (f"DROP INDEX {INDEX}",),
}


def is_full_text(name: str | None) -> bool:
    """Whether a table or index is one of these, or of those that FTS5 keeps its own data in."""
    return name is not None and name.startswith(INDEX)


def make_with(passage: Table) -> None:
    """Let the index be made and dropped together with the table `passage`."""
    for moment, statements in (("after_create", MAKE), ("before_drop", DROP)):
        for dialect, several in statements.items():
            for statement in several:
                event.listen(passage, moment, DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
