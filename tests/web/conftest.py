"""The console over a seeded workspace on a free port, and a real Chromium to look at it."""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright

from reinforce.bootstrap import House
from reinforce.web.app import create_app
from reinforce.web.security import THIS_MACHINE, Reach
from reinforce.web.serving import listen
from tests.web.dialogue import converse
from tests.web.seeding import Seeded, seed

CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SIZES = {"phone": (360, 740), "desk": (1440, 900)}


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


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver of the browser."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium without a window: CHROMIUM, or the system's."""
    launched = playwright.chromium.launch(
        executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=CHROMIUM_ARGUMENTS
    )
    yield launched
    launched.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages at a size ("phone", "desk"); at the end of the test no page may have logged an error."""
    errors: list[str] = []
    contexts = []

    def note(message: ConsoleMessage) -> None:
        # Chromium tells of each page that says 422: a form that was not filled in as it should be.
        if message.type in ("error", "warning") and "status of 422" not in message.text:
            errors.append(f"{message.text} {message.location['url']}")

    def make(url: str, size: str = "desk", **options: Any) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, the accessibility checker, as the package axe-playwright-python carries it."""
    spec = importlib.util.find_spec("axe_playwright_python")
    assert spec is not None, "no axe-core: pip install axe-playwright-python"
    assert spec.origin is not None
    return (Path(spec.origin).parent / "axe.min.js").read_text("utf-8")
