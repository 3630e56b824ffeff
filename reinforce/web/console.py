"""What every page of the console works with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.bootstrap import House
from reinforce.clock import Clock
from reinforce.domain.access.rights import Right
from reinforce.domain.sending.budget import Tariff
from reinforce.rendering.posts import PostRenderer
from reinforce.settings import Settings
from reinforce.store.reporting.console.status import HouseStatus, house_status
from reinforce.store.session import Database
from reinforce.web.forecast import Forecast
from reinforce.web.foreseen import Foreseen
from reinforce.web.gate import Gate, Viewer
from reinforce.web.menu import menu_of
from reinforce.web.notices import Notice, Notices
from reinforce.web.page import Pages, back_to
from reinforce.web.programme_forecast import ProgrammeForecast
from reinforce.web.recall import RecallMaps
from reinforce.web.uploads import Uploads

if TYPE_CHECKING:
    from reinforce.identity.provider import Provider

# A daemon beats every tick; without a beat for this long it is taken to be gone.
ALIVE_WITHIN = timedelta(seconds=20)


@dataclass(frozen=True)
class Console:
    """The parts of the house that pages use, and how they show a page."""

    house: House
    database: Database
    clock: Clock
    settings: Settings
    renderer: PostRenderer
    tariff: Tariff
    pages: Pages
    forecast: Forecast
    programme_forecast: ProgrammeForecast
    recall: RecallMaps
    foreseen: Foreseen
    gate: Gate
    company: Provider | None
    uploads: Uploads
    notices: Notices

    def router(self, **more: Any) -> APIRouter:
        """Where a page puts its routes, all of them behind the gate; `more` as APIRouter takes it."""
        return APIRouter(dependencies=[Depends(self.gate.check), *more.pop("dependencies", ())], **more)

    def show(
        self, request: Request, name: str, values: dict[str, Any], *, status: int = 200, policy: str = ""
    ) -> Response:
        """The page `name` with what stands around every page; `?part=` asks for one block of it."""
        part = request.query_params.get("part", "")
        viewer = self.gate.viewer(request)
        self.uploads.forget_old()
        around: dict[str, Any] = {"viewer": viewer} if viewer is None else self.around(viewer)
        around["notice"] = None if part else self.notices.take(self.pages.tokens.cookie_of(request))
        return self.pages.page(request, name, {**around, **values}, part=part, status=status, policy=policy)

    def done(self, request: Request, address: str, notice: Notice) -> Response:
        """After a form: a plain GET of `address`, which tells once what was done and how to undo it."""
        self.notices.leave(self.pages.tokens.cookie_of(request), notice)
        return back_to(address)

    def around(self, viewer: Viewer) -> dict[str, Any]:
        """What every page shows somebody besides its own part: the time, and whether all is well."""
        with self.database.read() as connection:
            house = house_status(connection, viewer.scope(Right.LOOK), viewer.scope(Right.NAMES), self.clock.now())
        return {
            "viewer": viewer,
            "rights": {right.name: viewer.may(right) for right in Right},
            "menu": menu_of(viewer, house),
            "house": house,
            "now": self.clock.now(),
            "accelerated": self.clock.accelerated,
            "speed": self.clock.speed,
            "daemon_alive": self.daemon_alive(house),
            "daemons": house.daemons_since(self.clock.wall() - ALIVE_WITHIN),
        }

    def status(self) -> HouseStatus:
        """How the house stands, whoever looks."""
        with self.database.read() as connection:
            return house_status(connection)

    def daemon_alive(self, house: HouseStatus) -> bool:
        """True if a daemon gave a sign of life just now."""
        return house.daemon is not None and self.clock.wall() - house.daemon.at < ALIVE_WITHIN


def whole_number(text: str) -> int | None:
    """A row id out of an address; None for "", a 404 for anything that can't be one."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise HTTPException(404)
    return int(text)
