"""The console as an ASGI application, and how it is served."""

from __future__ import annotations

import uvicorn
from fastapi import Depends, FastAPI, Request
from starlette.responses import Response

from reinforce import __version__
from reinforce.actions.operating.look_ready import look_ready
from reinforce.bootstrap import House
from reinforce.domain.access.sessions import lifetimes
from reinforce.monitoring import pages as monitoring
from reinforce.shipped import shipped
from reinforce.store.access import users
from reinforce.store.reporting.figures import read_figures
from reinforce.upkeep import company_sign_in
from reinforce.web import api
from reinforce.web.assets import Assets
from reinforce.web.console import Console
from reinforce.web.errors import add_errors
from reinforce.web.forecast import Forecast
from reinforce.web.foreseen import Foreseen
from reinforce.web.gate import Gate
from reinforce.web.later import Later
from reinforce.web.notices import Notices
from reinforce.web.page import Pages
from reinforce.web.pages import (
    account,
    approvals,
    audit,
    calendar,
    cohort_changes,
    cohort_dates,
    cohort_files,
    cohort_joining,
    cohort_people,
    cohort_programme,
    cohorts,
    composer,
    course,
    courses,
    inbox,
    new_cohort,
    outbox,
    pictures,
    procedure_recalls,
    procedures,
    questions,
    quizzes,
    recall,
    reports,
    rules,
    search,
    sending_accounts,
    sign_in,
    single_sign_on,
    today,
    tour,
    user_list,
)
from reinforce.web.programme_forecast import ProgrammeForecast
from reinforce.web.recall import RecallMaps
from reinforce.web.route_rights import V1
from reinforce.web.security import THIS_MACHINE, FormTokens, Guard, Reach
from reinforce.web.serving import listen, reach_of
from reinforce.web.uploads import Uploads

# In the order in which addresses are looked up: a page with a fixed address before one that takes a name there.
PAGES = (
    today,
    calendar,
    procedures,
    procedure_recalls,
    composer,
    courses,
    course,
    approvals,
    cohort_people,
    cohort_changes,
    cohort_files,
    cohort_joining,
    cohort_dates,
    cohort_programme,
    cohorts,
    new_cohort,
    outbox,
    pictures,
    inbox,
    questions,
    quizzes,
    tour,
    search,
    sign_in,
    single_sign_on,
    account,
    sending_accounts,
    rules,
    user_list,
    audit,
    recall,
    reports,
)


def create_app(house: House, *, reach: Reach = THIS_MACHINE) -> FastAPI:
    """The console of one workspace; its buttons act as the house's actor while nobody signs in yet. Opens nothing
    until asked."""
    database, clock, settings = house.database, house.clock, house.settings
    renderer, tariff = house.renderer, house.tariff
    templates = shipped("templates") / "console"
    assets = Assets(templates / "static")
    tokens = FormTokens(reach)
    held = lifetimes(settings.session_idle_minutes, settings.session_days)
    gate = Gate(database, clock, held, tokens, house.actor, reach)
    foreseen = Foreseen(database, clock, renderer, tariff)
    console = Console(
        house=house,
        database=database,
        clock=clock,
        settings=settings,
        renderer=renderer,
        tariff=tariff,
        pages=Pages(templates, assets, tokens),
        forecast=Forecast(database, clock, foreseen),
        programme_forecast=ProgrammeForecast(database, clock, renderer, tariff),
        recall=RecallMaps(clock),
        foreseen=foreseen,
        gate=gate,
        company=company_sign_in(settings, clock),
        uploads=Uploads(settings.workspace / "uploads", clock),
        notices=Notices(),
    )
    app = FastAPI(
        title="reinforce console",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        dependencies=[Depends(gate.check)],
    )
    app.add_middleware(Guard, reach=reach)
    # Taken over as they are: `include_router` would build each route once more, at the first request.
    for router in (assets.routes(console.router()), *(page.routes(console) for page in PAGES)):
        app.routes.extend(router.routes)
    app.routes.append(Later(V1, lambda: api.routes(console).routes))
    _add_small_routes(app, console)
    add_errors(app, console)
    return app


def serve(house: House) -> None:
    """Serve a house's console until SIGINT or SIGTERM. Raises ReinforceError where its address can't be used, and where
    others could get in without TLS or without signing in."""
    settings = house.settings
    with house.database.read() as connection:
        reach = reach_of(settings, has_users=bool(users.users(connection)))
    with listen(settings.console_host, settings.console_port) as listener:
        app = create_app(house, reach=reach)
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="off",
            proxy_headers=False,  # Guard alone says whom to believe
            ssl_certfile=settings.console_tls_cert,
            ssl_keyfile=settings.console_tls_key,
        )
        uvicorn.Server(config).run(sockets=[listener])


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
