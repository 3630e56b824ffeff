"""A number that grows with every change of people, consents or enrollments: what is computed from them keeps as long.

`Database.write` raises it as the last act of a transaction that changed one of those tables, whoever wrote the code.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from reinforce.store import tables as t

CURRENT = select(t.roster_version.c.version)


def roster_version(connection: Connection) -> int:
    """The version this transaction sees; 0 before the first change."""
    return int(connection.execute(CURRENT).scalar() or 0)
