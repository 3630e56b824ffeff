"""What time it is at a service, asked without credentials."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta

from reinforce.accounts.service_clock import clock_skew
from reinforce.clock import Clock
from reinforce.practice.running import PracticeThread


class LateClock(Clock):
    """A machine whose clock is ten minutes slow."""

    @staticmethod
    def wall() -> datetime:
        return Clock.wall() - timedelta(minutes=10)


def test_the_date_of_any_answer_says_how_far_the_clocks_are_apart(practice_server: PracticeThread) -> None:
    assert clock_skew(practice_server.url, Clock()) == 0.0
    ahead = clock_skew(practice_server.url, LateClock())
    assert ahead is not None
    assert 595 < ahead < 605


def test_a_service_that_does_not_answer_is_waited_for_a_moment_only() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert clock_skew(f"http://127.0.0.1:{silent.getsockname()[1]}", Clock(), seconds=0.2) is None
    assert clock_skew("http://127.0.0.1:1", Clock(), seconds=0.2) is None
