"""The audit log: who did what to which id, narrowed, checked, and as a file. No name of a learner is ever in it.

Rows bear opaque ids only (store/operating/audit.py). Members of the team are shown by name; what another id stands for
is told on its own page, to whom that page is for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.rendering.spreadsheets import csv_bytes
from reinforce.store.approving import members
from reinforce.store.operating import audit
from reinforce.store.operating.audit import AuditEntry, Head, Verification
from reinforce.store.reporting.console.audit import AuditFilter, audit_page, audit_rows, verbs
from reinforce.web.console import Console, whole_number

Word = Annotated[str, Form(max_length=200)]
# Of so many rows, the newest, a file is made; whoever wants older ones narrows it.
MOST_ROWS = 50_000
# What is told of these is times, in seconds of Unix time: the log takes no text.
_OF_TIMES = frozenset({"post.moved", "event.gap"})
_COLUMNS = ("id", "at", "actor", "name", "verb", "subject", "detail", "hash")


def routes(console: Console) -> APIRouter:
    """`/audit`, `/audit.csv`, and the check of the chain."""
    router = console.router()

    @router.get("/audit")
    def listed(
        request: Request, actor: str = "", verb: str = "", subject: str = "", day: str = "", before: str = ""
    ) -> Response:
        chosen = {"actor": actor.strip(), "verb": verb.strip(), "subject": subject.strip(), "day": day.strip()}
        return _list(console, request, chosen, before=before)

    @router.get("/audit.csv")
    def file(actor: str = "", verb: str = "", subject: str = "", day: str = "") -> Response:
        chosen = {"actor": actor.strip(), "verb": verb.strip(), "subject": subject.strip(), "day": day.strip()}
        with console.database.read() as connection:
            names = members.names(connection)
            wanted = _wanted(chosen, console.status().zone)
            rows = [_row(one, names) for one in audit_rows(connection, wanted, limit=MOST_ROWS)]
        headers = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "no-store"}
        return Response(csv_bytes([_COLUMNS, *rows]), media_type="text/csv; charset=utf-8", headers=headers)

    @router.post("/audit/verify", dependencies=[Depends(console.pages.tokens.check)])
    def verify(request: Request, noted: Word = "") -> Response:
        try:
            with console.database.read() as connection:
                found = audit.verify(connection, _head(noted.strip()))
        except NotAllowed as fault:
            return _list(console, request, {}, fault=fault, noted=noted)
        return _list(console, request, {}, found=found, noted=noted)

    return router


def _list(
    console: Console,
    request: Request,
    chosen: Mapping[str, str],
    *,
    before: str = "",
    found: Verification | None = None,
    fault: ReinforceError | None = None,
    noted: str = "",
) -> Response:
    chosen = {"actor": "", "verb": "", "subject": "", "day": "", **chosen}
    zone, day_fault = console.status().zone, ""
    with console.database.read() as connection:
        names = members.names(connection)
        try:
            wanted = _wanted(chosen, zone)
        except NotAllowed as wrong:
            wanted, day_fault = _wanted({**chosen, "day": ""}, zone), f"{wrong.message} {wrong.advice}"
        page = audit_page(connection, replace(wanted, before=whole_number(before)))
        values: dict[str, Any] = {"verbs": verbs(connection), "head": audit.head(connection)}
    values |= {"page": page, "names": names, "chosen": chosen, "zone": zone, "day_fault": day_fault}
    values |= {"rows": [(one, _link(one.subject), _words(one)) for one in page.entries]}
    values |= {"found": found, "fault": fault, "noted": noted, "most": MOST_ROWS}
    return console.show(request, "audit", values, status=422 if fault or day_fault else 200)


def _wanted(chosen: Mapping[str, str], zone: str) -> AuditFilter:
    """The filter of a form; a day is one of the house's zone. Raises NotAllowed for what is no day."""
    since = until = None
    if chosen.get("day"):
        try:
            first = datetime.combine(date.fromisoformat(chosen["day"]), time(), ZoneInfo(zone))
            since, until = first.astimezone(UTC), (first + timedelta(days=1)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise NotAllowed(f'"{chosen["day"]}" is no day.', "Write it as 2026-03-04.") from None
    return AuditFilter(chosen.get("actor", ""), chosen.get("verb", ""), chosen.get("subject", ""), since, until)


def _head(text: str) -> Head | None:
    """A head as it was noted ("41:9f2c…"). Raises NotAllowed."""
    if not text:
        return None
    length, _, digest = text.partition(":")
    if not (length.isascii() and length.isdigit() and len(length) <= 18) or not digest:
        raise NotAllowed(f'"{text}" is no head of the log.', "Copy the whole of it, such as 41:9f2c….")
    return Head(int(length), digest)


def _row(one: AuditEntry, names: Mapping[str, str]) -> tuple[str, ...]:
    detail = json.dumps(one.detail, sort_keys=True, ensure_ascii=False)
    at = one.at.isoformat(timespec="seconds")
    return (str(one.id), at, one.actor, names.get(one.actor, ""), one.verb, one.subject, detail, one.hash)


def _link(subject: str) -> str:
    """The page about a subject, "" where there is none that goes by its id."""
    kind, _, number = subject.partition("/")
    pages = {"outbox": "/outbox", "member": "/users"}
    return f"{pages[kind]}/{number}" if kind in pages and number.isdigit() else ""


def _words(entry: AuditEntry) -> str:
    """What a row says besides, as a person reads it; what is empty is left out."""
    said = ((key.replace("_", " "), value) for key, value in sorted(entry.detail.items()))
    told = _instant if entry.verb in _OF_TIMES else _plain
    return ", ".join(f"{key} {told(value)}" for key, value in said if value not in (None, "", []))


def _instant(value: int) -> str:
    return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M} UTC"


def _plain(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
