"""A real Chromium for the tests that look at pages: one for each test process."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright

CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SIZES = {"phone": (360, 740), "desk": (1440, 900)}


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
        address = message.location["url"]
        # Chromium tells of each page that says 422: a form that was not filled in as it should be.
        refused = "status of 422" in message.text
        # A page is open for a moment longer than its server, and what is alive on it asks on.
        late = "net::ERR_" in message.text and "part=" in address
        if message.type in ("error", "warning") and not refused and not late:
            errors.append(f"{message.text} {address}")

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
