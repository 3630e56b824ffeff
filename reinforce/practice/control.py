"""The control interface below /practice: for whoever holds the control token, which stands in the credentials file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import Connection, update

from reinforce.practice import problems, tables
from reinforce.practice.acting import act_all
from reinforce.practice.api import Api, json_response, refusal
from reinforce.practice.config import change_rules, current_rules
from reinforce.practice.faults import KINDS, Faults
from reinforce.practice.learners import Learners, learn
from reinforce.practice.posting import add_user, user_by_handle, user_by_id
from reinforce.practice.problems import Problem
from reinforce.practice.state import state_of, texts_of
from reinforce.practice.storage import setting

_HANDLE = re.compile(r"[A-Za-z0-9_]{1,15}")
_ACCOUNT = {"name": str, "description": str, "protected": bool, "automated": bool, "pinned_post_id": (str, type(None))}


def router_of(api: Api, faults: Faults, learners: Learners) -> APIRouter:  # noqa: C901  one short function a route
    """Routes below /practice."""
    router = APIRouter(prefix="/practice")

    @router.get("/faults")
    def list_faults(request: Request) -> Response:
        kinds = {kind: what for kind, (what, _after) in KINDS.items()}
        return _guarded(api, request, lambda _asked: (200, {"faults": faults.all(), "kinds": kinds}))

    @router.post("/faults")
    def add_fault(request: Request) -> Response:
        return _guarded(api, request, lambda asked: (201, faults.add(asked).view()))

    @router.delete("/faults")
    def clear_faults(request: Request) -> Response:
        return _guarded(api, request, lambda _asked: (200, {"cleared": faults.clear()}))

    @router.delete("/faults/{fault_id}")
    def clear_fault(fault_id: int, request: Request) -> Response:
        return _guarded(api, request, lambda _asked: (200, {"cleared": faults.clear(fault_id)}))

    @router.get("/state")
    def state(request: Request) -> Response:
        return _guarded(api, request, lambda _asked: (200, _read(api, lambda c: state_of(c, api.storage, api.config))))

    @router.get("/texts")
    def texts(request: Request) -> Response:
        return _guarded(api, request, lambda _asked: (200, _read(api, texts_of)))

    @router.post("/people")
    def people(request: Request) -> Response:
        return _guarded(api, request, lambda asked: (200, _write(api, lambda c: _add_people(c, api, asked))))

    @router.post("/acts")
    def acts(request: Request) -> Response:
        return _guarded(api, request, lambda asked: (200, _write(api, lambda c: _act(c, api, asked))))

    @router.post("/knowledge")
    def knowledge(request: Request) -> Response:
        return _guarded(api, request, lambda asked: (200, _write(api, lambda c: {"learned": learn(c, asked)})))

    @router.post("/step")
    def step(request: Request) -> Response:
        return _guarded(api, request, lambda _asked: (200, {"acts": learners.step()}))

    @router.post("/rules")
    def rules(request: Request) -> Response:
        return _guarded(api, request, lambda asked: (200, _write(api, lambda c: _change_rules(c, api, asked))))

    @router.post("/limits/reset")
    def reset_limits(request: Request) -> Response:
        return _guarded(api, request, lambda _asked: (200, _forget_limits(api)))

    @router.post("/account")
    def account(request: Request) -> Response:
        return _guarded(api, request, lambda asked: (200, _write(api, lambda c: _change_account(c, asked))))

    return router


def _guarded(api: Api, request: Request, act: Callable[[Any], tuple[int, Any]]) -> Response:
    """Let `act` answer the request's JSON if the control token is right; its ValueErrors become 400s."""
    with api.storage.reading() as connection:
        allowed = api.gate.is_control(connection, request.headers.get("authorization", ""))
    if not allowed:
        return refusal(problems.unauthorized())
    try:
        asked = json.loads(request.state.body or b"null")
        status, body = act(asked)
    except ValueError as error:
        return refusal(Problem(400, {"title": "Bad request", "detail": str(error), "type": "about:blank",
                                     "status": 400}))  # fmt: skip
    return json_response(status, body)


def _read(api: Api, act: Callable[[Connection], Any]) -> Any:
    with api.storage.reading() as connection:
        return act(connection)


def _write(api: Api, act: Callable[[Connection], Any]) -> Any:
    with api.storage.writing() as connection:
        return act(connection)


def _add_people(connection: Connection, api: Api, asked: Any) -> dict[str, Any]:
    """Create users, or bring their names up to date. Raises ValueError with the entry that is wrong."""
    if not isinstance(asked, list):
        raise ValueError('people are a JSON list of objects such as {"handle": "kim_r", "name": "Kim R."}')
    people = []
    for number, entry in enumerate(asked, 1):
        handle, more = _person(connection, number, entry)
        name = str(entry.get("name") or handle)[:50]
        user_id = add_user(connection, api.storage, handle, name, **more)
        token = api.gate.person_token(connection, user_id)
        people.append({"handle": handle, "user_id": str(user_id), "token": token})
    return {"people": people}


def _person(connection: Connection, number: int, entry: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(entry, dict) or not isinstance(entry.get("handle"), str):
        raise ValueError(f"person {number}: needs at least a handle")
    handle = entry["handle"].removeprefix("@")
    if not _HANDLE.fullmatch(handle):
        raise ValueError(f"person {number}: {handle!r} is no handle (1 to 15 of A-Z, a-z, 0-9 and _)")
    found = user_by_handle(connection, handle)
    if found is not None and found.kind == "company":
        raise ValueError(f"person {number}: {handle!r} is the company's own account")
    scripted = entry.get("scripted", found is None or found.kind == "learner")
    more: dict[str, Any] = {"kind": "learner" if scripted else "person"}
    for flag in ("protected", "followed"):
        if flag in entry:
            more[flag] = bool(entry[flag])
    return handle, more


def _forget_limits(api: Api) -> dict[str, Any]:
    api.limiter.forget()
    return {}


def _act(connection: Connection, api: Api, asked: Any) -> dict[str, Any]:
    return {"posts": act_all(connection, api.storage, current_rules(connection, api.config), asked)}


def _change_rules(connection: Connection, api: Api, asked: Any) -> Any:
    if not isinstance(asked, dict):
        raise ValueError('rules are a JSON object, for example {"monthly_credit": 5000000}')
    rules = change_rules(connection, api.config, asked)
    return {name: getattr(rules, name) for name in rules.__dataclass_fields__}


def _change_account(connection: Connection, asked: Any) -> dict[str, Any]:
    if not isinstance(asked, dict):
        raise ValueError("the account's profile is a JSON object")
    values: dict[str, Any] = {}
    for key, value in asked.items():
        if key not in _ACCOUNT or not isinstance(value, _ACCOUNT[key]):  # type: ignore[arg-type]
            raise ValueError(f"the account has no {key!r} that could be {value!r}: use {', '.join(_ACCOUNT)}")
        values[key] = int(value) if key == "pinned_post_id" and value is not None else value
    company = int(setting(connection, "company_id"))
    if values:
        connection.execute(update(tables.users).where(tables.users.c.id == company).values(**values))
    row = user_by_id(connection, company)
    assert row is not None
    return {key: getattr(row, key) for key in (*_ACCOUNT, "handle")} | {"user_id": str(company)}
