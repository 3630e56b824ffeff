"""Invitations as files: a CSV for mail merge and a page to print. They hold codes, so they are readable by the owner only."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from reinforce.actions.invite import invite

if TYPE_CHECKING:
    from reinforce.bootstrap import House


def write_invitations(house: House, slug: str, days: int, sheet: Path) -> tuple[Path, Path, int]:
    """Make invitations for the learners of cohort `slug` that are not linked; write `sheet` and a page beside it.

    Returns both paths and how many there are (0: nothing was written).
    """
    invitations = invite(house.database, slug, days, actor=house.actor, now=house.clock.now())
    page = sheet.with_suffix(".html")
    if invitations:
        _write_private(sheet, _as_csv([invitation.merge_row() for invitation in invitations]))
        _write_private(page, house.pages.get_template("invitations.html").render(invitations=invitations, days=days))
    return sheet, page, len(invitations)


def _as_csv(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _write_private(path: Path, content: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
        out.write(content)
