"""The practice account as an application, and as a server on loopback."""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from reinforce.clock import Clock
from reinforce.practice import control, pages, problems, routes_media, routes_oauth, routes_posts, routes_users
from reinforce.practice.api import Api, refusal
from reinforce.practice.auth import Gate, access_token_of
from reinforce.practice.config import Config
from reinforce.practice.faults import Faults
from reinforce.practice.learners import Learners
from reinforce.practice.oauth import Authorizations
from reinforce.practice.posting import add_user
from reinforce.practice.storage import Storage, save_setting, setting
from reinforce.practice.templates import Templates
from reinforce.practice.wire import ReachableProtocol, Wire

CREDENTIALS = "credentials.json"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Practice:
    """A built practice account: `app` is the ASGI application, `wire` the same behind its faults."""

    app: FastAPI
    wire: Wire
    storage: Storage
    learners: Learners
    folder: Path

    def close(self) -> None:
        """Let go of the storage."""
        self.storage.close()


def create_app(folder: Path, clock: Clock, *, config: Config | None = None) -> Practice:
    """Build the practice account that lives in `folder`, which is made if it is not there."""
    config = config or Config()
    storage = Storage(folder, clock)
    gate = Gate(storage, config)
    api = Api(storage, config, gate)
    authorizations = Authorizations(storage, config, gate)
    learners = Learners(storage, config)
    faults = Faults()
    templates = Templates()
    _open_account(storage, config, gate, authorizations)
    app = FastAPI(title="Practice account", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(routes_users.router_of(api))
    app.include_router(routes_oauth.router_of(api, authorizations, templates))
    app.include_router(routes_media.router_of(api))
    app.include_router(routes_posts.router_of(api))
    app.include_router(control.router_of(api, faults, learners))
    app.include_router(pages.router_of(api, faults, templates))
    app.add_exception_handler(HTTPException, _unknown)
    return Practice(app, Wire(app, faults, clock), storage, learners, folder)


def _unknown(_request: Any, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404:
        return refusal(problems.not_found())
    body = {"title": str(error), "detail": str(error), "type": "about:blank", "status": status}
    return refusal(problems.Problem(status, body))


def _open_account(storage: Storage, config: Config, gate: Gate, authorizations: Authorizations) -> None:
    """On the first start: make the company's account and the file with its credentials."""
    with storage.writing() as connection:
        keys = gate.keys(connection)
        company = setting(connection, "company_id")
        if company is None:
            more = {"kind": "company", "description": config.description, "automated": True}
            company = add_user(connection, storage, config.handle, config.name, **more)
            save_setting(connection, "company_id", company)
            save_setting(connection, "company_handle", config.handle)
        handle = setting(connection, "company_handle")
        path = storage.folder / CREDENTIALS
        if path.exists():
            return
        tokens = authorizations.first_tokens(connection)
    expires = storage.clock.wall().timestamp() + config.access_token_seconds
    _write_private(path, {
        "base_url": None,
        "user_id": str(company),
        "handle": handle,
        "oauth1": {
            "consumer_key": keys["consumer_key"],
            "consumer_secret": keys["consumer_secret"],
            "access_token": access_token_of(int(company), keys),
            "access_token_secret": keys["access_secret"],
        },
        "oauth2": {
            "client_id": keys["client_id"],
            "client_secret": None,
            "access_token": tokens["access_token"],
            "refresh_token": tokens["refresh_token"],
            "expires_at": datetime.fromtimestamp(expires, UTC).isoformat(),
        },
        "bearer": keys["bearer"],
        "control_token": keys["control"],
    })  # fmt: skip


def _write_private(path: Path, content: dict[str, Any]) -> None:
    """Replace `path` in one step by a file that only its owner can read."""
    draft = path.with_name(f".{path.name}")
    with suppress(FileNotFoundError):
        draft.unlink()
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(content, out, indent=2)
    draft.replace(path)


class _Server(uvicorn.Server):
    """uvicorn, saying when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def serve(
    folder: Path,
    host: str,
    port: int,
    clock: Clock,
    *,
    config: Config | None = None,
    ready: Callable[[int], None] | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Serve until `stop` is set (or a signal comes, in the main thread). `port` 0 takes a free one.

    `ready` is called with the port once requests are answered; the credentials file names the address by then. Raises
    ValueError for a host that is not loopback: what is rehearsed must not leave this machine.
    """
    if host not in LOOPBACK:
        raise ValueError(f"the practice account is served on loopback only ({', '.join(LOOPBACK)}), not on {host}")
    config = config or Config()
    stop = stop or threading.Event()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with (
        closing(socket.create_server((host, port), family=family)) as listener,
        closing(create_app(folder, clock, config=config)) as practice,
    ):
        bound = int(listener.getsockname()[1])
        _note_address(folder, host, bound)
        settings = uvicorn.Config(
            practice.wire, http=ReachableProtocol, ws="none", lifespan="off", access_log=False, log_config=None,
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        server = _Server(settings, lambda: ready(bound) if ready is not None else None)
        with _background(practice, config, stop, server):
            server.run(sockets=[listener])


@contextmanager
def _background(practice: Practice, config: Config, stop: threading.Event, server: _Server) -> Iterator[None]:
    """The scripted learners' thread, and one that ends the server when `stop` is set."""
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            if stop.wait(0.05):
                server.should_exit = True
                return

    threads = [threading.Thread(target=watch, name="practice-stop", daemon=True)]
    if config.learners:
        threads.append(
            threading.Thread(target=practice.learners.run, args=(done,), name="practice-learners", daemon=True)
        )
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


def _note_address(folder: Path, host: str, port: int) -> None:
    path = folder / CREDENTIALS
    credentials = json.loads(path.read_text("utf-8"))
    name = f"[{host}]" if ":" in host else host
    credentials["base_url"] = f"http://{name}:{port}"
    _write_private(path, credentials)


# The credentials stand in headers: requests' and uvicorn's own logging below WARNING would print them.
logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
