"""The daemon's own small server: what it answers, to whom, and what it puts up with."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
import requests

from reinforce.domain.errors import ReinforceError
from reinforce.domain.finding import Finding
from reinforce.monitoring import pages
from reinforce.monitoring.listener import MOST_AT_ONCE, Listener
from reinforce.monitoring.pages import Page


def _breaks() -> Page:
    raise RuntimeError("bearer 1234567890")


@pytest.fixture
def url() -> Iterator[str]:
    """A listener on a free port."""
    made = {"/healthz": pages.health, "/broken": _breaks}
    with Listener("127.0.0.1", 0, made) as listener:
        yield listener.address


def test_health_says_that_the_process_answers_and_nothing_more(url: str) -> None:
    answer = requests.get(f"{url}/healthz?verbose", timeout=5)
    assert (answer.status_code, answer.json()["ok"]) == (200, True)
    assert answer.headers["Content-Type"] == "application/json"
    head = requests.head(f"{url}/healthz", timeout=5)
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(len(answer.content)))


def test_what_is_not_there_names_what_is(url: str) -> None:
    answer = requests.get(f"{url}/", timeout=5)
    assert (answer.status_code, "/healthz" in answer.text) == (404, True)
    assert requests.post(f"{url}/healthz", data="x", timeout=5).status_code == 501


def test_a_page_that_breaks_shows_no_words_of_the_error(url: str) -> None:
    answer = requests.get(f"{url}/broken", timeout=5)
    assert (answer.status_code, "RuntimeError" in answer.text, "1234567890" in answer.text) == (500, True, False)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8402", "", "127.0.0.1.evil.example"])
def test_a_foreign_name_that_points_here_is_refused(url: str, host: str) -> None:
    assert requests.get(f"{url}/healthz", headers={"Host": host}, timeout=5).status_code == 421


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com"])
def test_it_is_served_on_this_machine_only(host: str) -> None:
    with pytest.raises(ReinforceError, match="this machine only"):
        Listener(host, 0, {})


def test_a_port_that_is_taken_says_which_setting_to_change(url: str) -> None:
    with pytest.raises(ReinforceError, match="can't be used") as caught:
        Listener("127.0.0.1", int(url.rpartition(":")[2]), {})
    assert "REINFORCE_MONITOR_PORT" in caught.value.advice


def test_connections_that_say_nothing_do_not_pile_up(url: str) -> None:
    address = ("127.0.0.1", int(url.rpartition(":")[2]))
    silent = [socket.create_connection(address) for _ in range(MOST_AT_ONCE)]
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/healthz", timeout=5)
    for one in silent:
        one.close()
    for _ in range(50):
        try:
            assert requests.get(f"{url}/healthz", timeout=5).status_code == 200
            return
        except requests.ConnectionError:
            continue
    pytest.fail("the connections were not given back")


def test_the_port_is_given_back(url: str) -> None:
    with Listener("127.0.0.1", 0, {"/healthz": pages.health}) as first:
        port = int(first.address.rpartition(":")[2])
    with Listener("127.0.0.1", port, {"/healthz": pages.health}) as second:
        assert requests.get(f"{second.address}/healthz", timeout=5).ok


def test_readiness_is_503_while_anything_fails() -> None:
    fine, bad = Finding("ok", "it answers"), Finding("fail", "no daemon", "Start it")
    assert pages.readiness([fine, Finding("warn", "old")]).status == 200
    page = pages.readiness([fine, bad])
    assert page.status == 503
    assert b'"no daemon"' in page.body
