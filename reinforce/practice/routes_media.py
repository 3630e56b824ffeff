"""Endpoints that take pictures and their alternative texts."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from reinforce.practice import endpoints, media
from reinforce.practice.api import Api, Call, Reply
from reinforce.practice.config import PRICES


def router_of(api: Api) -> APIRouter:
    """The routes below /2/media."""
    router = APIRouter()

    @router.post("/2/media/upload")
    def upload(request: Request) -> Response:
        return api.answer(request, endpoints.UPLOAD, lambda call: _upload(api, call), writes=True)

    @router.post("/2/media/metadata")
    def describe(request: Request) -> Response:
        return api.answer(request, endpoints.DESCRIBE, lambda call: _describe(api, call), writes=True)

    return router


def _upload(api: Api, call: Call) -> Reply:
    assert call.caller.user_id is not None
    content = media.read_upload(call.body)
    data = media.add_media(call.connection, api.storage, call.caller.user_id, content)
    return Reply({"data": data}, resources=1)


def _describe(api: Api, call: Call) -> Reply:
    assert call.caller.user_id is not None
    data = media.describe(call.connection, api.storage, call.caller.user_id, call.body)
    return Reply({"data": data}, cost=PRICES["media_metadata"], resources=1)
