"""OAuth 2 endpoints and the page on which a person allows the app."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from reinforce.practice.api import Api, json_response
from reinforce.practice.forms import FormRefused, check_form
from reinforce.practice.oauth import Authorizations, TokenRefused, basic_client, form_of
from reinforce.practice.templates import Templates


def router_of(api: Api, authorizations: Authorizations, templates: Templates) -> APIRouter:
    """Routes below /2/oauth2 and X's own address of the page, /i/oauth2/authorize."""
    router = APIRouter()
    storage = api.storage

    @router.get("/2/oauth2/authorize")
    @router.get("/i/oauth2/authorize")
    def ask(request: Request) -> Response:
        with storage.writing() as connection:
            try:
                asked = authorizations.read_request(connection, request.query_params)
            except TokenRefused as refused:
                return templates.page("refused.html", status=400, words=refused.words)
            if api.config.auto_allow:
                return RedirectResponse(authorizations.allow(connection, asked), 303)
            token = api.gate.form_token(connection)
        parameters = dict(request.query_params)
        return templates.page("authorize.html", asked=asked, parameters=parameters, form_token=token)

    @router.post("/2/oauth2/authorize")
    def decide(request: Request) -> Response:
        form = form_of(request.state.body)
        with storage.writing() as connection:
            try:
                check_form(request, form, api.gate.form_token(connection))
                asked = authorizations.read_request(connection, form)
            except (TokenRefused, FormRefused) as refused:
                return templates.page("refused.html", status=400, words=refused.words)
            allowed = form.get("decision") == "allow"
            address = authorizations.allow(connection, asked) if allowed else authorizations.deny(asked)
        return RedirectResponse(address, 303)

    @router.post("/2/oauth2/token")
    def token(request: Request) -> Response:
        form = form_of(request.state.body)
        client = basic_client(request.headers.get("authorization", ""))
        if client is not None:
            form.setdefault("client_id", client)
        # A refusal is committed too: a token that comes twice ends its family.
        with storage.writing() as connection:
            try:
                tokens = authorizations.exchange(connection, form)
            except TokenRefused as refused:
                body = {"error": refused.code, "error_description": refused.words}
                return json_response(401 if refused.code == "invalid_client" else 400, body)
        return json_response(200, tokens, {"cache-control": "no-store"})

    return router
