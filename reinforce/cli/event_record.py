"""The record of an event as files: a page and a Markdown file of the same, in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reinforce.actions.gathering.record import event_record
from reinforce.domain.errors import ReinforceError
from reinforce.rendering.event_record import record_markdown, record_page
from reinforce.shipped import shipped

if TYPE_CHECKING:
    from reinforce.bootstrap import House
    from reinforce.domain.gathering.record import EventRecord


def write_record(house: House, slug: str, folder: Path) -> tuple[Path, Path, EventRecord]:
    """Write the record of event `slug` into `folder`, over an older one; the page, the Markdown file, and the record.
    Raises NotFound, and ReinforceError where nothing can be written."""
    record = event_record(house.database, slug, now=house.clock.now())
    page, text = folder / f"{slug}.html", folder / f"{slug}.md"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        page.write_text(record_page(record, shipped("templates") / "print"), "utf-8")
        text.write_text(record_markdown(record), "utf-8")
    except OSError as error:
        raise ReinforceError(f"{folder} can't be written to: {error.strerror}", "Give another folder: --out") from error
    return page, text, record
