"""What a page says when something can't be done. Every error is a page that says what to do next; only a bug is a bare
500, with its traceback in the log."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response

from reinforce.domain.errors import ContentRefused, NotFound, ReinforceError
from reinforce.web.api.problems import Problem, problem_of
from reinforce.web.console import Console
from reinforce.web.gate import NoRight, SignInNeeded
from reinforce.web.page import back_to
from reinforce.web.route_rights import API
from reinforce.web.security import CrossSite


def add_errors(app: FastAPI, console: Console) -> None:
    """Tell every error that a route may raise."""
    _add_refusals(app, console)
    _add_faults(app, console)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        if _is_api(request):
            return _problem(error.status_code, str(error.detail))
        if error.status_code == 404:
            message = "There is no such page, it is gone, or it is not for you."
            return _told(console, request, 404, ("Not here", message, "The menu has all that are."))
        return _told(console, request, error.status_code, ("That can't be done", str(error.detail), ""))


def _add_refusals(app: FastAPI, console: Console) -> None:
    @app.exception_handler(SignInNeeded)
    def unknown(request: Request, _error: SignInNeeded) -> Response:
        if _is_api(request):
            headers = {"WWW-Authenticate": "Bearer"}
            return _problem(401, "This needs a token that holds.", headers=headers)
        if request.method == "GET" and "part" not in request.query_params:
            here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return back_to("/sign-in" if here == "/" else f"/sign-in?{urlencode({'next': here})}")
        said = ("Sign in first", "You are not signed in, or not any more. Nothing was done.", "")
        return _told(console, request, 401, said)

    @app.exception_handler(NoRight)
    def forbidden(request: Request, _error: NoRight) -> Response:
        if _is_api(request):
            return _problem(403, "This token may not do that.")
        advice = "An operator gives roles: reinforce user role NAME ROLE"
        return _told(console, request, 403, ("Not for your role", "None of your roles is there for this.", advice))

    @app.exception_handler(CrossSite)
    def cross_site(request: Request, _error: CrossSite) -> Response:
        message = "This form did not come from a page of this console, or its page is older than its last start."
        advice = "Go back, reload the page and press the button again."
        return _told(console, request, 403, ("Nothing was done", message, advice))


def _add_faults(app: FastAPI, console: Console) -> None:
    @app.exception_handler(OperationalError)
    def database_gone(request: Request, error: OperationalError) -> Response:
        if _is_api(request):
            return _problem(503, "The database can't be used just now.", "Try again.")
        return PlainTextResponse(
            f"The database can't be used just now: {error.orig}\nReload in a moment, or run: reinforce doctor\n", 503
        )

    @app.exception_handler(Exception)
    def bug(_request: Request, _error: Exception) -> Response:
        return PlainTextResponse(
            "This page broke. Its traceback is in the console's log. Reload, or go back and try another way.\n", 500
        )

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        said = [f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors()]
        if _is_api(request):
            return _problem(422, "; ".join(said), "See the document.")
        return _told(console, request, 422, ("That can't be done", "; ".join(said), "Go back and fill it in again."))

    @app.exception_handler(ReinforceError)
    def reinforce(request: Request, error: ReinforceError) -> Response:
        status = 404 if isinstance(error, NotFound) else 422 if isinstance(error, ContentRefused) else 409
        if _is_api(request):
            return JSONResponse(problem_of(error), status)
        return _told(console, request, status, ("That can't be done", error.message, error.advice))


def _told(console: Console, request: Request, status: int, said: tuple[str, str, str]) -> Response:
    """A page with a title, a message and advice."""
    back = "/tour" if request.url.path.startswith("/tour") else "/"
    values = {"title": said[0], "message": said[1], "advice": said[2], "back": back}
    return console.show(request, "error", values, status=status)


def _problem(status: int, error: str, advice: str = "", *, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(Problem(error=error, advice=advice).model_dump(), status, headers)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(API)
