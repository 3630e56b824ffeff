"""What leaves a cohort as a file: who stands where, invitations with their codes, the week for those without X."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from reinforce.actions.authoring.invite import invite
from reinforce.actions.enrolling.digest import week_digest
from reinforce.actions.enrolling.export_completions import export_completions
from reinforce.content.email_list import read_emails
from reinforce.domain.access.rights import Right
from reinforce.domain.enrolling.completions import Cells
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.rendering.digest import digest_page, digest_text
from reinforce.rendering.invitations import invitation_rows, invitations_page
from reinforce.rendering.spreadsheets import csv_bytes, workbook_bytes
from reinforce.shipped import shipped
from reinforce.store.people import column_maps
from reinforce.web.cohort_lookup import cohort_for
from reinforce.web.console import Console
from reinforce.web.date_fields import day_in
from reinforce.web.gate import Viewer
from reinforce.web.notices import Notice
from reinforce.web.page import attachment
from reinforce.web.pages.cohort_people import show_people
from reinforce.web.uploads import with_plain_names

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Word = Annotated[str, Form(max_length=200)]
LONGEST_DAYS = 365
# The digest is a page for mail programs, with its styles in its tags; nothing else may be in it.
_PRINTED = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def routes(console: Console) -> APIRouter:
    """`/cohorts/<slug>/completions…`, `…/invitations` and `…/digest`."""
    router = console.router()

    @router.get("/cohorts/{slug}/completions.csv")
    def as_csv(request: Request, slug: str, since: str = "", columns: str = "") -> Response:
        table = _completions(console, request, slug, since, columns)
        return attachment(csv_bytes(table), f"{slug}-completions.csv", "text/csv; charset=utf-8")

    @router.get("/cohorts/{slug}/completions.xlsx")
    def as_workbook(request: Request, slug: str, since: str = "", columns: str = "") -> Response:
        table = _completions(console, request, slug, since, columns)
        return attachment(workbook_bytes(table, slug), f"{slug}-completions.xlsx", WORKBOOK)

    @router.get("/cohorts/{slug}/digest")
    def digest(request: Request, slug: str, week: str = "", text: str = "") -> Response:
        viewer = console.gate.here(request)
        cohort_for(console, viewer, slug, Right.LOOK)
        templates = shipped("templates") / "print"
        made = week_digest(console.database, slug, week or None, templates, now=console.clock.now())
        if text:
            return PlainTextResponse(digest_text(made, templates))
        return HTMLResponse(digest_page(made, templates), headers={"Content-Security-Policy": _PRINTED})

    @router.post("/cohorts/{slug}/invitations", dependencies=[Depends(console.pages.tokens.check)])
    def invitations(
        request: Request,
        slug: str,
        days: Word = "30",
        columns: Word = "",
        emails: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        viewer = console.gate.here(request)
        cohort_for(console, viewer, slug, Right.PEOPLE)
        try:
            found = _invitations(console, viewer, slug, _days(days), _addresses(console, viewer, emails, columns))
        except ReinforceError as fault:
            return show_people(console, request, slug, faults={"invite": fault}, given={"days": days})
        if not found:
            told = "Everybody is linked already, or said stop: there is nobody to invite."
            return console.done(request, f"/cohorts/{slug}/people", Notice(told))
        answer = attachment(found, f"{slug}-invitations.zip", "application/zip")
        answer.headers["Cache-Control"] = "no-store"  # codes
        return answer

    return router


def _completions(console: Console, request: Request, slug: str, since: str, columns: str) -> Cells:
    viewer = console.gate.here(request)
    cohort_for(console, viewer, slug, Right.PEOPLE)
    day: date | None = day_in(since)
    return export_completions(
        console.database, slug, since=day, columns=columns or None, actor=viewer.actor, now=console.clock.now()
    )


def _addresses(console: Console, viewer: Viewer, file: UploadFile | None, columns: str) -> dict[str, str]:
    """E-mail addresses by employee id, out of a file that is forgotten at once; none without a file."""
    if file is None or not file.filename:
        return {}
    kept = console.uploads.keep(file, viewer.actor)
    try:
        with console.database.read() as connection:
            known = column_maps.map_by_name(connection, columns) if columns else None
        return read_emails(kept.path, known)
    except ReinforceError as fault:
        raise with_plain_names(fault, kept) from fault
    finally:
        console.uploads.drop(kept)


def _invitations(console: Console, viewer: Viewer, slug: str, days: int, emails: dict[str, str]) -> bytes:
    """Both files of the invitations in one: they hold the same codes, which are nowhere else; empty for nobody."""
    now = console.clock.now()
    made = invite(console.database, slug, days, actor=viewer.actor, now=now)
    if not made:
        return b""
    page = invitations_page(made, shipped("templates") / "print")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{slug}-invitations.csv", csv_bytes(invitation_rows(made, emails)))
        archive.writestr(f"{slug}-invitations.html", page)
    return out.getvalue()


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= LONGEST_DAYS):
        raise NotAllowed(f"A code is good for 1 to {LONGEST_DAYS} days.", "Write a whole number, such as 30.")
    return int(text)
