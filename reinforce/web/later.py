"""Routes that are built when the first of them is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send


class Later(BaseRoute):
    """All routes under `prefix`. Building a hundred calls takes half a second, and most consoles are never asked for
    one; from then on they are as if they had been there all the time."""

    def __init__(self, prefix: str, build: Callable[[], Sequence[BaseRoute]]) -> None:
        self.prefix = prefix
        self._build = build

    @cached_property
    def routes(self) -> Sequence[BaseRoute]:
        """What stands there."""
        return self._build()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The best match among them, as a router looks for it."""
        nearest: tuple[Match, Scope] = (Match.NONE, {})
        if scope["type"] != "http" or not scope["path"].startswith(f"{self.prefix}/"):
            return nearest
        for route in self.routes:
            match, found = route.matches(scope)
            if match is Match.FULL:
                return match, found
            if match is Match.PARTIAL and nearest[0] is Match.NONE:
                nearest = match, found
        return nearest

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """By the route that matched, which left its name in the scope."""
        await scope["route"].handle(scope, receive, send)
