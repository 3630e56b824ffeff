"""`python -m reinforce.practice`: the practice account as a process of its own."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from reinforce.clock import Clock
from reinforce.practice.config import Config
from reinforce.practice.server import serve


def main() -> None:
    """Serve until a signal comes; one JSON line says where, once it answers."""
    parser = argparse.ArgumentParser(prog="python -m reinforce.practice", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where its storage and credentials are kept")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--clock", type=Path, help="the anchor file of an accelerated clock")
    parser.add_argument("--handle", default=Config().handle, help="the account's handle, on the first start")
    parser.add_argument("--seed", type=int, default=1, help="of the scripted learners")
    parser.add_argument("--no-learners", action="store_true", help="nobody answers by themselves")
    options = parser.parse_args()
    config = Config(handle=options.handle, learners=not options.no_learners, learner_seed=options.seed)

    def ready(port: int) -> None:
        name = f"[{options.host}]" if ":" in options.host else options.host
        sys.stdout.write(json.dumps({"url": f"http://{name}:{port}"}) + "\n")
        sys.stdout.flush()

    serve(options.folder, options.host, options.port, Clock(options.clock), config=config, ready=ready)


if __name__ == "__main__":
    main()
