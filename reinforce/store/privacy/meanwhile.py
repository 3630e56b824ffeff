"""What keeps erasing somebody and writing about people apart, without either having to be tried again.

Who writes about people shares a lock, taken before anything else in the transaction; who erases has it alone. So nobody
finds half a person, what is looked up on the suppression list holds until it is acted on, and nobody waits for somebody
who waits for them. SQLite has one writer anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from reinforce.store.operating.locks import beside_others, one_at_a_time
from reinforce.store.session import Database

_ERASING = "erasing"


@contextmanager
def about_people(database: Database) -> Iterator[Connection]:
    """A write transaction in which nobody is erased."""
    with database.write() as connection:
        beside_others(connection, _ERASING)
        yield connection


def alone(connection: Connection) -> None:
    """Wait until nobody writes about people, and keep others from it until this transaction ends. To be called first
    in it."""
    one_at_a_time(connection, _ERASING)
