"""Results on the terminal: a table for people, JSON for scripts, progress for long work."""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

_Item = TypeVar("_Item")


def plain(value: Any) -> Any:
    """`value` as JSON can carry it: instants as ISO 8601 with offset, enums by value, dataclasses as objects."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else str(value)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(rendered_json(value))


def rendered_json(value: Any) -> str:
    """One JSON document."""
    return json.dumps(plain(value), ensure_ascii=False, indent=2)


def print_rows(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str, title: str = ""
) -> None:
    """A list, as a table of `columns` or as JSON with every key. `empty` says the next step when there is nothing."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        click.echo(empty)
        return
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    _console().print(table)


def local(instant: datetime | None, zone: str) -> str:
    """An instant as a person of the cohort reads it: "Mon 2 Mar 09:00"."""
    if instant is None:
        return ""
    at = instant.astimezone(ZoneInfo(zone))
    return f"{at:%a} {at.day} {at:%b %H:%M}"


def money(micros: int) -> str:
    """Micro-dollars as dollars: "$0.015"."""
    text = f"{micros / 1_000_000:.4f}".rstrip("0")
    whole, _, cents = text.partition(".")
    return f"${whole}.{cents.ljust(2, '0')}"


def tracked(label: str, items: Sequence[_Item]) -> Iterable[_Item]:
    """`items`, with a progress bar on standard error while they are gone through, where a person is watching."""
    if len(items) < 2 or not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, description=label, console=Console(stderr=True), transient=True)


@contextmanager
def working(label: str) -> Iterator[Callable[[str], None]]:
    """Shows that something goes on for as long as the block takes, where a person is watching; gives what changes the
    label."""
    if not sys.stderr.isatty():
        yield lambda _label: None
        return
    from rich.console import Console

    with Console(stderr=True).status(label) as status:
        yield status.update


@contextmanager
def growing(label: str, file: Path) -> Iterator[None]:
    """Shows how large `file` has become, for as long as the block takes, where a person is watching."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    done = threading.Event()
    with Console(stderr=True).status(label) as status:

        def look() -> None:
            while not done.wait(0.2):
                with suppress(FileNotFoundError):
                    status.update(f"{label} {file.stat().st_size / 1_048_576:.0f} MiB")

        watcher = threading.Thread(target=look, name="progress", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


def _cell(value: Any) -> str:
    # A text somebody wrote must not be read as rich's markup.
    from rich.markup import escape

    return escape("" if value is None else str(plain(value)))


def _console() -> Any:
    from rich.console import Console

    # Not a terminal: no folding at 80 columns, so that `reinforce outbox | grep` finds whole lines.
    return Console() if sys.stdout.isatty() else Console(width=200)
