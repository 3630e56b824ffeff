"""Take the README's pictures from a running `reinforce up`: the timeline, the tour and the cohort's heat map.

    python docs/take_pictures.py http://127.0.0.1:8400 http://127.0.0.1:8401 docs/pictures

Addresses are the console's and the practice account's, as `reinforce up` prints them. Each picture stays below 200 KB.
CHROMIUM names another browser than /usr/bin/chromium.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

LARGEST = 200 * 1024
# As wide as it takes for the menu to be one row.
WIDE = (1400, 620)
# Pictures are of the top of a page, but for these: what is looked at there stands further down.
SHOWN = {"recall.png": "#map", "calendar.png": "tr:has([aria-current='date'])"}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def main() -> None:
    """Read the command line and take every picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("console")
    parser.add_argument("timeline")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=ARGUMENTS
        )
        for name, address, size in _pictures(browser, given.console, given.timeline):
            _take(browser, address, size, given.folder / name)
        browser.close()


def _pictures(browser: Browser, console: str, timeline: str) -> list[tuple[str, str, tuple[int, int]]]:
    """Name, address and size (CSS pixels) of each picture; the first cohort stands for all."""
    page = browser.new_page()
    page.goto(f"{console}/cohorts")
    cohort = page.locator("main h2 a").first.get_attribute("href")
    page.close()
    return [
        ("timeline.png", f"{timeline}/", (420, 760)),
        ("tour.png", f"{console}/tour?step=1", WIDE),
        ("today.png", f"{console}/", WIDE),
        ("cohort.png", f"{console}{cohort}", WIDE),
        ("recall.png", f"{console}/recall?cohort={cohort.rpartition('/')[2]}", WIDE),
        ("calendar.png", f"{console}/calendar?cohort={cohort.rpartition('/')[2]}", (WIDE[0], 500)),
        ("composer.png", f"{console}/composer", WIDE),
    ]


def _take(browser: Browser, address: str, size: tuple[int, int], file: Path) -> None:
    """One picture of what a visitor sees without scrolling. Raises SystemExit if it is too large for the repository."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme="light")
    page.goto(address, wait_until="load")
    expect(page.locator("[data-load]", has_text="being worked out")).to_have_count(0, timeout=60_000)
    if file.name in SHOWN:
        page.locator(SHOWN[file.name]).first.evaluate("one => one.scrollIntoView()")
    page.screenshot(path=file)
    page.close()
    if file.stat().st_size > LARGEST:
        raise SystemExit(f"{file} has {file.stat().st_size // 1024} KB; {LARGEST // 1024} KB are allowed: crop it")
    print(f"{file}: {file.stat().st_size // 1024} KB")  # noqa: T201


if __name__ == "__main__":
    main()
