"""Starting, stopping, killing: what was said stays said, and ids go on growing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
import tweepy  # type: ignore[import-untyped]

from reinforce.clock import Clock
from reinforce.practice.config import Config
from reinforce.practice.running import PracticeProcess, PracticeThread
from reinforce.practice.server import serve

Connect = Callable[..., tweepy.Client]


def test_a_restart_keeps_posts_credentials_rules_and_order(
    start: Callable[..., PracticeThread], connect: Connect, clock: Clock
) -> None:
    first = start()
    before = connect(first).create_tweet(text="before").data["id"]
    first.control("POST", "/rules", {"daily_posts": 7})
    kept = first.credentials | {"base_url": None}
    first.stop()
    second = start()
    assert second.credentials | {"base_url": None} == kept
    assert second.credentials["base_url"] == second.url
    after = connect(second).create_tweet(text="after").data["id"]
    assert int(after) > int(before)
    state = second.state()
    assert state["texts"] == {"before": 1, "after": 1}
    assert state["rules"]["daily_posts"] == 7


def test_a_kill_loses_no_post_that_was_answered(tmp_path: Path, clock: Clock, connect: Connect) -> None:
    practice = PracticeProcess(tmp_path / "practice", tmp_path / "clock.json").start()
    client = connect(practice)
    ids = [int(client.create_tweet(text=f"post {number}").data["id"]) for number in range(5)]
    practice.kill()
    with PracticeProcess(tmp_path / "practice", tmp_path / "clock.json") as again:
        ids.append(int(connect(again).create_tweet(text="post 5").data["id"]))
        assert [int(post["id"]) for post in again.state()["posts"]] == ids == sorted(ids)
        assert again.state()["now"] == "2026-11-23T08:55:00+00:00"


def test_many_at_once_get_ids_of_their_own(practice: PracticeThread, connect: Connect) -> None:
    clients = [connect(practice) for _ in range(8)]

    def post(number: int) -> int:
        return int(clients[number % 8].create_tweet(text=f"post {number}").data["id"])

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(post, range(64)))
    assert len(set(ids)) == 64
    assert sorted(int(entry["id"]) for entry in practice.state()["posts"]) == sorted(ids)


def test_the_same_text_at_the_same_moment_is_posted_once(practice: PracticeThread, connect: Connect) -> None:
    clients = [connect(practice) for _ in range(8)]

    def post(client: tweepy.Client) -> bool:
        try:
            client.create_tweet(text="once")
        except tweepy.Forbidden:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(post, clients)) == 1
    assert practice.state()["texts"] == {"once": 1}


def test_it_is_served_on_loopback_only(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(ValueError, match="loopback"):
        serve(tmp_path / "practice", "0.0.0.0", 0, clock)
    assert not (tmp_path / "practice").exists()


def test_a_port_that_is_taken_is_said_at_once(practice: PracticeThread, tmp_path: Path, clock: Clock) -> None:
    port = int(practice.url.rpartition(":")[2])
    with pytest.raises(RuntimeError) as failed:
        PracticeThread(tmp_path / "other", clock, port=port).start()
    assert isinstance(failed.value.__cause__, OSError)


def test_the_handle_is_chosen_on_the_first_start(tmp_path: Path, clock: Clock) -> None:
    config = Config(handle="press_shop", learners=False)
    with PracticeThread(tmp_path / "practice", clock, config=config) as practice:
        assert practice.credentials["handle"] == "press_shop"
        assert requests.get(practice.url + "/u/press_shop", timeout=10).status_code == 200


def test_neither_output_nor_log_holds_a_secret(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "practice"
    command = [sys.executable, "-m", "reinforce.practice", "--folder", str(folder), "--no-learners"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        running = PracticeProcess(folder, None)
        running.url = line.split('"')[3]
        running.fault("POST /2/tweets", "reset_before")
        running.state()
        credentials = running.credentials
        requests.get(f"{running.url}/2/users/me", headers={"Authorization": "Bearer wrong"}, timeout=10)
        process.terminate()
        rest, errors = process.communicate(timeout=20)
    secrets = [credentials["bearer"], credentials["control_token"], *credentials["oauth1"].values()]
    secrets += [credentials["oauth2"]["access_token"], credentials["oauth2"]["refresh_token"]]
    assert not any(secret in line + rest + errors for secret in secrets)
    assert errors == ""
