"""The gate before every route: who is it, and does a role of theirs hold the right that the route asks for?

What they have the right to they may still see in part only: pages ask `Viewer.scope` how far it reaches, and what lies
beyond is not there for them (404).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from starlette.exceptions import HTTPException

from reinforce.clock import Clock
from reinforce.domain.access.rights import EVERY_ROLE, Grant, Right, Scope, scope_of
from reinforce.domain.access.sessions import Lifetimes
from reinforce.domain.loopback import is_loopback
from reinforce.store.access import sessions, tokens, users
from reinforce.store.access.tokens import ApiToken
from reinforce.store.access.users import User
from reinforce.store.session import Database
from reinforce.web.route_rights import API, FOR_PROBES, ROUTES
from reinforce.web.security import FormTokens, Reach

_NOBODYS = "no right is declared for this route"


class SignInNeeded(Exception):
    """Nobody is signed in, and the route is not for anybody."""


class NoRight(Exception):
    """Who is signed in has no role that holds the right."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page. `user` is None for whoever sits at this machine while nobody signs in yet, `token` is there
    for a script. `actor` is how the audit log knows them, `key` what their cookie bears."""

    actor: str
    grants: frozenset[Grant]
    user: User | None = None
    token: ApiToken | None = None
    key: str = ""

    def scope(self, right: Right) -> Scope:
        """How far one of their rights reaches."""
        return scope_of(self.grants, right)

    def may(self, right: Right) -> bool:
        """Whether they have a right anywhere."""
        return bool(self.scope(right))


class Gate:
    """Knows who asks. `actor` is who acts while nobody signs in yet."""

    def __init__(
        self, database: Database, clock: Clock, lifetimes: Lifetimes, forms: FormTokens, actor: str, reach: Reach
    ) -> None:
        self._database = database
        self._clock = clock
        self.lifetimes = lifetimes
        self._forms = forms
        self._actor = actor
        self.reach = reach

    def check(self, request: Request) -> None:
        """Dependency of every route. Raises SignInNeeded or NoRight; leaves the viewer in the request."""
        name = f"{request.method} {request.scope['route'].path}"
        if name not in ROUTES:
            raise HTTPException(403, _NOBODYS)
        right = ROUTES[name]
        if right is None or (name in FOR_PROBES and self._is_probe(request)):
            return
        viewer = self.viewer(request)
        if viewer is None:
            raise SignInNeeded
        if not viewer.may(right):
            raise NoRight

    def viewer(self, request: Request) -> Viewer | None:
        """Who asks; None if nobody is signed in. Asked of the database once a request."""
        if not hasattr(request.state, "viewer"):
            now = self._clock.wall()
            api = request.url.path.startswith(API)
            request.state.viewer = self._bearer(request, now) if api else self._signed_in(request, now)
        found: Viewer | None = request.state.viewer
        return found

    def here(self, request: Request) -> Viewer:
        """Who asks, on a route that is for those alone who are known. Raises SignInNeeded."""
        viewer = self.viewer(request)
        if viewer is None:
            raise SignInNeeded
        return viewer

    def _signed_in(self, request: Request, now: datetime) -> Viewer | None:
        key = self._forms.cookie_of(request)
        with self._database.read() as connection:
            found = sessions.whose(connection, key, now, self.lifetimes) if key else None
            open_to_all = found is None and not self.reach.beyond and not users.any_ever(connection)
        if open_to_all:
            return Viewer(self._actor, EVERY_ROLE)
        if found is None:
            return None
        user, to_note = found
        # A page that asks again by itself keeps nobody signed in.
        if to_note and "part" not in request.query_params:
            with self._database.write() as connection:
                sessions.note_use(connection, key, now)
        return Viewer(user.actor, user.grants, user, key=key)

    def _bearer(self, request: Request, now: datetime) -> Viewer | None:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        with self._database.read() as connection:
            bearer = tokens.bearer(connection, secret.strip(), now)
        if bearer is None:
            return None
        if bearer.to_note:
            with self._database.write() as connection:
                tokens.note_use(connection, bearer.token.id, now)
        return Viewer(bearer.user.actor, bearer.grants, bearer.user, bearer.token)

    def _is_probe(self, request: Request) -> bool:
        return not self.reach.beyond and request.client is not None and is_loopback(request.client.host)
