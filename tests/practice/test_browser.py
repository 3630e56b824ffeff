"""The pages in a real browser: on a phone and on a desk, with and without their script, in a frame of the console."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import tweepy  # type: ignore[import-untyped]
from playwright.sync_api import Page

from reinforce.practice.running import PracticeThread

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


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
def test_pages_fit_and_everybody_can_use_them(
    practice: PracticeThread, post: str, open_page: Open, axe: str, size: str, scheme: str
) -> None:
    page = open_page(practice.url, size, color_scheme=scheme, bypass_csp=True)
    for path in ("/", f"/posts/{post}", "/u/kim_r", "/u/acme_reinforce", "/tag/lockout", "/faults"):
        page.goto(practice.url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.locator(".rehearsal").inner_text().startswith("Rehearsal.")
        page.evaluate(axe)
        found = page.evaluate(
            "axe.run(document).then(all => all.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' ')))"
        )
        assert found == [], path


@pytest.mark.parametrize("script", [True, False])
def test_a_person_replies_votes_and_likes(practice: PracticeThread, post: str, open_page: Open, script: bool) -> None:
    page = open_page(practice.url, "phone", java_script_enabled=script)
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
    posts = {entry["text"]: entry for entry in practice.state()["posts"]}
    reply = posts["the one on the <valve>"]
    assert (reply["author"], reply["in_reply_to"]) == ("kim_r", post)
    assert [option["votes"] for option in posts["Sure?"]["poll"]] == [0, 1]
    assert next(entry for entry in practice.state()["posts"] if entry["id"] == post)["metrics"]["like_count"] == 1


def test_a_new_post_appears_without_reloading_also_in_the_consoles_frame(
    practice: PracticeThread, client: tweepy.Client, framed: str, open_page: Open
) -> None:
    frame = open_page(framed, "phone").frame_locator("iframe")
    frame.get_by_text("No posts yet").wait_for()
    client.create_tweet(text="There it is")
    frame.get_by_text("There it is").wait_for(timeout=10_000)
