"""Who is on the team: added, named anew, and gone. What somebody did stays theirs, under the same number."""

from __future__ import annotations

from datetime import datetime

from reinforce.domain.answering.addresses import checked_name
from reinforce.domain.errors import NotAllowed
from reinforce.store.access.operators import require_another
from reinforce.store.approving import members
from reinforce.store.operating import audit
from reinforce.store.operating.locks import one_at_a_time
from reinforce.store.session import Database


def add_member(database: Database, name: str, *, actor: str, now: datetime) -> str:
    """Put somebody on the team and return their actor ("member/3"). Who left and comes back is the same as before: what
    they wrote then stays theirs, so they can't approve it now.

    Raises ReinforceError for what can't be a name, Conflict if the name is taken."""
    checked_name(name)
    with database.write() as connection:
        made = members.add(connection, name, now)
        audit.record(connection, actor, "member.added", made, {}, now)
        return made


def rename_member(database: Database, name: str, new: str, *, actor: str, now: datetime) -> str:
    """Call somebody of the team something else; their actor stays and is returned. Raises NotFound, and as `add_member`
    does."""
    checked_name(new)
    with database.write() as connection:
        there = members.actor_of(connection, name)
        if new != name:
            members.rename(connection, there, new)
            audit.record(connection, actor, "member.renamed", there, {}, now)
        return there


def remove_member(
    database: Database, name: str, *, single_user: bool, actor: str, now: datetime, anyway: bool = False
) -> str:
    """Take somebody off the team: nobody acts with their name any more. What they submitted and approved stays.

    Raises NotFound; NotAllowed for the last one, without whom nobody could approve what others wrote, unless the
    workspace says that it has one user (`single_user`); and unless `anyway` for the last operator who can sign in."""
    with database.write() as connection:
        one_at_a_time(connection, "team")  # else the last two could leave at the same moment
        there = members.actor_of(connection, name)
        if not single_user and len(members.team(connection)) == 1:
            raise NotAllowed(
                f"{name} is the last of the team: nobody could approve a text",
                "Add somebody first: reinforce member add NAME. To mend a name: reinforce member rename.",
            )
        if not anyway:
            require_another(connection, name)
        members.remove(connection, there, now)
        audit.record(connection, actor, "member.left", there, {}, now)
        return there
