"""Notice that the database is a copy, was moved or put back by hand: nobody knows what went out since."""

from __future__ import annotations

from datetime import datetime

from reinforce.store.accounts import accounts
from reinforce.store.operating import audit, places
from reinforce.store.session import Database

ELSEWHERE = "this database stood elsewhere before (a copy?): its timeline is read before anything is sent"


def notice_copy(database: Database, *, now: datetime) -> bool:
    """True if the database is not where a daemon last saw it: every account is unproven from then on.

    `actions.sending.prove` reads their timelines before anything is sent again. `now` is programme time. To be asked
    before each round: a file may be replaced under a daemon that has it open.
    """
    with database.read() as connection:
        here, known = places.place(database, connection), places.known_place(connection)
    if here == known:
        return False
    # What is open may be a file that stands nowhere any more.
    database.close()
    with database.write() as connection:
        known = places.known_place(connection)
        here = places.place(database, connection)
        places.set_place(connection, here)
        if known in ("", here):
            return False
        accounts.mark_unproven(connection, ELSEWHERE)
        audit.record(connection, "daemon", "workspace.elsewhere", "workspace/1", {}, now)
    return True
