"""The pages in a real browser: on a phone and on a desk, with and without their script, in a frame of the console."""

from __future__ import annotations

import http.server
import importlib.util
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import tweepy  # type: ignore[import-untyped]
from playwright.sync_api import Page, sync_playwright

from reinforce.practice.running import PracticeThread

pytestmark = pytest.mark.browser

SIZES = {"phone": (360, 740), "desk": (1280, 800)}


def drive(act: Callable[[Page], Any], size: str = "phone", **options: Any) -> Any:
    """Let `act` use a fresh page; no page may log an error. In a thread of its own: each driver needs its own loop."""

    def run() -> Any:
        errors: list[str] = []
        with sync_playwright() as driver:
            path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
            width, height = SIZES[size]
            page = browser.new_page(viewport={"width": width, "height": height}, **options)
            page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: errors.append(str(error)))
            result = act(page)
            browser.close()
        assert errors == []
        return result

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.fixture
def post(client: tweepy.Client, person: Callable[..., Any]) -> str:
    """A post that one of two learners answered, below a poll with a long link."""
    person("kim_r")
    lee = person("lee_c")
    made = str(client.create_tweet(text="Which lock comes first? #lockout https://example.com/" + "a" * 90).data["id"])
    lee.post("mine", reply_to=made)
    client.create_tweet(text="Sure?", poll_options=["Yes, quite", "No, not yet"], poll_duration_minutes=60)
    return made


@pytest.fixture
def framed(practice: PracticeThread) -> Iterator[str]:
    """A page on another loopback port that shows the timeline in a frame, as the console does."""
    content = (
        f'<!DOCTYPE html><title>frame</title><link rel="icon" href="data:,"><iframe src="{practice.url}/"></iframe>'
    )

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, *_arguments: Any) -> None:
            """Be quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desk", "dark")])
def test_pages_fit_and_everybody_can_use_them(practice: PracticeThread, post: str, size: str, scheme: str) -> None:
    spec = importlib.util.find_spec("axe_playwright_python")
    assert spec is not None, "no axe-core: pip install axe-playwright-python"
    assert spec.origin is not None
    axe = (Path(spec.origin).parent / "axe.min.js").read_text("utf-8")

    def look(page: Page) -> None:
        for path in ("/", f"/posts/{post}", "/u/kim_r", "/u/acme_reinforce", "/tag/lockout", "/faults"):
            page.goto(practice.url + path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            assert page.locator(".rehearsal").inner_text().startswith("Rehearsal.")
            found = page.evaluate(f"{axe}; axe.run(document).then(result => result.violations.map(v => v.id + ': ' +"
                                  " v.nodes.map(n => n.html).join(' ')))")  # fmt: skip
            assert found == [], path

    drive(look, size, color_scheme=scheme, bypass_csp=True)


@pytest.mark.parametrize("script", [True, False])
def test_a_person_replies_votes_and_likes(practice: PracticeThread, post: str, script: bool) -> None:
    def act(page: Page) -> None:
        page.goto(practice.url)
        page.get_by_role("article").last.get_by_role("link", name="replies").click()
        page.get_by_label("As", exact=True).select_option("kim_r")
        page.get_by_placeholder("Post your reply").fill("the one on the <valve>")
        page.get_by_role("button", name="Reply").click()
        page.get_by_text("the one on the <valve>").wait_for()
        page.get_by_role("button", name="Like").click()
        page.goto(practice.url)
        page.get_by_role("article").first.get_by_role("link", name="replies").click()
        page.get_by_role("radio", name="No, not yet").check()
        page.get_by_role("button", name="Vote").click()
        page.get_by_text("1 vote ·").wait_for()

    drive(act, java_script_enabled=script)
    posts = {entry["text"]: entry for entry in practice.state()["posts"]}
    reply = posts["the one on the <valve>"]
    assert (reply["author"], reply["in_reply_to"]) == ("kim_r", post)
    assert [option["votes"] for option in posts["Sure?"]["poll"]] == [0, 1]
    assert next(entry for entry in practice.state()["posts"] if entry["id"] == post)["metrics"]["like_count"] == 1


def test_a_new_post_appears_without_reloading_also_in_the_consoles_frame(
    practice: PracticeThread, client: tweepy.Client, framed: str
) -> None:
    def look(page: Page) -> None:
        page.goto(framed)
        frame = page.frame_locator("iframe")
        frame.get_by_text("No posts yet").wait_for()
        client.create_tweet(text="There it is")
        frame.get_by_text("There it is").wait_for(timeout=10_000)

    drive(look)
