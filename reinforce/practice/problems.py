"""X's refusals, as X words them (problem+json)."""

from __future__ import annotations

from typing import Any

TYPES = "https://api.x.com/2/problems/"

DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
REPLY_RULE = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the "
    "author of the post you are replying to."
)
QUOTE_RULE = "You can only reply to or quote posts where you are mentioned or are the author."
PARENT_GONE = "You attempted to reply to a Tweet that is deleted or not visible to you."
TOO_LONG = (
    "Your Tweet text is too long. For more information on how Twitter determines text length see "
    "https://github.com/twitter/twitter-text."
)
SUSPENDED = "User is suspended."


class Problem(Exception):
    """A refusal on its way to the client. `body` is the JSON, `headers` go beside those of every answer."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(body.get("detail", body.get("title", str(status))))
        self.status = status
        self.body = body
        self.headers = headers or {}


def _problem(status: int, title: str, detail: str, kind: str = "about:blank", **more: Any) -> Problem:
    kind = kind if kind == "about:blank" else TYPES + kind
    return Problem(status, {"title": title, "detail": detail, "type": kind, "status": status, **more})


def unauthorized() -> Problem:
    """401: credentials absent, wrong or out of date."""
    return _problem(401, "Unauthorized", "Unauthorized")


def forbidden(detail: str) -> Problem:
    """403 for good, with X's words in `detail` and no code."""
    return _problem(403, "Forbidden", detail)


def unsupported_authentication(used: str, supported: str) -> Problem:
    """403: this endpoint does not take that kind of credentials."""
    detail = (
        f"Authenticating with {used} is forbidden for this endpoint.  Supported authentication types are [{supported}]."
    )
    return _problem(403, "Unsupported Authentication", detail, "unsupported-authentication")


def removed_from_tier() -> Problem:
    """403: like, follow and quote, which self-serve access lost on 2026-04-20."""
    detail = "This endpoint is not included in your current access tier (removed from self-serve access on 2026-04-20)."
    return _problem(403, "Client Forbidden", detail, "client-forbidden", reason="client-not-enrolled",
                    required_enrollment="Enterprise")  # fmt: skip


def out_of_credit(user_id: int) -> Problem:
    """402: the month's credit is used up."""
    detail = f"Your enrolled account [{user_id}] does not have any credits to fulfill this request."
    return _problem(402, "CreditsDepleted", detail, "credits")


def too_many_requests() -> Problem:
    """429."""
    return _problem(429, "Too Many Requests", "Too Many Requests")


def invalid(parameter: str, value: Any, message: str) -> Problem:
    """400 because of one parameter of the request."""
    return _problem(
        400,
        "Invalid Request",
        "One or more parameters to your request was invalid.",
        "invalid-request",
        errors=[{"parameters": {parameter: [str(value)]}, "message": message}],
    )


def invalid_request(detail: str) -> Problem:
    """400 because of the request as a whole."""
    return _problem(400, "Invalid Request", detail, "invalid-request")


def not_found() -> Problem:
    """404: no such path."""
    return _problem(404, "Not Found", "Not Found")


def missing(resource: str, parameter: str, value: Any) -> dict[str, Any]:
    """An entry of `errors` beside HTTP 200: the asked-for user or tweet does not exist or can't be seen."""
    return {
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": str(value),
        "value": str(value),
        "title": "Not Found Error",
        "detail": f"Could not find {resource} with {parameter}: [{value}].",
        "type": TYPES + "resource-not-found",
    }


def hidden(resource: str, parameter: str, value: Any) -> dict[str, Any]:
    """An entry of `errors` beside HTTP 200: a protected account's post that the caller may not see."""
    return {
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": str(value),
        "value": str(value),
        "section": "data",
        "title": "Authorization Error",
        "detail": f"Sorry, you are not authorized to see the {resource} with {parameter}: [{value}].",
        "type": TYPES + "not-authorized-for-resource",
    }


def field_hidden(field: str, post_id: int) -> dict[str, Any]:
    """An entry of `errors` beside HTTP 200: a field that only the post's author may read."""
    return {
        "resource_type": "tweet",
        "field": field,
        "resource_id": str(post_id),
        "section": "data",
        "title": "Field Authorization Error",
        "detail": f"Sorry, you are not authorized to access '{field}' on the Tweet with ids : [{post_id}].",
        "type": TYPES + "not-authorized-for-field",
    }
