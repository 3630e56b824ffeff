"""What every API call goes through: who calls, how often, for how much, and how the answer is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import Connection, insert

from reinforce.practice import problems, tables
from reinforce.practice.asked import Asked
from reinforce.practice.auth import Caller, Gate, Presented
from reinforce.practice.config import Config, Rules, current_rules
from reinforce.practice.endpoints import Endpoint
from reinforce.practice.limits import Limiter
from reinforce.practice.problems import Problem
from reinforce.practice.reading import View
from reinforce.practice.rules import check_credit
from reinforce.practice.shapes import Shaper
from reinforce.practice.storage import Storage, setting


@dataclass(frozen=True, slots=True)
class Call:
    """One API call on its way: who calls, what is asked, and the transaction it happens in."""

    connection: Connection
    caller: Caller
    asked: Asked
    rules: Rules
    view: View
    body: bytes
    now: int

    def shaper(self, *, of_users: bool = False) -> Shaper:
        """Builds this call's answer."""
        wanted = self.asked.wanted(of_users=of_users)
        return Shaper(
            self.connection, wanted, viewer_id=self.view.viewer_id, now=self.now, new_names=self.rules.new_names
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """A handler's answer. `cost` is in millionths of a dollar, `resources` counts what was read or made."""

    body: dict[str, Any]
    status: int = 200
    cost: int = 0
    resources: int = 0


class Api:
    """The API's doorkeeper. One a server; safe under threads."""

    def __init__(self, storage: Storage, config: Config, gate: Gate) -> None:
        self.storage = storage
        self.config = config
        self.gate = gate
        self.limiter = Limiter()

    def answer(
        self, request: Request, endpoint: Endpoint, handle: Callable[[Call], Reply], *, writes: bool = False
    ) -> Response:
        """Let `handle` answer `request` in a transaction (a write transaction if `writes`), or refuse as X does."""
        headers: dict[str, str] = {}
        try:
            with self.storage.reading() as connection:
                caller = self.gate.caller(connection, presented(request))
                rules = current_rules(connection, self.config)
            headers = self._take(endpoint, caller, rules) | _access_level(caller)
            _check_access(endpoint, caller)
            asked = Asked(endpoint, request.query_params)
            reply = self._handled(request, endpoint, handle, caller, rules, asked, writes)
        except Problem as problem:
            return refusal(problem, headers)
        return json_response(reply.status, reply.body, headers)

    def _take(self, endpoint: Endpoint, caller: Caller, rules: Rules) -> dict[str, str]:
        standing = self.limiter.take(endpoint, caller, self.storage.wall(), rules.limits)
        headers = {} if standing is None else standing.headers()
        if standing is not None and standing.exceeded:
            problem = problems.too_many_requests()
            raise Problem(problem.status, problem.body, headers)
        return headers

    def _handled(
        self,
        request: Request,
        endpoint: Endpoint,
        handle: Callable[[Call], Reply],
        caller: Caller,
        rules: Rules,
        asked: Asked,
        writes: bool,
    ) -> Reply:
        with self.storage.writing() if writes else self.storage.reading() as connection:
            if caller.kind != "person" and not writes:
                check_credit(connection, self.storage, caller.user_id or 0, 1, rules)
            call = Call(
                connection, caller, asked, rules, self._view(request, connection, caller), request.state.body,
                self.storage.now(),
            )  # fmt: skip
            reply = handle(call)
            if writes:
                self._record(connection, endpoint, caller, reply)
        if not writes:
            with self.storage.writing() as connection:
                self._record(connection, endpoint, caller, reply)
        return reply

    def _record(self, connection: Connection, endpoint: Endpoint, caller: Caller, reply: Reply) -> None:
        if caller.kind == "person":
            return
        connection.execute(
            insert(tables.calls).values(
                endpoint=endpoint.name,
                user_id=caller.user_id,
                called_at=self.storage.now(),
                resources=reply.resources,
                cost=reply.cost,
            )
        )

    def _view(self, request: Request, connection: Connection, caller: Caller) -> View:
        lag: float | None = getattr(request.state, "lag", None)
        return View(
            caller.user_id,
            follows=caller.user_id == setting(connection, "company_id"),
            landed_before=None if lag is None else self.storage.wall() - lag,
            shift=getattr(request.state, "shift", 0),
        )


def presented(request: Request) -> Presented:
    """What `request` shows of itself. The address is the one the client signed for, less the host."""
    raw_path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return Presented(
        method=request.method,
        path=raw_path.partition(b"?")[0].decode("latin-1"),
        query=request.scope["query_string"].decode("latin-1"),
        authorization=request.headers.get("authorization", ""),
        own_address=f"http://{request.headers.get('host', '')}",
    )


def json_response(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer as X writes it."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(content, status, headers, "application/json; charset=utf-8")


def refusal(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """A problem+json answer."""
    content = json.dumps(problem.body, ensure_ascii=False, separators=(",", ":"))
    return Response(
        content, problem.status, (headers or {}) | problem.headers, "application/problem+json; charset=utf-8"
    )


def _access_level(caller: Caller) -> dict[str, str]:
    """What the credentials may do, as X says it on each answer to a user."""
    if caller.kind != "user":
        return {}
    return {"x-access-level": "read-write" if "tweet.write" in caller.scopes else "read"}


def _check_access(endpoint: Endpoint, caller: Caller) -> None:
    user = "OAuth 1.0a User Context, OAuth 2.0 User Context"
    if caller.kind == "app" and not endpoint.app_only:
        raise problems.unsupported_authentication(caller.method, user)
    if caller.kind != "app" and not endpoint.user_context:
        raise problems.unsupported_authentication(caller.method, "OAuth 2.0 Application-Only")
    if not endpoint.scopes <= caller.scopes:
        raise problems.forbidden("The token lacks a scope that this endpoint needs.")
