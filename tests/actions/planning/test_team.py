"""Who is on the team: each change is on the audit log, and somebody stays who they are through all of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reinforce.actions.approving.team import add_member, remove_member, rename_member
from reinforce.domain.errors import Conflict, NotAllowed, NotFound, ReinforceError
from reinforce.store.approving import members
from reinforce.store.operating import audit
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _add(database: Database, name: str) -> str:
    return add_member(database, name, actor="uid/1", now=NOW)


def _remove(database: Database, name: str, *, single_user: bool = False) -> str:
    return remove_member(database, name, single_user=single_user, actor="uid/1", now=NOW)


def _rename(database: Database, name: str, new: str) -> str:
    return rename_member(database, name, new, actor="uid/1", now=NOW)


def test_somebody_keeps_their_number_through_a_new_name_leaving_and_coming_back(database: Database) -> None:
    anna, bea = _add(database, "anna"), _add(database, "bea")
    assert _rename(database, "bea", "beatrice") == bea
    assert _rename(database, "beatrice", "beatrice") == bea
    assert _remove(database, "beatrice") == bea
    with database.read() as connection:
        assert members.team(connection) == {anna: "anna"}
        assert members.names(connection) == {anna: "anna", bea: "beatrice"}
        with pytest.raises(NotFound, match="beatrice is not on the team any more"):
            members.actor_of(connection, "beatrice")
    assert _add(database, "beatrice") == bea
    with database.read() as connection:
        done = [(one.verb, one.subject) for one in audit.latest(connection, limit=9)]
        assert audit.verify(connection).whole
    changes = ["added", "left", "renamed", "added"]
    assert done == [*((f"member.{change}", bea) for change in changes), ("member.added", anna)]


def test_a_name_is_one_person_s_and_has_to_be_a_name(database: Database) -> None:
    _add(database, "anna")
    _add(database, "bea")
    _remove(database, "bea")
    with pytest.raises(Conflict, match="there is a member anna already"):
        _add(database, "anna")
    with pytest.raises(Conflict, match="there is, or was, a member bea already"):
        _rename(database, "anna", "bea")
    with pytest.raises(NotFound, match="there is no member carl"):
        _rename(database, "carl", "charles")
    for name in ("", " anna", "-x", "a" * 61, "a\nb"):
        with pytest.raises(ReinforceError, match="can't be a name"):
            _add(database, name)


def test_the_last_of_the_team_stays_unless_the_workspace_has_one_user(database: Database) -> None:
    anna = _add(database, "anna")
    with pytest.raises(NotAllowed, match="anna is the last of the team"):
        _remove(database, "anna")
    assert _remove(database, "anna", single_user=True) == anna
