"""Who may sign in, in which roles: for operators, who change it on the command line."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from reinforce.store.access import sessions, users
from reinforce.web.console import Console


def routes(console: Console) -> APIRouter:
    """`/users`."""
    router = APIRouter()

    @router.get("/users")
    def listed(request: Request) -> Response:
        now, held = console.clock.wall(), console.gate.lifetimes
        with console.database.read() as connection:
            rows = [
                (one, users.in_words(connection, one.grants), sessions.number_of(connection, one.id, now, held))
                for one in users.users(connection)
            ]
        return console.show(request, "users", {"rows": rows})

    return router
