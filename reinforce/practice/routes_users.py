"""Endpoints about users, and the usage report."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import func, select

from reinforce.practice import endpoints, problems, tables
from reinforce.practice.api import Api, Call, Reply
from reinforce.practice.asked import identifier
from reinforce.practice.config import PRICES
from reinforce.practice.posting import user_by_handle, user_by_id
from reinforce.practice.rules import DAY
from reinforce.practice.shapes import stamp
from reinforce.practice.storage import instant_of

_USAGE_FIELDS = frozenset({
    "cap_reset_day", "daily_client_app_usage", "daily_project_usage", "project_cap", "project_id", "project_usage",
})  # fmt: skip
_PROJECT = "1"
_CAP = 2_000_000


def router_of(api: Api) -> APIRouter:
    """The routes below /2 that concern users."""
    router = APIRouter()

    @router.get("/2/users/me")
    def me(request: Request) -> Response:
        return api.answer(request, endpoints.ME, lambda call: _one(call, call.caller.user_id, "id"))

    @router.get("/2/users")
    def many(request: Request) -> Response:
        return api.answer(request, endpoints.USERS, _many)

    @router.get("/2/users/by/username/{handle}")
    def by_handle(handle: str, request: Request) -> Response:
        return api.answer(request, endpoints.BY_HANDLE, lambda call: _by_handle(call, handle))

    @router.get("/2/users/{user_id}")
    def one(user_id: str, request: Request) -> Response:
        return api.answer(request, endpoints.USER, lambda call: _one(call, identifier("id", user_id), "id"))

    @router.get("/2/usage/tweets")
    def usage(request: Request) -> Response:
        return api.answer(request, endpoints.USAGE, _usage)

    return router


def _one(call: Call, user_id: int | None, parameter: str) -> Reply:
    user = None if user_id is None else user_by_id(call.connection, user_id)
    shaper = call.shaper(of_users=True)
    if user is None:
        shaper.errors.append(problems.missing("user", parameter, user_id))
        return Reply(shaper.answer(None))
    own = user_id == call.caller.user_id
    cost = 0 if call.caller.kind == "person" else PRICES["owned_read" if own else "user_read"]
    return Reply(shaper.answer(shaper.users([user])[0]), cost=cost, resources=1)


def _by_handle(call: Call, handle: str) -> Reply:
    user = user_by_handle(call.connection, handle)
    if user is not None:
        return _one(call, user.id, "username")
    return Reply({"errors": [problems.missing("user", "username", handle)]})


def _many(call: Call) -> Reply:
    ids = call.asked.identifiers("ids")
    found = {user_id: user_by_id(call.connection, user_id) for user_id in ids}
    shaper = call.shaper(of_users=True)
    data = shaper.users(user for user in found.values() if user is not None)
    shaper.errors += [problems.missing("user", "ids", user_id) for user_id, user in found.items() if user is None]
    return Reply(shaper.answer(data), cost=len(data) * PRICES["user_read"], resources=len(data))


def _usage(call: Call) -> Reply:
    """Posts read, by day of programme time. Defaults are X's: cap, project and use."""
    days = call.asked.whole("days", 1, 90, 7)
    wanted = call.asked.choices("usage.fields", _USAGE_FIELDS)
    calls = tables.calls.c
    day = (calls.called_at // DAY).label("day")
    query = select(day, func.sum(calls.resources)).where(
        calls.called_at >= call.now - days * DAY, calls.endpoint.startswith("GET ")
    )
    by_day = [(int(number), int(total)) for number, total in call.connection.execute(query.group_by(day))]
    data: dict[str, object] = {
        "project_id": _PROJECT,
        "project_cap": _CAP,
        "project_usage": sum(total for _day, total in by_day),
        "cap_reset_day": _days_to_next_month(call.now),
    }
    usage = [{"date": stamp(number * DAY), "usage": total} for number, total in by_day]
    if "daily_project_usage" in wanted and usage:
        data["daily_project_usage"] = {"project_id": int(_PROJECT), "usage": usage}
    if "daily_client_app_usage" in wanted and usage:
        data["daily_client_app_usage"] = [{"client_app_id": "1", "usage": usage, "usage_result_count": len(usage)}]
    return Reply({"data": data})


def _days_to_next_month(now: int) -> int:
    today = instant_of(now).date()
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1).toordinal() - today.toordinal()
