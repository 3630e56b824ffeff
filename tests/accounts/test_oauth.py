"""OAuth 2 with PKCE against the practice account: consent in a browser, the exchange, renewal."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from reinforce.accounts.base import AccountError, BadCredentials, NotSent, Throttled, UnknownOutcome
from reinforce.accounts.consent_page import ConsentReceiver
from reinforce.accounts.oauth import SCOPES, Consent, TokenEndpoint, ask_consent
from reinforce.accounts.x import XAccount
from reinforce.clock import Clock
from reinforce.domain.accounts.base_url import X
from reinforce.domain.accounts.credentials import OAuth2App, OAuth2Keys, OAuth2Tokens
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.practice.running import PracticeThread
from tests.accounts.rogue_server import RogueServer, Script, json_answer, raw_answer, reset

APP = OAuth2App("client-1")
SECRET_APP = OAuth2App("client-1", "client-secret-2")
CONSENT = Consent("http://127.0.0.1/", "http://127.0.0.1:8402/callback", "state-3", "verifier-4")
OLD = OAuth2Keys(SECRET_APP, OAuth2Tokens("old-access-5", "old-refresh-6", Clock.wall(), ("tweet.read",)))


@pytest.fixture
def app(practice_server: PracticeThread) -> OAuth2App:
    """The practice account's developer app."""
    return OAuth2App(practice_server.credentials["oauth2"]["client_id"])


@pytest.fixture
def endpoint(practice_server: PracticeThread) -> TokenEndpoint:
    """The practice account's token endpoint."""
    return TokenEndpoint(Clock(), base_url=practice_server.url)


def _browser(consent: Consent, decision: str) -> None:
    """What a person's browser does: opens the page, presses a button, follows where it is sent."""
    with requests.Session() as session:
        session.trust_env = False
        page = session.get(consent.address, timeout=5)
        hidden = re.findall(r'<input[^>]*type="hidden"[^>]*>', page.text)
        form = {name: unescape(value) for name, value in (_name_and_value(field) for field in hidden)}
        base = consent.address.partition("/i/oauth2")[0]
        headers = {"Origin": base}
        session.post(f"{base}/2/oauth2/authorize", data={**form, "decision": decision}, headers=headers, timeout=5)


def _name_and_value(field: str) -> tuple[str, str]:
    name, value = re.search(r'name="([^"]*)"', field), re.search(r'value="([^"]*)"', field)
    assert name is not None
    return name[1], value[1] if value else ""


def _connect(app: OAuth2App, endpoint: TokenEndpoint, base_url: str, decision: str = "allow") -> OAuth2Tokens:
    with ConsentReceiver(Clock.monotonic, port=0) as receiver:
        consent = ask_consent(app, receiver.redirect_uri, base_url=base_url)
        person = threading.Thread(target=_browser, args=(consent, decision))
        person.start()
        try:
            code = receiver.wait_for_code(consent, 5)
        finally:
            person.join()
        return endpoint.redeem(app, consent, code)


def test_a_person_allows_the_app_and_its_tokens_reach_the_account(
    practice_server: PracticeThread, app: OAuth2App, endpoint: TokenEndpoint
) -> None:
    tokens = _connect(app, endpoint, practice_server.url)
    account = XAccount(lambda: tokens.access_token, Clock(), base_url=practice_server.url)
    assert str(account.identity().user_id) == practice_server.credentials["user_id"]
    assert set(tokens.scopes) == set(SCOPES)
    assert tokens.expires_at is not None
    assert abs(tokens.expires_at - Clock.wall() - timedelta(hours=2)) < timedelta(seconds=10)


def test_a_person_who_says_no_is_taken_at_their_word(
    practice_server: PracticeThread, app: OAuth2App, endpoint: TokenEndpoint
) -> None:
    with pytest.raises(NotAllowed):
        _connect(app, endpoint, practice_server.url, "deny")


def test_a_refresh_token_is_good_once(practice_server: PracticeThread, app: OAuth2App, endpoint: TokenEndpoint) -> None:
    first = _connect(app, endpoint, practice_server.url)
    second = endpoint.renew(OAuth2Keys(app, first))
    assert second.access_token != first.access_token
    assert second.refresh_token not in ("", first.refresh_token)
    account = XAccount(lambda: second.access_token, Clock(), base_url=practice_server.url)
    assert account.identity().handle == practice_server.credentials["handle"]
    with pytest.raises(BadCredentials, match="connect"):
        endpoint.renew(OAuth2Keys(app, first))


def test_the_page_to_allow_it_on_is_xs_own_and_proves_the_exchange() -> None:
    consent = ask_consent(APP, "http://127.0.0.1:8402/callback", base_url=X)
    parts = urlsplit(consent.address)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.netloc, parts.path) == ("x.com", "/i/oauth2/authorize")
    assert asked["redirect_uri"] == "http://127.0.0.1:8402/callback"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert consent.verifier not in consent.address
    assert 43 <= len(consent.verifier) <= 128
    assert "offline.access" in asked["scope"].split()
    assert ask_consent(APP, consent.redirect_uri).state != consent.state


def test_nobody_waits_for_consent_for_ever() -> None:
    with ConsentReceiver(Clock.monotonic, port=0) as receiver, pytest.raises(ReinforceError, match="in time"):
        receiver.wait_for_code(CONSENT, 0.2)


def test_a_port_that_is_taken_is_named() -> None:
    with ConsentReceiver(Clock.monotonic, port=0) as receiver:
        taken = int(receiver.redirect_uri.rsplit(":", 1)[1].split("/")[0])
        with pytest.raises(ReinforceError, match=str(taken)):
            ConsentReceiver(Clock.monotonic, port=taken)


def test_only_the_answer_to_our_own_question_counts() -> None:
    with ConsentReceiver(Clock.monotonic, port=0) as receiver:
        address = receiver.redirect_uri

        def browser() -> None:
            with requests.Session() as session:
                session.trust_env = False
                for query in ("", "?code=evil", "?code=evil&state=other", f"?code=good&state={CONSENT.state}"):
                    session.get(f"{address}{query}", timeout=5, headers={"Connection": "close"})

        thread = threading.Thread(target=browser)
        thread.start()
        assert receiver.wait_for_code(CONSENT, 5) == "good"
        thread.join()


def test_a_public_client_names_itself_and_a_confidential_one_proves_itself(rogue: RogueServer) -> None:
    rogue.script = json_answer(200, {"access_token": "a", "refresh_token": "r", "expires_in": 7200, "scope": "x y"})
    endpoint = TokenEndpoint(Clock(), base_url=rogue.url)
    endpoint.redeem(APP, CONSENT, "code-7")
    endpoint.renew(OLD)
    public, confidential = rogue.requests
    assert b"client_id=client-1" in public
    assert b"code_verifier=verifier-4" in public
    assert b"Authorization" not in public
    assert b"Authorization: Basic" in confidential
    assert b"grant_type=refresh_token&refresh_token=old-refresh-6" in confidential
    assert b"client-secret-2" not in confidential


def test_a_service_that_sends_no_new_refresh_token_lets_the_old_one_stand(rogue: RogueServer) -> None:
    rogue.script = json_answer(200, {"access_token": "a"})
    fresh = TokenEndpoint(Clock(), base_url=rogue.url).renew(OLD)
    assert fresh == OAuth2Tokens("a", "old-refresh-6", None, ("tweet.read",))


def test_without_a_refresh_token_a_person_has_to_connect_again(rogue: RogueServer) -> None:
    keys = OAuth2Keys(APP, OAuth2Tokens("old-access-5"))
    with pytest.raises(BadCredentials, match="connect"):
        TokenEndpoint(Clock(), base_url=rogue.url).renew(keys)
    assert rogue.requests == []


ECHO = {"error": "invalid_request", "error_description": "no such token: old-refresh-6 of client-secret-2"}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (json_answer(400, ECHO), BadCredentials),
        (json_answer(401, ECHO), BadCredentials),
        (json_answer(403, ECHO), BadCredentials),
        (json_answer(429, ECHO), Throttled),
        (json_answer(500, ECHO), UnknownOutcome),
        (raw_answer(400, b"<html>"), UnknownOutcome),
        (json_answer(200, {}), UnknownOutcome),
        (json_answer(200, {"access_token": 5}), UnknownOutcome),
        (json_answer(200, {"access_token": "two words"}), UnknownOutcome),
        (json_answer(200, {"access_token": "a", "refresh_token": ["r"]}), UnknownOutcome),
        (reset, UnknownOutcome),
    ],
)
def test_a_renewal_that_fails_says_how_and_never_what(
    rogue: RogueServer, script: Script, expected: type[AccountError]
) -> None:
    rogue.script = script
    with pytest.raises(AccountError) as caught:
        TokenEndpoint(Clock(), base_url=rogue.url, seconds=5).renew(OLD)
    assert type(caught.value) is expected
    assert not [secret for secret in OLD.secret_values() if secret in f"{caught.value} {caught.value!r}"]


def test_a_renewal_that_never_left_says_so(rogue: RogueServer) -> None:
    rogue.close()
    with pytest.raises(NotSent):
        TokenEndpoint(Clock(), base_url=rogue.url).renew(OLD)
