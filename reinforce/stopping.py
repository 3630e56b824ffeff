"""Being told to stop: SIGINT (Ctrl-C) and SIGTERM."""

from __future__ import annotations

import signal
import threading
from types import FrameType


def stop_on_signals(stopping: threading.Event) -> None:
    """Let SIGINT and SIGTERM set `stopping`. To be called in the main thread.

    A signal's handler runs in the main thread, between any two of its steps. If that thread is about to wait for the
    very event, it keeps the event's lock, and `set` would wait for it for ever: so another thread sets it.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=stopping.set, name="told to stop", daemon=True).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
