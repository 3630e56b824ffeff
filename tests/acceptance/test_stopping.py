"""Being told to stop."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

# The main thread keeps this lock for some microseconds whenever it waits for an event; here for longer.
ABOUT_TO_WAIT = """
import signal, sys, threading
from reinforce.stopping import stop_on_signals

stopping = threading.Event()
stop_on_signals(stopping)
with stopping._cond:
    signal.raise_signal(int(sys.argv[1]))
assert stopping.wait(20)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_a_signal_that_comes_just_before_the_wait_is_heard(number: signal.Signals) -> None:
    done = subprocess.run([sys.executable, "-c", ABOUT_TO_WAIT, str(int(number))], timeout=60, check=False)
    assert done.returncode == 0
