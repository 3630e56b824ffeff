"""The process that children of the command line are forked from (warm.py says why)."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from importlib import import_module
from runpy import run_path
from typing import Any

from reinforce.cli import main
from reinforce.content.lexicon_file import read_lexicons
from reinforce.rendering.posts import PostRenderer
from reinforce.shipped import shipped

# What most children would import.
_WANTED = (
    "numpy.ma",
    "reinforce.accounts.oauth",
    "reinforce.accounts.x",
    "reinforce.actions.operating.renew_tokens",
    "reinforce.bootstrap",
    "reinforce.daemon",
    "reinforce.notifying",
)


def _fork(request: Mapping[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        status = _live(request)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # What the nursery registered to be done at its own end is not the child's to do; threads of its own are.
        threading._shutdown()  # type: ignore[attr-defined]  # as the interpreter does before it ends
        os._exit(status)


def _live(request: Mapping[str, Any]) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, path in enumerate((os.devnull, request["out"], request["err"])):
        opened = os.open(path, flags if number else os.O_RDONLY, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = [request["program"], *request["arguments"]]
    try:
        if request["program"] == "reinforce":
            main()
        else:
            run_path(request["program"], run_name="__main__")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _reap(pid: int) -> int | str | None:
    """How a child ended, "stopped" if it was stopped since it was last asked, None if it runs."""
    changed, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
    if not changed:
        return None
    return "stopped" if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status)


def _tend() -> None:
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        request = json.loads(line)
        answer = _reap(request["reap"]) if "reap" in request else _fork(request)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    for _name in _WANTED:
        import_module(_name)
    # Once, not most of a second in each child.
    read_lexicons(shipped("templates") / "lexicon")
    PostRenderer(shipped("templates") / "posts")
    _tend()
