"""Who may call: OAuth 1.0a signatures, OAuth 2 tokens and their refresh, the app's bearer, hosts, the control token."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import tweepy  # type: ignore[import-untyped]
from requests_oauthlib import OAuth1  # type: ignore[import-untyped]

from reinforce.practice.config import Config
from reinforce.practice.running import ControlFailed, PracticeThread

Ask = Callable[..., requests.Response]
Connect = Callable[..., tweepy.Client]

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def test_all_three_ways_to_sign_in_are_understood(standing: PracticeThread, connect: Connect) -> None:
    handle = standing.credentials["handle"]
    assert connect(standing).get_me(user_auth=True).data.username == handle
    assert connect(standing, oauth2=True).get_me(user_auth=False).data.username == handle
    user = standing.credentials["user_id"]
    assert connect(standing, app=True).get_user(id=user).data.username == handle


def test_a_signature_covers_awkward_parameters(standing_client: tweepy.Client) -> None:
    query = '"it\'s 100% ~safe" #lockout -from:kim_r'
    assert standing_client.search_recent_tweets(query, user_auth=True).meta == {"result_count": 0}


@pytest.mark.parametrize("part", ["consumer_key", "consumer_secret", "access_token", "access_token_secret"])
def test_one_wrong_key_is_a_401(standing: PracticeThread, connect: Connect, part: str) -> None:
    wrong = standing.credentials["oauth1"][part][:-1] + "!"
    with pytest.raises(tweepy.Unauthorized) as refused:
        connect(standing, **{part: wrong}).get_me(user_auth=True)
    assert refused.value.response.json()["title"] == "Unauthorized"


def signed(practice: PracticeThread, address: str, **options: Any) -> requests.PreparedRequest:
    keys = practice.credentials["oauth1"]
    auth = OAuth1(
        keys["consumer_key"], keys["consumer_secret"], keys["access_token"], keys["access_token_secret"], **options
    )
    return requests.Request("GET", address, auth=auth).prepare()


def send(practice: PracticeThread, request: requests.PreparedRequest, url: str) -> int:
    request.url = url
    with requests.Session() as session:
        return session.send(request, timeout=10).status_code


def test_a_signature_is_for_one_address_one_moment_and_one_use(standing: PracticeThread) -> None:
    path = "/2/users/me"
    url = standing.url + path
    for address in ("https://api.twitter.com", "https://api.x.com", standing.url):
        assert send(standing, signed(standing, address + path), url) == 200
    assert send(standing, signed(standing, "https://api.example.com" + path), url) == 401
    assert send(standing, signed(standing, "https://api.x.com/2/users/you"), url) == 401
    assert send(standing, signed(standing, "https://api.x.com" + path, timestamp="1000000000"), url) == 401
    once = signed(standing, "https://api.x.com" + path)
    assert [send(standing, once, url), send(standing, once, url)] == [200, 401]


def test_a_parameter_added_on_the_way_breaks_the_signature(standing: PracticeThread) -> None:
    request = signed(standing, "https://api.x.com/2/users/me")
    assert send(standing, request, standing.url + "/2/users/me?user.fields=protected") == 401


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Basic eDp5", "OAuth", 'OAuth oauth_token="x"'])
def test_nobody_is_a_401(standing: PracticeThread, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = requests.get(standing.url + "/2/users/me", headers=headers, timeout=10)
    assert answer.status_code == 401
    assert answer.json() == {"title": "Unauthorized", "detail": "Unauthorized", "type": "about:blank", "status": 401}


def test_a_person_can_not_forge_anothers_token(practice: PracticeThread, ask: Ask) -> None:
    people = practice.control("POST", "/people", [{"handle": "kim_r"}, {"handle": "lee_c"}])["people"]
    kim, lee = people
    forged = kim["user_id"] + lee["token"][lee["token"].index(".") :]
    assert ask("GET", "/2/users/me", token=forged).status_code == 401
    assert ask("GET", "/2/users/me", token=kim["token"]).json()["data"]["username"] == "kim_r"


def test_the_app_alone_may_not_post_and_a_user_may_not_read_usage(practice: PracticeThread, ask: Ask) -> None:
    bearer = practice.credentials["bearer"]
    refused = ask("POST", "/2/tweets", {"text": "hello"}, token=bearer)
    assert (refused.status_code, refused.json()["title"]) == (403, "Unsupported Authentication")
    assert ask("GET", "/2/usage/tweets").status_code == 403
    usage = ask("GET", "/2/usage/tweets", token=bearer).json()["data"]
    assert usage["project_usage"] == 0


def authorize(practice: PracticeThread, *, scope: str = "tweet.read users.read", **more: str) -> requests.Response:
    """Open the page and press "Allow"."""
    query = {
        "response_type": "code",
        "client_id": practice.credentials["oauth2"]["client_id"],
        "redirect_uri": "http://127.0.0.1:9/back",
        "scope": scope,
        "state": "s1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    page = requests.get(practice.url + "/2/oauth2/authorize", query, timeout=10)
    if page.status_code != 200:
        return page
    assert "rehearsal" in page.text.lower()
    token = page.text.split('name="form_token" value="')[1].split('"')[0]
    form = query | {"form_token": token, "decision": "allow"}
    return requests.post(practice.url + "/2/oauth2/authorize", form, timeout=10, allow_redirects=False)


def exchange(practice: PracticeThread, **form: str) -> requests.Response:
    form = {"client_id": practice.credentials["oauth2"]["client_id"]} | form
    return requests.post(practice.url + "/2/oauth2/token", form, timeout=10)


def code_of(answer: requests.Response) -> str:
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == ["s1"]
    return query["code"][0]


def test_a_person_allows_the_app_and_the_code_is_good_once(practice: PracticeThread, ask: Ask) -> None:
    code = code_of(authorize(practice, scope="tweet.read users.read offline.access"))
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://127.0.0.1:9/back"}
    tokens = exchange(practice, **form, code_verifier=VERIFIER).json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 7200)
    assert ask("GET", "/2/users/me", token=tokens["access_token"]).status_code == 200
    refused = ask("POST", "/2/tweets", {"text": "hi"}, token=tokens["access_token"])
    assert refused.status_code == 403
    again = exchange(practice, **form, code_verifier=VERIFIER)
    assert again.status_code == 400
    # A code that comes twice may be stolen: what came of it ends.
    assert ask("GET", "/2/users/me", token=tokens["access_token"]).status_code == 401


def test_tweepys_own_flow_reaches_the_practice_account(standing: PracticeThread) -> None:
    handler = tweepy.OAuth2UserHandler(
        client_id=standing.credentials["oauth2"]["client_id"],
        redirect_uri="http://127.0.0.1:9/back",
        scope=["tweet.read", "users.read", "tweet.write", "offline.access"],
    )
    asked = parse_qs(urlsplit(handler.get_authorization_url()).query)
    back = authorize(
        standing, scope=asked["scope"][0], state=asked["state"][0], code_challenge=asked["code_challenge"][0]
    )
    code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
    verifier = handler._client.code_verifier
    tokens = exchange(
        standing, grant_type="authorization_code", code=code, redirect_uri="http://127.0.0.1:9/back",
        code_verifier=verifier,
    ).json()  # fmt: skip
    handler.close()
    assert set(tokens["scope"].split()) == {"tweet.read", "users.read", "tweet.write", "offline.access"}


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "https://evil.example/back"},
        {"redirect_uri": "javascript:alert(1)"},
        {"client_id": "someone"},
        {"scope": "dm.write"},
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
        {"response_type": "token"},
    ],
)
def test_a_wrong_request_for_authorization_is_refused_on_the_page(
    standing: PracticeThread, change: dict[str, str]
) -> None:
    assert authorize(standing, **change).status_code == 400


def test_the_page_can_be_told_to_allow_at_once(start: Callable[..., PracticeThread]) -> None:
    practice = start(auto_allow=True)
    query = {
        "response_type": "code",
        "client_id": practice.credentials["oauth2"]["client_id"],
        "redirect_uri": "http://127.0.0.1:9/back",
        "scope": "users.read tweet.read",
        "state": "s1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    address = practice.url + "/2/oauth2/authorize"
    assert code_of(requests.get(address, query, timeout=10, allow_redirects=False))


def test_answers_say_what_the_credentials_may_do(ask: Ask, practice: PracticeThread) -> None:
    assert ask("GET", "/2/users/me").headers["x-access-level"] == "read-write"
    form = {"grant_type": "authorization_code", "redirect_uri": "http://127.0.0.1:9/back", "code_verifier": VERIFIER}
    reader = exchange(practice, **form, code=code_of(authorize(practice))).json()["access_token"]
    assert ask("GET", "/2/users/me", token=reader).headers["x-access-level"] == "read"


def test_a_wrong_verifier_gets_nothing(standing: PracticeThread) -> None:
    code = code_of(authorize(standing))
    answer = exchange(
        standing, grant_type="authorization_code", code=code, redirect_uri="http://127.0.0.1:9/back",
        code_verifier="w" * 64,
    )  # fmt: skip
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_refresh_token_is_good_once_and_a_second_use_ends_them_all(practice: PracticeThread, ask: Ask) -> None:
    old = practice.credentials["oauth2"]["refresh_token"]
    new = exchange(practice, grant_type="refresh_token", refresh_token=old).json()
    assert new["refresh_token"] != old
    assert ask("GET", "/2/users/me", token=new["access_token"]).status_code == 200
    newer = exchange(practice, grant_type="refresh_token", refresh_token=new["refresh_token"]).json()
    assert ask("GET", "/2/users/me", token=newer["access_token"]).status_code == 200
    assert exchange(practice, grant_type="refresh_token", refresh_token=old).status_code == 400
    assert ask("GET", "/2/users/me", token=newer["access_token"]).status_code == 401
    assert exchange(practice, grant_type="refresh_token", refresh_token=newer["refresh_token"]).status_code == 400


def test_an_access_token_runs_out_in_machine_time(start: Callable[..., PracticeThread], connect: Connect) -> None:
    practice = start(access_token_seconds=-1.0)
    with pytest.raises(tweepy.Unauthorized):
        connect(practice, oauth2=True).get_me(user_auth=False)
    old = practice.credentials["oauth2"]["refresh_token"]
    assert "access_token" in exchange(practice, grant_type="refresh_token", refresh_token=old).json()


def test_other_grants_and_clients_are_refused(standing: PracticeThread) -> None:
    assert exchange(standing, grant_type="password").json()["error"] == "unsupported_grant_type"
    answer = exchange(standing, grant_type="refresh_token", client_id="someone", refresh_token="x")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_the_credentials_are_readable_by_their_owner_alone(practice: PracticeThread) -> None:
    path = practice.folder / "credentials.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((practice.folder / "practice.sqlite3").stat().st_mode) == 0o600
    content = json.loads(path.read_text("utf-8"))
    assert content["base_url"] == practice.url
    assert content.keys() == {"base_url", "user_id", "handle", "oauth1", "oauth2", "bearer", "control_token"}
    assert content["handle"] == Config().handle
    database = b"".join(file.read_bytes() for file in practice.folder.glob("practice.sqlite3*"))
    for token in (content["oauth2"]["access_token"], content["oauth2"]["refresh_token"]):
        assert token.encode() not in database


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", ""])
def test_a_name_that_is_not_loopback_is_turned_away(standing: PracticeThread, host: str) -> None:
    """DNS rebinding: another site's name that was made to lead here."""
    for path in ("/", "/2/users/me", "/practice/state"):
        assert requests.get(standing.url + path, headers={"Host": host}, timeout=10).status_code in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "localhost:8401"])
def test_loopback_names_are_let_in(standing: PracticeThread, host: str) -> None:
    assert requests.get(standing.url + "/", headers={"Host": host}, timeout=10).status_code == 200


def test_the_control_interface_needs_its_token(standing: PracticeThread, ask_standing: Ask) -> None:
    for method, path in (("GET", "/state"), ("POST", "/faults"), ("POST", "/people"), ("POST", "/step"),
                         ("POST", "/knowledge"), ("POST", "/rules"), ("POST", "/account")):  # fmt: skip
        assert ask_standing(method, f"/practice{path}").status_code == 401
        assert ask_standing(method, f"/practice{path}", token="").status_code == 401


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/people", {"handle": "kim"}),
        ("/people", [{"name": "no handle"}]),
        ("/people", [{"handle": "far_too_long_a_handle"}]),
        ("/people", [{"handle": "acme_reinforce"}]),
        ("/knowledge", {}),
        ("/knowledge", [{"fingerprints": ["a"]}]),
        ("/knowledge", [{"nugget": "n", "fingerprints": "a"}]),
        ("/rules", {"gravity": False}),
        ("/rules", {"daily_posts": True}),
        ("/rules", {"limits": {"POST /2/tweets": "many"}}),
        ("/rules", []),
        ("/account", {"protected": "yes"}),
        ("/account", {"colour": "blue"}),
    ],
)
def test_the_control_interface_says_what_is_wrong(standing: PracticeThread, path: str, asked: Any) -> None:
    with pytest.raises(ControlFailed, match="400"):
        standing.control("POST", path, asked)
