"""The company's sign-in, asked without a console: what is kept of it for how long, and what it must be."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from reinforce import upkeep
from reinforce.bootstrap import House
from reinforce.clock import Clock
from reinforce.domain.access.identities import Answer, Identity, round_trip
from reinforce.domain.errors import ReinforceError
from reinforce.identity.provider import Claim, Provider, Registration
from reinforce.secrets import client_secret, write_private_file
from reinforce.settings import Settings
from tests.identity.hostile_provider import (
    CLIENT,
    FIRST_KEY,
    SECOND_KEY,
    SECRET,
    Behaviour,
    HostileProvider,
    hostile_provider,
)

_numbers = count(1)


def _provider(provider: HostileProvider, ticks: list[float], claim: Claim = "email") -> Provider:
    """Ours, asked without a console, by a clock that is stepped."""
    provider.now = Behaviour(person={"email": "dora@example.org", "email_verified": True})
    registered = Registration(provider.url, CLIENT, claim)
    return Provider(registered, lambda: SECRET, lambda: Clock.wall().timestamp(), lambda: ticks[0])


def _found(ours: Provider, provider: HostileProvider) -> Identity:
    """Somebody signs in: who they are by its word."""
    trip = round_trip("cookie", f"state-{next(_numbers)}")
    back = "http://127.0.0.1:1/back"
    code = parse_qs(urlsplit(provider.allow(ours.page(trip, back))).query)["code"][0]
    return ours.identity(Answer(code), trip, back)


def _asks(ours: Provider, provider: HostileProvider) -> str:
    """Somebody signs in: the number they have there, or what is wrong."""
    try:
        return _found(ours, provider).subject
    except ReinforceError as fault:
        return fault.message


def test_a_key_that_is_new_is_fetched_and_one_that_is_gone_opens_nothing() -> None:
    with hostile_provider() as provider:
        ticks = [1000.0]
        there = _provider(provider, ticks)
        assert _asks(there, provider) == "subject-1"
        provider.now = Behaviour(person=provider.now.person, key=SECOND_KEY, published=(SECOND_KEY,))
        assert "it does not publish" in _asks(there, provider), "fetched within the minute"
        ticks[0] += 61
        assert _asks(there, provider) == "subject-1"
        assert provider.asked.count("/keys") == 2
        provider.now.key = FIRST_KEY
        assert "it does not publish" in _asks(there, provider)
        assert provider.asked.count("/keys") == 2
        provider.now.key = SECOND_KEY
        provider.now.forge = "no-kid"
        assert _asks(there, provider) == "subject-1"


def test_what_it_says_of_itself_is_kept_for_an_hour_and_must_be_its_own_name() -> None:
    with hostile_provider() as provider:
        ticks = [1000.0]
        there = _provider(provider, ticks)
        _asks(there, provider)
        _asks(there, provider)
        assert provider.asked.count("/.well-known/openid-configuration") == 1
        ticks[0] += 3601
        for said, words in (
            ({"issuer": "https://evil.example"}, "calls itself something else"),
            ({"authorization_endpoint": "http://evil.example/"}, "is not https"),
            ({"authorization_endpoint": None}, "is no address"),
        ):
            provider.now.metadata = said
            assert words in _asks(there, provider)
            ticks[0] += 3601
        provider.now.metadata = {"token_endpoint": "http://evil.example/"}
        assert "is not https" in _asks(there, provider)


def test_what_the_token_leaves_out_is_asked_for_and_must_be_about_the_same_person() -> None:
    with hostile_provider() as provider:
        ours = _provider(provider, [1000.0])
        provider.now.metadata = {"userinfo_endpoint": f"{provider.url}/userinfo"}
        provider.now.claims = {"email": None, "email_verified": None}
        found = _found(ours, provider)
        assert (found.name, found.vouched) == ("dora@example.org", True)
        provider.now.answers = {"/userinfo": (200, b'{"sub": "somebody else", "email": "anna@example.org"}')}
        assert "about somebody else" in _asks(ours, provider)
        provider.now.answers = {}
        provider.now.claims = {
            "email": None,
            "email_verified": True,
        }  # what vouches must stand beside the name that it vouches for
        provider.now.person = {"email": "dora@example.org"}
        assert not _found(ours, provider).vouched
        provider.now.answers = {"/userinfo": (500, b"")}
        assert "answered 500" in _asks(ours, provider)


def test_a_user_name_that_the_company_gives_is_taken_where_that_is_set() -> None:
    with hostile_provider() as provider:
        ours = _provider(provider, [1000.0], "preferred_username")
        provider.now.person = {"preferred_username": "dora.d", "email": "dora@example.org", "email_verified": False}
        found = _found(ours, provider)
        assert (found.name, found.vouched) == ("dora.d", True)
        assert "openid profile" in {one["scope"] for one in provider.seen}


def test_a_provider_that_takes_the_secret_in_the_form_only_is_given_it_there() -> None:
    with hostile_provider() as provider:
        ours = _provider(provider, [1000.0])
        provider.now.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
        assert "(invalid_client)" in _asks(ours, provider), "this one takes it as HTTP Basic"
        form, authorization = provider.token_requests[-1]
        assert (form["client_secret"], authorization) == (SECRET, "")


def test_the_client_secret_is_in_the_environment_or_in_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    place = tmp_path / "oidc.secret"
    assert client_secret(place, {}, required=False) == ""
    with pytest.raises(ReinforceError, match="can't be read"):
        client_secret(place, {}, required=True)
    write_private_file(place, SECRET + "\n")
    assert client_secret(place, {}, required=True) == SECRET
    assert client_secret(place, {"REINFORCE_OIDC_CLIENT_SECRET": "another"}, required=True) == "another"
    place.chmod(0o644)
    with pytest.raises(ReinforceError) as raised:
        client_secret(place, {}, required=False)
    assert "chmod 600" in raised.value.advice
    assert SECRET not in raised.value.message + raised.value.advice


def test_the_doctor_asks_it_and_never_says_the_secret(tmp_path: Path) -> None:
    def found(**settings: Any) -> str:
        house = House(Settings(workspace=tmp_path, **settings))
        return " | ".join(f"{one.level}: {one.what} {one.advice}" for one in upkeep.diagnose(house, offline=offline))

    offline = True
    assert "sign-in" not in found()
    assert "fail: the company's sign-in is set, but not what it knows" in found(oidc_issuer="https://sso.example.org")
    assert "is no issuer" in found(oidc_issuer="http://sso.example.org", oidc_client_id=CLIENT)
    assert "warn: the company's sign-in is used without a client secret" in found(
        oidc_issuer="https://sso.example.org", oidc_client_id=CLIENT
    )
    with hostile_provider() as provider:
        write_private_file(tmp_path / "oidc.secret", SECRET)
        there = {"oidc_issuer": provider.url, "oidc_client_id": CLIENT}
        assert "client secret of the company's sign-in is there and private" in found(**there)
        assert provider.asked == []
        offline = False
        sound = found(**there)
        assert f"ok: the company's sign-in answers as {provider.url}" in sound
        provider.now = Behaviour(published=())
        assert "fail: the company's sign-in publishes no key" in found(**there)
        provider.now = Behaviour(answers={"/.well-known/openid-configuration": (500, b"")})
        assert "fail: The description of the company's sign-in answered 500." in found(**there)
        (tmp_path / "oidc.secret").chmod(0o644)
        open_to_all = found(**there)
    assert "others than its owner may open it (mode 644)" in open_to_all
    assert SECRET not in sound + open_to_all
