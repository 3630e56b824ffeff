"""Other pages and other names are kept out."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import trustme
from starlette.datastructures import Headers

from reinforce.actions.access.users import add_user
from reinforce.domain.access.rights import Role
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.loopback import host_name
from reinforce.settings import Settings
from reinforce.web.security import asked_by
from reinforce.web.serving import listen, reach_of
from tests.web.conftest import Site, console_app, served
from tests.web.seeding import Seeded

POSTS = ("answer", "stop", "crash", "paste", "seen", "next", "pause", "go-on", "again")


def _session(site: Site) -> tuple[requests.Session, str]:
    """A browser that has opened the tour, and the token of its forms."""
    session = requests.Session()
    text = session.get(f"{site.url}/tour?step=6", timeout=5).text
    found = re.search(r'name="token" value="([0-9a-f]{64})"', text)
    assert found is not None
    return session, found[1]


def test_a_form_of_ours_is_taken(site: Site) -> None:
    session, token = _session(site)
    answer = session.post(f"{site.url}/tour/paste", data={"token": token, "text": "Lock it."}, timeout=5)
    assert answer.status_code == 200
    assert "Lock it." in answer.text


@pytest.mark.parametrize("button", POSTS)
def test_a_form_without_our_token_does_nothing(site: Site, button: str) -> None:
    session, token = _session(site)
    tour = site.seeded.folder / "tour.json"
    before = site.seeded.clock.now(), tour.exists()
    fields: dict[str, Any] = {"text": "x", "learner": 1, "step": 1}
    for sent in ({}, {"token": ""}, {"token": "0" * 64}):
        assert session.post(f"{site.url}/tour/{button}", data={**fields, **sent}, timeout=5).status_code == 403
    stranger = requests.post(f"{site.url}/tour/{button}", data={**fields, "token": token}, timeout=5)
    assert stranger.status_code == 403
    assert (site.seeded.clock.now(), tour.exists()) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_another_site_does_nothing(site: Site, headers: dict[str, str]) -> None:
    session, token = _session(site)
    answer = session.post(f"{site.url}/tour/paste", data={"token": token, "text": "x"}, headers=headers, timeout=5)
    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "[", "localhost.evil.example"])
def test_a_name_that_was_made_to_point_here_is_refused(site: Site, host: str) -> None:
    answer = requests.get(site.url, headers={"Host": host}, timeout=5)
    assert answer.status_code in (400, 421)
    assert "Press shop" not in answer.text


@pytest.mark.parametrize("host", ["localhost:1234", "127.0.0.1", "[::1]:8400"])
def test_names_of_this_machine_are_answered(site: Site, host: str) -> None:
    assert requests.get(site.url, headers={"Host": host}, timeout=5).status_code == 200


def test_host_names_are_read_without_their_port() -> None:
    assert host_name("LocalHost:80") == "localhost"
    assert host_name("[::1]:80") == "::1"
    assert host_name("a@127.0.0.1") == "127.0.0.1"
    assert host_name("[::1") == ""


def test_every_answer_carries_its_guards(site: Site) -> None:
    for address in ("/", "/healthz", "/readyz", "/metrics", "/nothing", "/strip"):
        headers = requests.get(site.url + address, timeout=5).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-src" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"


def test_only_the_tour_may_frame_and_only_the_practice_account(own_site: Site) -> None:
    folder = own_site.seeded.settings.practice_folder
    folder.mkdir(parents=True)
    (folder / "credentials.json").write_text('{"base_url": "http://127.0.0.1:9", "control_token": "t"}')
    assert "frame-src http://127.0.0.1:9" in requests.get(f"{own_site.url}/tour", timeout=5).headers[
        "Content-Security-Policy"
    ].split("; ")
    assert "frame-src" not in requests.get(own_site.url, timeout=5).headers["Content-Security-Policy"]


def test_pages_hold_no_inline_script_or_style(site: Site) -> None:
    for address in ("/", "/outbox/3", "/inbox", "/cohorts/press-shop", "/tour"):
        text = requests.get(site.url + address, timeout=5).text
        assert re.search(r"<script(?! src=\"/static/)", text) is None, address
        assert re.search(r"<[^>]+\s(style|on\w+)=\"", text) is None, address
        assert "<style" not in text, address


def test_a_huge_form_is_refused(site: Site) -> None:
    session, token = _session(site)
    answer = session.post(f"{site.url}/tour/paste", data={"token": token, "text": "x" * 300_000}, timeout=5)
    assert answer.status_code == 413


def test_static_files_may_be_kept_for_ever_under_their_own_name_only(site: Site) -> None:
    page = requests.get(site.url, timeout=5).text
    found = re.search(r'href="(/static/[0-9a-f]+/console\.css)"', page)
    assert found is not None
    kept = requests.get(site.url + found[1], timeout=5)
    assert "immutable" in kept.headers["Cache-Control"]
    old = requests.get(f"{site.url}/static/0/console.css", timeout=5)
    assert old.content == kept.content
    assert "immutable" not in old.headers["Cache-Control"]
    again = requests.get(site.url + found[1], headers={"If-None-Match": kept.headers["ETag"]}, timeout=5)
    assert again.status_code == 304
    assert requests.get(f"{site.url}/static/0/base.html", timeout=5).status_code == 404


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(site: Site) -> None:
    cookie = requests.get(site.url, timeout=5).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_a_port_in_use_is_told_with_what_to_do() -> None:
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        with pytest.raises(ReinforceError, match="can't be used") as told:
            listen("127.0.0.1", taken.getsockname()[1])
    assert "--port" in told.value.advice


CERTIFICATE = trustme.CA()


@pytest.fixture
def tls(tmp_path: Path) -> dict[str, Any]:
    """Settings with a certificate for console.test."""
    made = CERTIFICATE.issue_cert("console.test", "127.0.0.1")
    made.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    made.private_key_pem.write_to_path(tmp_path / "key.pem")
    return {"console_tls_cert": tmp_path / "cert.pem", "console_tls_key": tmp_path / "key.pem"}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.com"])
def test_nothing_is_served_beyond_this_machine_without_tls(host: str) -> None:
    with pytest.raises(NotAllowed, match="without TLS"):
        reach_of(Settings(console_host=host), has_users=True)


def test_nothing_is_served_to_others_without_a_user_and_a_name(tls: dict[str, Any]) -> None:
    ways: list[dict[str, Any]] = [{"console_behind_proxy": "127.0.0.1"}, {"console_host": "0.0.0.0", **tls}]
    for way in ways:
        with pytest.raises(NotAllowed, match="nobody signs in"):
            reach_of(Settings(**way, console_public_host="console.test"), has_users=False)
        with pytest.raises(NotAllowed, match="no name"):
            reach_of(Settings(**way), has_users=True)
        reach = reach_of(Settings(**way, console_public_host="console.test"), has_users=True)
        assert reach.secure
        assert reach.beyond
    assert not reach_of(Settings(), has_users=False).beyond


def test_a_certificate_that_can_not_be_used_is_told(tls: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ReinforceError, match="and its key"):
        reach_of(Settings(console_tls_cert=tls["console_tls_cert"]), has_users=True)
    with pytest.raises(ReinforceError, match="can't be used"):
        reach_of(Settings(**tls | {"console_tls_key": tmp_path / "none.pem"}), has_users=True)
    with pytest.raises(ReinforceError, match="no address of a proxy"):
        reach_of(Settings(console_behind_proxy="proxy.test"), has_users=True)


@pytest.fixture
def beyond(seeded: Seeded) -> Iterator[str]:
    """A console behind a proxy on this machine, with a user."""
    settings = Settings(workspace=seeded.folder, console_behind_proxy="127.0.0.1", console_public_host="console.test")
    add_user(seeded.database, "anna", Role.VIEWER, actor="uid/1", now=seeded.clock.wall())
    reach = reach_of(settings, has_users=True)
    with served(console_app(seeded, reach)) as url:
        yield url


def test_behind_a_proxy_cookies_and_headers_are_for_https_only(beyond: str) -> None:
    ask = {"Host": "console.test"}
    answer = requests.get(f"{beyond}/sign-in", headers=ask, timeout=5)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-reinforce_console=")
    for flag in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert flag in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert requests.get(beyond, headers={"Host": "evil.example"}, timeout=5).status_code == 421
    for page in ("/metrics", "/readyz"):
        assert requests.get(beyond + page, headers=ask, timeout=5, allow_redirects=False).status_code == 303
    assert requests.get(f"{beyond}/healthz", headers=ask, timeout=5).status_code == 200


def test_only_the_proxys_last_word_is_believed_about_who_asks(seeded: Seeded) -> None:
    scope = {"client": ("10.0.0.9", 1)}
    headers = Headers({"x-forwarded-for": "1.1.1.1, 203.0.113.7"})
    assert asked_by(scope, headers, "10.0.0.9") == "203.0.113.7"
    assert asked_by(scope, headers, "10.0.0.8") == "10.0.0.9"
    assert asked_by(scope, Headers({"x-forwarded-for": "x; drop"}), "10.0.0.9") == "10.0.0.9"


def test_the_console_speaks_tls_where_it_is_told_to(tls: dict[str, Any], seeded: Seeded, tmp_path: Path) -> None:
    add_user(seeded.database, "anna", Role.VIEWER, actor="uid/1", now=seeded.clock.wall())
    CERTIFICATE.cert_pem.write_to_path(tmp_path / "ca.pem")
    settings = Settings(workspace=seeded.folder, **tls)
    app = console_app(seeded, reach_of(settings, has_users=True))
    context = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    with served(app, ssl_certfile=tls["console_tls_cert"], ssl_keyfile=tls["console_tls_key"]) as url:
        port = urlsplit(url).port or 0
        # Ended as TLS wants it, which requests does not do: the server would wait for it.
        with (
            socket.create_connection(("127.0.0.1", port), 5) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as one,
        ):
            one.sendall(b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: one.recv(65536), b"")).decode()
            one.unwrap()
    assert answer.startswith("HTTP/1.1 200")
    assert "; Secure" in answer
