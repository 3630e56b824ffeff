"""How every call of the API is answered: what was read has an ETag, and what changes something may bear a key, so that
it can be sent again without being done again.

The answer to a call with a key is kept sealed, with what only its caller has: the database holds nothing of it that
could be read, be it a learner's name or a new token's secret.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from cryptography.fernet import Fernet
from fastapi import APIRouter, Depends, Header, Request
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.domain.errors import Conflict
from reinforce.store.access import kept_answers
from reinforce.store.access.kept_answers import KeptAnswer
from reinforce.web.api.problems import PROBLEMS
from reinforce.web.console import Console
from reinforce.web.gate import Viewer
from reinforce.web.route_rights import V1

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
KEY = "Idempotency-Key"
SHORTEST, LONGEST = 8, 200
# What the document says of it at the calls that do without.
IN_DOCUMENT = {
    "name": KEY,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": SHORTEST, "maxLength": LONGEST, "pattern": "^[!-~]+$"},
}


def key_of(key: Annotated[str, Header(alias=KEY, min_length=SHORTEST, max_length=LONGEST)]) -> str:
    """Dependency of calls that nothing else keeps from being done twice: they need a key."""
    return key


NeededKey = Annotated[str, Depends(key_of)]
NEEDS_KEY = [Depends(key_of)]


def calls_of(console: Console, tag: str, under: str = "") -> APIRouter:
    """Takes the calls `/api/v1<under>…`. In the document each has what all share: the token, and how it is refused."""

    class Call(APIRoute):
        def get_route_handler(self) -> Handler:
            handle = super().get_route_handler()

            async def answer(request: Request) -> Response:
                if request.method == "GET":
                    return tagged(request, await handle(request))
                if KEY not in request.headers:
                    return await handle(request)
                return await _once(console, request, handle)

            return answer

    # Only the document needs the bearer; the gate reads the token.
    bearer = Depends(HTTPBearer(auto_error=False))
    return console.router(
        prefix=f"{V1}{under}", tags=[tag], responses=PROBLEMS, dependencies=[bearer], route_class=Call
    )


def tagged(request: Request, response: Response) -> Response:
    """An answer with the ETag of its bytes, or 304 for whoever has them."""
    tag = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Vary": "Authorization"}
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if response.status_code == 200 and known & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def request_id(viewer: Viewer, key: str) -> str:
    """What names one request of somebody's, for actions that keep to it themselves."""
    return hashlib.sha256(f"{viewer.actor}/{key}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class _Repeatable:
    """A call with a key: what it is known by, what was asked, and what its answer is sealed with."""

    mark: str
    asked: str
    seal: Fernet


async def _once(console: Console, request: Request, handle: Handler) -> Response:
    """Do a call unless it was done: then answer as before. Raises what the call raises, and then it may be sent again;
    Conflict while the first is under way, HTTPException 422 where this one asks for something else."""
    # Whoever may not do it any more is not told again what was done, either.
    await run_in_threadpool(console.gate.check, request)
    call = _repeatable(request, await request.body())
    database = console.database

    def claim() -> KeptAnswer | None:
        with database.write() as connection:
            return kept_answers.claim(connection, call.mark, call.asked, console.clock.wall())

    def release() -> None:
        with database.write() as connection:
            kept_answers.release(connection, call.mark)

    def keep(response: Response) -> None:
        sealed = call.seal.encrypt(bytes(response.body)).decode()
        with database.write() as connection:
            kept_answers.keep(connection, call.mark, response.status_code, sealed)

    before = await run_in_threadpool(claim)
    if before is not None:
        return _again(call, before)
    try:
        response = await handle(request)
    except Exception:
        await run_in_threadpool(release)
        raise
    await run_in_threadpool(keep, response)
    return response


def _again(call: _Repeatable, before: KeptAnswer) -> Response:
    if before.asked != call.asked:
        raise HTTPException(422, f"This {KEY} came with something else before: take a new one for a new call.")
    if before.status is None:
        advice = "Wait, then send it again. If it says the same, the console was stopped in it: see what was done."
        raise Conflict(f"the first call with this {KEY} is not answered yet", advice)
    body = call.seal.decrypt(before.sealed)
    headers = {"Idempotency-Replayed": "true"}
    return Response(body, before.status, headers, media_type="application/json" if body else None)


def _repeatable(request: Request, body: bytes) -> _Repeatable:
    key = request.headers[KEY]
    if not (SHORTEST <= len(key) <= LONGEST and key.isascii()):
        raise HTTPException(422, f"An {KEY} has {SHORTEST} to {LONGEST} letters, digits or signs.")
    who = f"{request.headers['authorization']}\n{key}\n{request.method} {request.url.path}"
    # The same file sent again comes with another word by chance between its parts.
    boundary = request.headers.get("content-type", "").partition("boundary=")[2].strip('"').encode()
    said = body.replace(boundary, b"") if boundary else body
    seal = urlsafe_b64encode(hashlib.sha256(f"seal\n{who}".encode()).digest())
    asked = hashlib.sha256(request.url.query.encode() + b"\n" + said).hexdigest()
    return _Repeatable(hashlib.sha256(who.encode()).hexdigest(), asked, Fernet(seal))
