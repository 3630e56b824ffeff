"""The verbs that let people in, and make tokens, as they are typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from reinforce.bootstrap import House
from reinforce.cli.house import main_group
from reinforce.settings import Settings
from reinforce.store.access import sessions, tokens, users
from reinforce.store.access.passwords import matches
from reinforce.store.access.users import User
from tests.databases import copy_sqlite, migrate

PASSWORD = "correct horse battery"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A workspace that nobody signs in to yet."""
    made = House(Settings(workspace=tmp_path / "workspace"))
    made.settings.workspace.mkdir(mode=0o700)
    copy_sqlite(made.settings.workspace / "reinforce.db", migrate)
    made.make(rehearsal=False)
    yield made
    made.close()


def typed(house: House, *words: str, answer: str = "") -> Result:
    """Type a verb that does what it is told."""
    done = CliRunner().invoke(main_group, ["--workspace", str(house.settings.workspace), *words], input=answer)
    assert done.exit_code == 0, done.output
    return done


def refused(house: House, *words: str, answer: str = "", code: int = 1) -> str:
    """Type a verb that says no; returns what it says."""
    done = CliRunner().invoke(main_group, ["--workspace", str(house.settings.workspace), *words], input=answer)
    assert done.exit_code == code, done.output
    return done.output


def user(house: House, name: str) -> User:
    with house.database.read() as connection:
        return users.by_name(connection, name)


def listed(house: House, what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(typed(house, what, "list", "--json").stdout)
    return found


def test_somebody_is_let_in_by_a_link_by_a_password_or_by_a_company_account(house: House) -> None:
    assert "reinforce user add NAME --role operator" in typed(house, "user", "list").output
    told = typed(house, "user", "add", "anna", "--role", "operator").output
    assert "anna signs in as operator." in told
    code = told.partition("/welcome?code=")[2].strip()
    with house.database.read() as connection:
        assert sessions.whose_link(connection, code, house.clock.wall()) == user(house, "anna")
    typed(house, "user", "add", "ben", "--role", "viewer", "--password-stdin", answer=PASSWORD + "\n")
    assert matches(user(house, "ben").password_hash, PASSWORD)
    asked = typed(house, "user", "add", "cleo", "--role", "author", "--password", answer=f"{PASSWORD}\n{PASSWORD}\n")
    assert PASSWORD not in asked.output
    dora = typed(house, "user", "add", "dora", "--role", "approver", "--oidc", "Dora@example.org")
    assert "as dora@example.org next is dora" in dora.output
    assert "None is set yet" in dora.stderr
    assert "welcome" not in dora.output
    states = {one["name"]: (one["state"], one["company_account"]) for one in listed(house, "user")}
    assert states["anna"] == ("no password yet", "")
    assert states["ben"] == states["cleo"] == ("active", "")
    assert states["dora"] == ("has not come yet", "dora@example.org")


def test_what_can_not_be_is_refused_with_what_to_do(house: House) -> None:
    typed(house, "user", "add", "ben", "--role", "viewer", "--oidc", "ben@example.org")
    assert "ben signs in already" in refused(house, "user", "add", "ben", "--role", "author")
    eve = ("user", "add", "eve", "--role", "viewer")
    assert "shorter than 12" in refused(house, *eve, "--password-stdin", answer="x\n")
    assert "no password on standard input" in refused(house, *eve, "--password-stdin", code=2)
    assert "there is no cohort x" in refused(house, "user", "add", "eve", "--role", "operator", "--cohort", "x")
    assert "ben@example.org is ben already" in refused(house, *eve, "--oidc", "BEN@example.org")
    assert "without spaces" in refused(house, *eve, "--oidc", "two words")
    assert "there is no user eve" in refused(house, "user", "disable", "eve")
    assert "--none" in refused(house, "user", "set-identity", "ben", code=2)
    assert "--none" in refused(house, "user", "set-identity", "ben", "x@example.org", "--none", code=2)


def test_roles_passwords_and_company_accounts_are_changed(house: House) -> None:
    typed(house, "user", "add", "ben", "--role", "viewer")
    assert typed(house, "user", "role", "ben", "approver").output == "ben: approver; viewer.\n"
    assert typed(house, "user", "role", "ben", "viewer", "--take").output == "ben: approver.\n"
    assert "ben is not viewer" in refused(house, "user", "role", "ben", "viewer", "--take")
    assert "no role, so nothing is shown" in typed(house, "user", "role", "ben", "approver", "--take").output
    assert "/welcome?code=" in typed(house, "user", "set-password", "ben", "--link").output
    typed(house, "user", "set-password", "ben", "--password-stdin", answer=PASSWORD + "\n")
    assert matches(user(house, "ben").password_hash, PASSWORD)
    assert "ben@example.org" in typed(house, "user", "set-identity", "ben", "ben@example.org").output
    assert "no more" not in typed(house, "user", "list").output
    assert "any more" in typed(house, "user", "set-identity", "ben", "--none").output
    assert user(house, "ben").identity == ""
    assert "0 browsers signed out" in typed(house, "user", "disable", "ben").output
    assert listed(house, "user")[0]["state"] == "disabled"
    typed(house, "user", "enable", "ben")
    assert user(house, "ben").disabled_at is None


def test_the_last_operator_goes_only_by_the_word_anyway(house: House) -> None:
    typed(house, "user", "add", "anna", "--role", "operator", "--password-stdin", answer=PASSWORD + "\n")
    typed(house, "member", "add", "bea")
    for words in (
        ("user", "disable", "anna"),
        ("user", "role", "anna", "operator", "--take"),
        ("member", "remove", "anna"),
    ):
        said = refused(house, *words)
        assert "anna is the last operator who can sign in" in said
        assert "--anyway" in said
    typed(house, "user", "role", "anna", "operator", "--take", "--anyway")
    typed(house, "user", "role", "anna", "operator")
    typed(house, "user", "disable", "anna", "--anyway")
    typed(house, "user", "enable", "anna")
    typed(house, "member", "remove", "anna", "--anyway")
    assert listed(house, "user") == []


def test_a_token_is_shown_alone_on_standard_output_and_taken_back(house: House) -> None:
    assert "reinforce token create" in typed(house, "token", "list").output
    typed(house, "user", "add", "anna", "--role", "viewer")
    made = typed(house, "token", "create", "wallboard", "--user", "anna", "--role", "viewer", "--days", "30")
    secret = made.stdout.strip()
    assert secret.startswith("rfc_")
    assert "Token 1 holds for 30 days" in made.stderr
    with house.database.read() as connection:
        assert tokens.bearer(connection, secret, house.clock.wall()) is not None
    row = listed(house, "token")[0]
    assert (row["label"], row["user"], row["roles"], row["state"], row["last_used"]) == (
        "wallboard", "anna", "viewer", "holds", "never",
    )  # fmt: skip
    assert secret not in typed(house, "token", "list").output
    assert "anna is not operator there" in refused(
        house, "token", "create", "more", "--user", "anna", "--role", "operator"
    )
    refused(house, "token", "create", "x", "--user", "anna", "--role", "viewer", "--days", "0", code=2)
    assert "opens nothing any more" in typed(house, "token", "revoke", "1").output
    assert listed(house, "token")[0]["state"] == "revoked"
    assert "there is no token 1 that holds" in refused(house, "token", "revoke", "1")
