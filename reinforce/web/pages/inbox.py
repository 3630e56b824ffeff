"""The inbox: what came back, what it was read as, and why."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from reinforce.domain.access.rights import Right
from reinforce.store.reporting.console.cohorts import cohort_lines
from reinforce.store.reporting.console.inbox import inbox_page
from reinforce.web.console import Console, whole_number


def routes(console: Console) -> APIRouter:
    """`/inbox`."""
    router = APIRouter()

    @router.get("/inbox")
    def inbox(request: Request, show: str = "", cohort: str = "", before: str = "") -> Response:
        waiting_only = show == "waiting"
        named = console.gate.here(request).scope(Right.NAMES)
        with console.database.read() as connection:
            page = inbox_page(
                connection, needs_person=waiting_only, cohort=cohort, before=whole_number(before), named=named
            )
            cohorts = cohort_lines(connection, named)
        chosen = {"show": "waiting" if waiting_only else "", "cohort": cohort}
        return console.show(request, "inbox", {"page": page, "cohorts": cohorts, "chosen": chosen})

    return router
