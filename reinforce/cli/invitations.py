"""Invitations as files: a CSV for mail merge and a page to print. They hold codes: only their owner may read them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reinforce.actions.authoring.invite import invite
from reinforce.rendering.invitations import invitation_rows, invitations_page
from reinforce.rendering.spreadsheets import csv_bytes
from reinforce.secrets import write_private_file
from reinforce.shipped import shipped

if TYPE_CHECKING:
    from reinforce.bootstrap import House


def write_invitations(
    house: House, slug: str, days: int, sheet: Path, emails: Mapping[str, str]
) -> tuple[Path, Path, int]:
    """Make invitations for the learners of cohort `slug` that are not linked; write `sheet` and a page beside it.
    `emails` are addresses by employee id; they go into the sheet only.

    Returns both paths and how many there are (0: nothing was written).
    """
    made = invite(house.database, slug, days, actor=house.actor, now=house.clock.now())
    page = sheet.with_suffix(".html")
    if made:
        _replace(sheet, csv_bytes(invitation_rows(made, emails)))
        _replace(page, invitations_page(made, shipped("templates") / "print").encode())
    return sheet, page, len(made)


def _replace(path: Path, content: bytes) -> None:
    # Codes of an older file are void by now, so nothing is lost with it.
    path.unlink(missing_ok=True)
    write_private_file(path, content)
