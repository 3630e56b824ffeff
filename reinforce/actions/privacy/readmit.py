"""Take somebody off the suppression list: they asked to be taken in again."""

from __future__ import annotations

from datetime import datetime

from reinforce.domain.errors import NotFound
from reinforce.domain.privacy.keyed_hash import KeyedHash, Naming
from reinforce.store.operating import audit
from reinforce.store.privacy import suppression
from reinforce.store.privacy.suppression import Kind
from reinforce.store.session import Database


def readmit(database: Database, keyed: KeyedHash, who: str, *, actor: str, now: datetime) -> None:
    """Let the person with this employee id, handle ("@pat_m") or X user id ("x:123") be taken in again, with the others
    of these that were listed together. A stop stays: only their own start ends it. Raises NotFound if it is not listed.
    """
    mark = keyed.of(_what(who), who.removeprefix("x:"))
    with database.write() as connection:
        suppression.key_for(connection, keyed)
        if not suppression.remove(connection, Kind.ERASED, [mark]):
            advice = "Give the employee id, the @handle or x:USERID, each as it was when they were erased."
            raise NotFound("nobody of that name is on the suppression list", advice)
        audit.record(connection, actor, "person.readmit", "workspace/1", {}, now)


def _what(who: str) -> Naming:
    if who.startswith("@"):
        return Naming.HANDLE
    return Naming.X_USER if who.startswith("x:") else Naming.EMPLOYEE
