"""Keys and credentials files: who may read them, what is said of them, and what never is."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from reinforce.domain.accounts.credentials import OAuth1Keys, OAuth2App, OAuth2Keys
from reinforce.domain.errors import ReinforceError
from reinforce.secrets import (
    KEY_VARIABLE,
    Keyring,
    account_variable,
    credentials_from_environment,
    read_credentials_file,
)

FIRST = {
    "consumer_key": "ck-secret-1",
    "consumer_secret": "cs-secret-2",
    "access_token": "at-secret-3",
    "access_token_secret": "as-secret-4",
}


def _file(path: Path, content: object, mode: int = 0o600) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    path.chmod(mode)
    return path


def test_a_key_is_made_once_with_mode_600_and_opens_what_it_sealed(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret.key"
    sealed = Keyring.create(path, {}).seal(b"tokens")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Keyring.create(path, {}).unseal(sealed) == b"tokens"
    assert Keyring.load(path, {}).unseal(sealed) == b"tokens"


def test_a_key_is_made_with_mode_600_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Keyring.create(tmp_path / "secret.key", {})
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_two_who_make_the_key_at_once_get_the_same_one(tmp_path: Path) -> None:
    path, sealed = tmp_path / "secret.key", []
    together = threading.Barrier(4)

    def make() -> None:
        together.wait()
        sealed.append(Keyring.create(path, {}).seal(b"x"))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [Keyring.load(path, {}).unseal(one) for one in sealed] == [b"x"] * 4


def test_a_key_in_the_environment_goes_before_the_file_and_makes_none(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    sealed = Keyring.create(tmp_path / "secret.key", {KEY_VARIABLE: key}).seal(b"x")
    assert not (tmp_path / "secret.key").exists()
    assert Keyring([key], "here").unseal(sealed) == b"x"


def test_a_key_is_rotated_by_putting_a_new_one_on_top(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    sealed = Keyring.create(path, {}).seal(b"old")
    old, new = path.read_text(), Fernet.generate_key().decode()
    path.write_text(f"{new}\n{old}")
    rotated = Keyring.load(path, {})
    assert rotated.unseal(sealed) == b"old"
    assert Keyring([new], "the new one").unseal(rotated.seal(b"new")) == b"new"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o602])
def test_a_key_that_others_may_open_is_refused_with_the_command_that_mends_it(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret.key"
    Keyring.create(path, {})
    path.chmod(mode)
    with pytest.raises(ReinforceError, match="others") as caught:
        Keyring.load(path, {})
    assert caught.value.advice == f"Run: chmod 600 {path}"


@pytest.mark.parametrize("content", ["", "not a key", "x" * 100_000])
def test_a_file_that_holds_no_key_is_refused_without_being_quoted(tmp_path: Path, content: str) -> None:
    path = _file(tmp_path / "secret.key", content)
    with pytest.raises(ReinforceError) as caught:
        Keyring.load(path, {})
    assert "not a key" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_key_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ReinforceError, match="no key at"):
        Keyring.load(tmp_path / "secret.key", {})


def test_what_was_sealed_with_another_key_is_not_opened(tmp_path: Path) -> None:
    one, other = Keyring.create(tmp_path / "one", {}), Keyring.create(tmp_path / "other", {})
    with pytest.raises(ReinforceError, match="can't be decrypted"):
        other.unseal(one.seal(b"x"))
    with pytest.raises(ReinforceError, match="can't be decrypted"):
        one.unseal(b"rubbish")


def test_neither_repr_shows_a_secret(tmp_path: Path) -> None:
    keyring = Keyring.create(tmp_path / "secret.key", {})
    given = read_credentials_file(_file(tmp_path / "c.json", {**FIRST, "client_id": "c", "client_secret": "cs-5"}))
    shown = repr(keyring) + repr(given)
    assert (tmp_path / "secret.key").read_text().strip() not in shown
    assert "secret-" not in shown


def test_keys_are_read_from_a_private_file(tmp_path: Path) -> None:
    given = read_credentials_file(_file(tmp_path / "x.json", {**FIRST, "base_url": "http://127.0.0.1:8401"}))
    assert given.credentials == OAuth1Keys(**FIRST)
    assert given.base_url == "http://127.0.0.1:8401"


def test_a_file_of_both_kinds_gives_the_one_that_is_asked_for(tmp_path: Path) -> None:
    second = {"client_id": "c", "access_token": "a", "refresh_token": "r", "expires_at": "2026-03-02T11:00:00Z"}
    path = _file(tmp_path / "x.json", {"oauth1": FIRST, "oauth2": second})
    assert isinstance(read_credentials_file(path).credentials, OAuth1Keys)
    renewed = read_credentials_file(path, "oauth2").credentials
    assert isinstance(renewed, OAuth2Keys)
    assert (renewed.tokens.access_token, renewed.tokens.refresh_token) == ("a", "r")


def test_an_app_alone_is_read_as_one_that_still_needs_consent(tmp_path: Path) -> None:
    path = _file(tmp_path / "x.json", {"client_id": "c", "client_secret": "s"})
    assert read_credentials_file(path).credentials == OAuth2App("c", "s")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "JSON object"),
        ("{", "JSON object"),
        ("[" * 50_000, "JSON object"),
        ({}, "no credentials"),
        ({"consumer_key": "x"}, "lacks consumer_secret, access_token, access_token_secret"),
        ({**FIRST, "access_token": 5}, "access_token"),
        ({**FIRST, "access_token": "at secret-3"}, "access_token"),
        ({**FIRST, "access_token": "at-secret-3\n"}, "access_token"),
        ({"client_id": "ü"}, "client_id"),
        ({"oauth2": {"client_id": "c", "access_token": "a", "expires_at": "soon"}}, "expires_at"),
    ],
)
def test_a_file_that_lacks_something_says_what_and_never_a_value(tmp_path: Path, content: Any, words: str) -> None:
    with pytest.raises(ReinforceError, match=words) as caught:
        read_credentials_file(_file(tmp_path / "x.json", content))
    assert caught.value.advice
    assert "secret-" not in f"{caught.value} {caught.value.advice}"


def test_a_credentials_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReinforceError, match="others"):
        read_credentials_file(_file(tmp_path / "x.json", FIRST, 0o644))


def test_a_method_that_was_asked_for_and_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReinforceError, match="client_id"):
        read_credentials_file(_file(tmp_path / "x.json", FIRST), "oauth2")
    with pytest.raises(ReinforceError, match="no credentials"):
        read_credentials_file(_file(tmp_path / "y.json", {"client_id": "c"}), "oauth1")


def test_keys_are_read_from_the_environment_by_the_accounts_name() -> None:
    assert account_variable("acme-north 2") == "REINFORCE_ACCOUNT_ACME_NORTH_2"
    environ = {f"REINFORCE_ACCOUNT_ACME_{name.upper()}": value for name, value in FIRST.items()}
    assert credentials_from_environment("acme", environ=environ).credentials == OAuth1Keys(**FIRST)
    with pytest.raises(ReinforceError, match="REINFORCE_ACCOUNT_OTHER_"):
        credentials_from_environment("other", environ=environ)
