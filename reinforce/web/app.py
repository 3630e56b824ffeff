"""The console as an ASGI application, and how it is served: on loopback only, until it has a sign-in."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI, Request
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from reinforce import __version__
from reinforce.actions.operating.look_ready import look_ready
from reinforce.bootstrap import House
from reinforce.clock import Clock
from reinforce.domain.errors import NotFound, ReinforceError
from reinforce.domain.loopback import is_loopback
from reinforce.domain.sending.budget import Tariff
from reinforce.monitoring import pages as monitoring
from reinforce.rendering.posts import PostRenderer
from reinforce.settings import Settings
from reinforce.shipped import shipped
from reinforce.store.reporting.figures import read_figures
from reinforce.store.session import Database
from reinforce.web.assets import Assets
from reinforce.web.console import Console
from reinforce.web.forecast import Forecast
from reinforce.web.page import Pages
from reinforce.web.pages import cohorts, inbox, outbox, today, tour
from reinforce.web.programme_forecast import ProgrammeForecast
from reinforce.web.security import CrossSite, FormTokens, Guard


def create_app(
    database: Database, clock: Clock, settings: Settings, *, renderer: PostRenderer, tariff: Tariff, actor: str
) -> FastAPI:
    """The console of one workspace; `actor` is who its buttons act as in the audit log. Opens nothing until asked."""
    templates = shipped("templates") / "console"
    assets = Assets(templates / "static")
    tokens = FormTokens()
    console = Console(
        database=database,
        clock=clock,
        settings=settings,
        renderer=renderer,
        tariff=tariff,
        pages=Pages(templates, assets, tokens),
        forecast=Forecast(database, clock, renderer, tariff),
        programme_forecast=ProgrammeForecast(database, clock, renderer, tariff),
    )
    app = FastAPI(title="reinforce console", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard)
    app.include_router(assets.routes())
    for page in (today, outbox, cohorts, inbox):
        app.include_router(page.routes(console))
    app.include_router(tour.routes(console, actor))
    _add_small_routes(app, console)
    _add_errors(app, console)
    return app


def serve(house: House) -> None:
    """Serve a house's console until SIGINT or SIGTERM. Raises ReinforceError where its address can't be used."""
    settings = house.settings
    with listen(settings.console_host, settings.console_port) as listener:
        app = create_app(
            house.database,
            house.clock,
            settings,
            renderer=house.renderer,
            tariff=house.tariff,
            actor=house.actor,
        )
        config = uvicorn.Config(
            app, log_config=None, log_level="warning", access_log=False, server_header=False, lifespan="off"
        )
        uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to a loopback address. Raises ReinforceError for one beyond this machine, or one in use."""
    if not is_loopback(host):
        raise ReinforceError(
            f"the console has no sign-in yet, so it is served on this machine only, not on {host}.",
            "Use 127.0.0.1, and reach it from elsewhere through an SSH tunnel.",
        )
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ReinforceError(
            f"port {port} on {host} can't be used: {error.strerror}.",
            "Another console may be running; choose another with --port or REINFORCE_CONSOLE_PORT.",
        ) from error
    return listener


def _add_small_routes(app: FastAPI, console: Console) -> None:
    database, clock = console.database, console.clock

    @app.get("/healthz")
    def healthz() -> Response:
        return _shown(monitoring.health())

    @app.get("/readyz")
    def readyz() -> Response:
        return _shown(monitoring.readiness(look_ready(database, wall=clock.wall())))

    @app.get("/metrics")
    def metrics() -> Response:
        return _shown(
            monitoring.metrics(read_figures(database, now=clock.now(), wall=clock.wall(), tariff=console.tariff))
        )

    @app.get("/strip")
    def strip(request: Request) -> Response:
        return console.show(request, "strip", {})


def _shown(page: monitoring.Page) -> Response:
    headers = {"Content-Type": page.content_type, "Cache-Control": "no-store"}
    return Response(page.body, page.status, headers=headers)


def _add_errors(app: FastAPI, console: Console) -> None:
    """Every error is a page that says what to do next; only a bug is a bare 500, with its traceback in the log."""

    def told(request: Request, status: int, title: str, message: str, advice: str = "") -> Response:
        values = {"title": title, "message": message, "advice": advice, "back": "/tour" if _on_tour(request) else "/"}
        return console.show(request, "error", values, status=status)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return told(request, 404, "Not here", "There is no such page, or it is gone.", "The menu has them all.")
        return told(request, error.status_code, "That can't be done", str(error.detail))

    @app.exception_handler(CrossSite)
    def cross_site(request: Request, _error: CrossSite) -> Response:
        return told(
            request,
            403,
            "Nothing was done",
            "This form did not come from a page of this console, or its page is older than the console's last start.",
            "Go back, reload the page and press the button again.",
        )

    @app.exception_handler(OperationalError)
    def database_gone(_request: Request, error: OperationalError) -> Response:
        return PlainTextResponse(
            f"The database can't be used just now: {error.orig}\nReload in a moment, or run: reinforce doctor\n", 503
        )

    @app.exception_handler(Exception)
    def bug(_request: Request, _error: Exception) -> Response:
        return PlainTextResponse(
            "This page broke. Its traceback is in the console's log. Reload, or go back and try another way.\n", 500
        )

    @app.exception_handler(ReinforceError)
    def reinforce(request: Request, error: ReinforceError) -> Response:
        status = 404 if isinstance(error, NotFound) else 409
        return told(request, status, "That can't be done", error.message, error.advice)


def _on_tour(request: Request) -> bool:
    return request.url.path.startswith("/tour")
