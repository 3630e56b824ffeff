"""Words that mean harm, wherever people can write some."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Table, Text, update

from reinforce.store import tables as t
from reinforce.store.session import Database
from tests.web.seeding import HOSTILE

SUM = "{{7*191}}${7*191}<%=7*191%>"  # 1337 to whoever takes a text for a template
WORDS = f"{HOSTILE}\"'><svg onload=\"document.title='owned'\">{SUM}"
# What a page would hold if it had not escaped them; and what a template would have made of the sum.
SIGNS = ("<script>document", "<img src=x", "<svg onload", "1337")
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1")

# What people write or bring, and what is made of it. Names that go by a rule of their own bear what fits into them.
_WRITTEN: tuple[Column[Any], ...] = (
    t.cohort.c.title, t.cohort.c.paused_reason, t.procedure.c.title, t.nugget.c.title, t.wording.c.text,
    t.question.c.prompt, t.question.c.explanation, t.option.c.text, t.learner.c.name, t.learner.c.handle,
    t.learner.c.role, t.inbound.c.text, t.inbound.c.author_handle, t.inbound.c.read_why, t.inquiry.c.about,
    t.inquiry.c.answer, t.inquiry.c.outcome, t.outbox.c.text, t.outbox.c.reason, t.outbox.c.outcome,
    t.attempt.c.detail, t.quiet.c.reason, t.quiz.c.title, t.quiz_answer.c.why, t.account.c.paused_reason,
    t.api_token.c.label,
)  # fmt: skip


def spoil(database: Database, words: str = WORDS) -> None:
    """Put words into every text of a workspace that somebody else may have written."""
    with database.write() as connection:
        for column in _WRITTEN:
            _put(connection, column, words)


def _put(connection: Connection, column: Column[Any], words: str) -> None:
    table = column.table
    assert isinstance(table, Table)
    length = None if isinstance(column.type, Text) else getattr(column.type, "length", None)
    ids = [row[0] for row in connection.execute(table.select().with_only_columns(table.c.id))]
    for number in ids:
        # Some, as handles, are one person's alone.
        text = f"{words}{number}" if column is t.learner.c.handle else words
        connection.execute(update(table).where(table.c.id == number).values({column: text[:length]}))
