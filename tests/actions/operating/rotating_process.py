"""Rotates the key once and dies, as by kill -9, at a step: DATABASE KEY_FILE STEP."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from reinforce.actions.operating.rotate_keys import rotate_keys
from reinforce.clock import Clock
from reinforce.secrets import Keyring
from reinforce.store.session import Database


def main() -> None:
    """Die at the step."""
    url, key_file, step = sys.argv[1:]

    def die_there(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    rotate_keys(Database(url), Keyring.load(Path(key_file), {}), actor="test", now=Clock.wall(), checkpoint=die_there)


if __name__ == "__main__":
    main()
