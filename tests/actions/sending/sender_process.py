"""A process that sends: what tests kill. Run as a script; its arguments are one JSON object.

    {"database": URL, "base_url": URL, "credentials": FILE, "clock": FILE, "policy": {…},
     "at": kill point or "", "how": "kill" | "stop", "seconds": how long to go on}

It recovers, reconciles and publishes in a loop, as the daemon does, and prints one line when it has nothing left to
do. At the kill point it sends itself SIGKILL or SIGSTOP.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reinforce.accounts.tariff import read_tariff
from reinforce.accounts.x import XAccount
from reinforce.actions.sending.publish import Means, Published, publish_next
from reinforce.actions.sending.reconcile import Quarantine, Reconciled, reconcile
from reinforce.actions.sending.recover import recover
from reinforce.clock import Clock
from reinforce.domain.accounts.credentials import OAuth1Keys, read_given
from reinforce.domain.sending.outbox import IN_FLIGHT, State
from reinforce.domain.sending.send_policy import SendPolicy
from reinforce.store.accounts import accounts
from reinforce.store.sending import outbox
from reinforce.store.session import Database

SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


def checkpoint(at: str, how: str) -> Callable[[str], None]:
    """Ends or stops this process the first time it reaches `at`."""
    reached: list[str] = []

    def note(point: str) -> None:
        if point == at and not reached:
            reached.append(point)
            os.kill(os.getpid(), SIGNALS[how])

    return note


def main(asked: dict[str, Any]) -> None:
    """Send until nothing is planned or in flight any more, or the time is up."""
    database = Database(asked["database"])
    clock = Clock(Path(asked["clock"]))
    given = read_given(json.loads(Path(asked["credentials"]).read_text()), "the test")
    assert isinstance(given.credentials, OAuth1Keys)
    account = XAccount(given.credentials, clock, base_url=asked["base_url"])
    policy = SendPolicy(**asked["policy"])
    watch = checkpoint(asked["at"], asked["how"])
    quarantine = Quarantine()
    means = Means(database, clock, f"test:{os.getpid()}", read_tariff(), checkpoint=watch)
    end = time.monotonic() + asked["seconds"]
    while time.monotonic() < end:
        recover(database)
        with database.read() as connection:
            record = accounts.accounts(connection)[0]
            open_rows = outbox.in_state(connection, record.id, State.PLANNED, *IN_FLIGHT)
        if not open_rows:
            sys.stdout.write("done")
            return
        settled = reconcile(database, record, account, policy, quarantine, clock, checkpoint=watch)
        sent = publish_next(means, record, account, policy)
        if settled.kind in (Reconciled.NOTHING, Reconciled.WAITING) and sent.kind is Published.NOTHING:
            time.sleep(0.02)
    sys.stdout.write("out of time")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
