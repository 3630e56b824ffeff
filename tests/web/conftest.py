"""The console over a seeded workspace on a free port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from reinforce.bootstrap import House
from reinforce.web.app import create_app
from reinforce.web.security import THIS_MACHINE, Reach
from reinforce.web.serving import listen
from tests.web.dialogue import converse
from tests.web.seeding import Seeded, seed


@dataclass(frozen=True)
class Site:
    """A console that is being served."""

    url: str
    seeded: Seeded


def console_app(seeded: Seeded, reach: Reach = THIS_MACHINE) -> FastAPI:
    """The console over a seeded workspace."""
    return create_app(House(seeded.settings), reach=reach)


@contextmanager
def served(app: FastAPI, **more: Any) -> Iterator[str]:
    """`app` on a free port of 127.0.0.1; gives its address."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=0,
            log_config=None,  # its own would stay with every test after this one
            lifespan="off",
            timeout_graceful_shutdown=1,
            **more,
        )
    )
    with listen("127.0.0.1", 0) as listener:
        listener.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    """A workspace with history, without a practice account."""
    made = seed(tmp_path / "workspace")
    yield made
    made.database.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A console over such a workspace, for all tests that change nothing in it."""
    made = seed(tmp_path_factory.mktemp("site") / "workspace")
    converse(made)
    with served(console_app(made)) as url:
        yield Site(url, made)
    made.database.close()


@pytest.fixture
def own_site(seeded: Seeded) -> Iterator[Site]:
    """A console over a workspace of the test's own."""
    with served(console_app(seeded)) as url:
        yield Site(url, seeded)
