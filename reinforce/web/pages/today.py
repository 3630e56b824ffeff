"""Today: what went out, what is next and why, and what waits for a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from reinforce.domain.cohort import CohortState
from reinforce.store.reporting.console.cohorts import cohort_lines
from reinforce.store.reporting.console.inbox import inbox_page
from reinforce.store.reporting.console.posts import latest_posted, quiet_lines, waiting
from reinforce.store.reporting.console.status import spent_between
from reinforce.web.console import Console
from reinforce.web.sight import sight_of
from reinforce.web.waits import waits_for

SHOWN = 6
NEXT_POSTS = 3


def routes(console: Console) -> APIRouter:
    """`/`, with the block `live` that is polled, and in it `ahead`, which comes afterwards where it takes long."""
    router = console.router()

    @router.get("/")
    def today(request: Request, ahead: str = "") -> Response:
        now, viewer = console.clock.now(), console.gate.here(request)
        with console.database.read() as connection:
            sight = sight_of(connection, viewer)
            seen, lines = sight.seen, cohort_lines(connection, sight.seen)
            quiet = quiet_lines(connection, since=now - timedelta(days=3), limit=3, seen=sight.told)
            values: dict[str, Any] = {
                "waits": waits_for(connection, viewer, now),
                "cohorts": lines,
                "posted": sight.of_posts(latest_posted(connection, limit=SHOWN, seen=seen)),
                "waiting": sight.of_posts(waiting(connection, limit=SHOWN, seen=seen)),
                "quiet": tuple(map(sight.of_quiet, quiet)),
                "inbox": inbox_page(connection, limit=4, named=sight.named) if sight.named else None,
                "spent": spent_between(connection, now - timedelta(days=30), now + timedelta(days=1), seen),
                "whole": seen.everything,
            }
        look = console.forecast.next_slots if ahead else console.forecast.at_hand
        running = [line for line in lines if line.state is CohortState.RUNNING]
        outlooks = [(line, sight.of_outlook(line.id, look(line.id, NEXT_POSTS))) for line in running]
        values["forecast"] = outlooks
        values["wanting"] = any(outlook is None or outlook.due for _, outlook in outlooks)
        return console.show(request, "today", values)

    return router
