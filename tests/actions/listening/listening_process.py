"""Listens once and dies, as by kill -9, between reading and saving: DATABASE PRACTICE FOLDER ACCOUNT NOW."""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from reinforce.accounts.x import XAccount
from reinforce.actions.listening.listen import listen
from reinforce.clock import Clock
from reinforce.domain.accounts.credentials import OAuth1Keys
from reinforce.store.accounts import accounts
from reinforce.store.session import Database


def main() -> None:
    """Die at the checkpoint."""
    url, practice, folder, account_id, now = sys.argv[1:]
    database = Database(url)
    keys = json.loads((Path(folder) / "credentials.json").read_text("utf-8"))["oauth1"]
    with database.read() as connection:
        record = accounts.account_by_id(connection, int(account_id))
    listen(
        database,
        record,
        XAccount(OAuth1Keys(**keys), Clock(), base_url=practice),
        now=datetime.fromisoformat(now),
        checkpoint=lambda _point: os.kill(os.getpid(), signal.SIGKILL),
    )


if __name__ == "__main__":
    main()
