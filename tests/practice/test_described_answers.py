"""Answers against X's own OpenAPI description (left out where that file is absent)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
import tweepy  # type: ignore[import-untyped]

from reinforce.practice import asked, endpoints
from reinforce.practice.endpoints import Endpoint
from reinforce.practice.running import PracticeThread
from tests.pictures import png

DESCRIPTION = Path(__file__).resolve().parents[3] / "shared" / "data" / "x" / "openapi-2.166.json"
NEWER = DESCRIPTION.with_name("openapi-2.167.json")
SERVED = [value for value in vars(endpoints).values() if isinstance(value, Endpoint) and value is not endpoints.REMOVED]


@cache
def described(path: Path = DESCRIPTION) -> Any:
    return json.loads(path.read_text("utf-8"))


KINDS: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
}  # fmt: skip


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        target = described()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = target
    return schema


def faults(value: Any, schema: dict[str, Any], at: str = "$") -> Iterator[str]:
    """Where `value` departs from `schema`: types, required and unknown properties, bounds, patterns, dates."""
    schema = resolved(schema)
    for part in schema.get("allOf", ()):
        yield from faults(value, {**resolved(part), "open": True}, at)
    kinds: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
    }
    kind = kinds.get(schema.get("type", ""))
    if kind is not None and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
        yield f"{at}: {value!r} is not of type {schema['type']}"
        return
    if isinstance(value, dict):
        yield from faults_of_object(value, schema, at)
    elif isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield f"{at}: fewer than {schema['minItems']} items"
        for number, item in enumerate(value):
            yield from faults(item, schema.get("items", {}), f"{at}[{number}]")
    elif isinstance(value, str):
        yield from faults_of_text(value, schema, at)
    elif isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{at}: {value} is out of bounds"


def faults_of_text(value: str, schema: dict[str, Any], at: str) -> Iterator[str]:
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} does not match {schema['pattern']}"
    if value not in schema.get("enum", [value]):
        yield f"{at}: {value!r} is not one of {schema['enum']}"
    if schema.get("format") == "date-time":
        datetime.fromisoformat(value)


def faults_of_object(value: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}: {name} is missing"
    properties = schema.get("properties", {})
    for name, part in value.items():
        if name in properties:
            yield from faults(part, properties[name], f"{at}.{name}")
        elif properties and not schema.get("open") and "discriminator" not in schema:
            yield f"{at}: {name} is not described"


def check(answer: requests.Response, method: str, path: str) -> None:
    """The answer is one that the description allows for this call."""
    responses = described()["paths"][path][method]["responses"]
    response = responses.get(str(answer.status_code), responses["default"])
    content_type = answer.headers["content-type"].partition(";")[0]
    assert list(faults(answer.json(), response["content"][content_type]["schema"])) == []


FIELDS = {
    "tweet.fields": "attachments,author_id,conversation_id,created_at,display_text_range,edit_history_tweet_ids,"
    "entities,in_reply_to_user_id,lang,non_public_metrics,possibly_sensitive,public_metrics,referenced_tweets,"
    "reply_settings,source",
    "expansions": "author_id,referenced_tweets.id,attachments.poll_ids,in_reply_to_user_id,entities.mentions.username",
    "poll.fields": "duration_minutes,end_datetime,id,options,voting_status",
}
USER_FIELDS = {
    "user.fields": "created_at,description,id,location,most_recent_tweet_id,name,pinned_tweet_id,protected,"
    "public_metrics,url,username,verified,verified_type",
    "expansions": "pinned_tweet_id",
}


@pytest.fixture
def post(standing_client: tweepy.Client, standing_person: Callable[..., Any], standing: PracticeThread) -> str:
    """A post with all there is: a link, tags, a reply, a quote, a poll beside it, a pin."""
    found = standing.state()["posts"]
    if found:
        return str(found[0]["id"])
    text = "See https://example.com/a @kim_r #lockout $ACME"
    kim = standing_person()
    made = str(standing_client.create_tweet(text=text, poll_options=["a", "b"], poll_duration_minutes=60).data["id"])
    standing_client.create_tweet(text="thread", in_reply_to_tweet_id=made)
    kim.post("got it", reply_to=made)
    kim.post("look", quote=made)
    standing.control("POST", "/account", {"pinned_post_id": made})
    return made


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/2/users/{id}/tweets", FIELDS),
        ("/2/users/{id}/mentions", FIELDS),
        ("/2/users/{id}", USER_FIELDS),
        ("/2/users/me", USER_FIELDS),
        ("/2/users/by/username/{username}", USER_FIELDS),
        ("/2/users", USER_FIELDS | {"ids": "{id},42"}),
        ("/2/tweets/{id}", FIELDS),
        ("/2/tweets", FIELDS | {"ids": "{post},42"}),
        ("/2/tweets/search/recent", FIELDS | {"query": "#lockout"}),
        ("/2/tweets/{id}/liking_users", USER_FIELDS),
        ("/2/tweets/{id}/retweeted_by", USER_FIELDS),
        ("/2/tweets/{id}/quote_tweets", FIELDS),
    ],
)
def test_a_reads_answer_is_as_described(
    standing: PracticeThread,
    ask_standing: Callable[..., requests.Response],
    post: str,
    path: str,
    query: dict[str, str],
) -> None:
    user = standing.credentials["user_id"]
    subject = post if path.startswith("/2/tweets") else user
    address = path.replace("{id}", subject).replace("{username}", "acme_reinforce")
    query = {name: value.replace("{id}", user).replace("{post}", post) for name, value in query.items()}
    answer = ask_standing("GET", address, **query)
    assert answer.status_code == 200
    assert "data" in answer.json() or path.endswith(("liking_users", "retweeted_by"))
    check(answer, "get", path)
    check(ask_standing("GET", address, colour="blue"), "get", path)
    check(ask_standing("GET", address, token="nobody"), "get", path)


def test_answers_to_posting_and_deleting_are_as_described(
    ask: Callable[..., requests.Response], person: Callable[..., Any]
) -> None:
    made = ask("POST", "/2/tweets", {"text": "hello"})
    body = made.json()
    assert body["data"].pop("edit_history_tweet_ids") == [body["data"]["id"]]  # sent by X, not described by it
    schema = described()["paths"]["/2/tweets"]["post"]["responses"]["201"]["content"]["application/json"]["schema"]
    assert list(faults(body, schema)) == []
    stranger = person().post("hi")
    for refused in (
        {"text": "hello"},
        {"text": "a" * 300},
        {"text": "no", "reply": {"in_reply_to_tweet_id": stranger}},
        {"text": "no", "quote_tweet_id": stranger},
        {"txt": ""},
    ):
        check(ask("POST", "/2/tweets", refused), "post", "/2/tweets")
    check(ask("DELETE", f"/2/tweets/{body['data']['id']}"), "delete", "/2/tweets/{id}")


def test_answers_to_uploading_and_describing_are_as_described(ask: Callable[..., requests.Response]) -> None:
    made = ask("POST", "/2/media/upload", {"media": base64.b64encode(png()).decode(), "media_category": "tweet_image"})
    assert made.status_code == 200
    # The older description asks for a `meta` that it does not describe: the newer one has mended that.
    newer = described(NEWER)["components"]["schemas"]["MediaUploadResponseData"]
    assert set(newer["required"]) <= set(made.json()["data"]) <= set(newer["properties"])
    media_id = made.json()["data"]["id"]
    told = ask("POST", "/2/media/metadata", {"id": media_id, "metadata": {"alt_text": {"text": "A red square"}}})
    assert told.status_code == 200
    check(told, "post", "/2/media/metadata")
    post = ask("POST", "/2/tweets", {"text": "look", "media": {"media_ids": [media_id]}}).json()["data"]["id"]
    fields = {"expansions": "attachments.media_keys", "media.fields": "alt_text,height,type,width"}
    shown = ask("GET", f"/2/tweets/{post}", **fields, **{"tweet.fields": "attachments,entities"})
    check(shown, "get", "/2/tweets/{id}")
    assert shown.json()["includes"]["media"] == [
        {"media_key": f"3_{media_id}", "type": "photo", "alt_text": "A red square", "width": 1, "height": 1}
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/2/media/upload", {"media": "", "media_category": "tweet_image"}),
        ("/2/media/upload", {"media": "!", "media_category": "tweet_image"}),
        ("/2/media/upload", {"media": base64.b64encode(b"GIF89a").decode(), "media_category": "tweet_image"}),
        ("/2/media/upload", {"media": base64.b64encode(b"x").decode(), "media_category": "painting"}),
        ("/2/media/metadata", {"id": "1", "metadata": {"alt_text": {"text": "nobody's"}}}),
        ("/2/media/metadata", {"id": "1", "metadata": {"alt_text": {"text": "a" * 1_001}}}),
        ("/2/tweets", {"text": "look", "media": {"media_ids": ["1"]}}),
        ("/2/tweets", {"text": "look", "media": {"media_ids": []}}),
    ],
)
def test_what_x_would_not_take_as_a_picture_is_refused_in_its_words(
    ask_standing: Callable[..., requests.Response], path: str, body: dict[str, Any]
) -> None:
    answer = ask_standing("POST", path, body)
    assert answer.status_code == 400
    check(answer, "post", path)


def test_the_usage_report_is_as_described(ask: Callable[..., requests.Response], practice: PracticeThread) -> None:
    ask("GET", "/2/users/me")
    fields = {"usage.fields": "daily_project_usage,daily_client_app_usage,cap_reset_day,project_cap,project_usage"}
    answer = ask("GET", "/2/usage/tweets", token=practice.credentials["bearer"], **fields)
    assert answer.status_code == 200
    check(answer, "get", "/2/usage/tweets")


@pytest.mark.parametrize("endpoint", SERVED, ids=lambda endpoint: str(endpoint.name))
def test_parameters_page_sizes_and_sign_in_are_as_described(endpoint: Endpoint) -> None:
    method, path = endpoint.name.split(" ")
    operation = described()["paths"][re.sub(r":(\w+)", r"{\1}", path)][method.lower()]
    parameters = [
        described()["components"]["parameters"][entry["$ref"].rpartition("/")[2]] if "$ref" in entry else entry
        for entry in operation.get("parameters", ())
    ]
    names = {entry["name"] for entry in parameters if entry["in"] == "query"}
    assert endpoint.parameters - {"post.fields"} == names
    sizes = [entry["schema"] for entry in parameters if entry["name"] == "max_results"]
    if sizes:
        assert endpoint.page[:2] == (sizes[0]["minimum"], sizes[0]["maximum"])
        assert endpoint.page[2] == sizes[0].get("default", endpoint.page[2])
    ways = {name: scopes for entry in operation["security"] for name, scopes in entry.items()}
    assert endpoint.app_only is ("BearerToken" in ways)
    assert endpoint.user_context is ("UserToken" in ways)
    if "OAuth2UserToken" in ways:
        assert endpoint.scopes == set(ways["OAuth2UserToken"])


@pytest.mark.parametrize("path", [DESCRIPTION, NEWER], ids=["2.166", "2.167"])
@pytest.mark.parametrize(
    ("kind", "known"),
    [
        (("TweetFieldsParameter", "PostFieldsParameter"), asked.POST_FIELDS),
        (("UserFieldsParameter",), asked.USER_FIELDS),
        (("PollFieldsParameter",), asked.POLL_FIELDS),
        (("MediaFieldsParameter",), asked.MEDIA_FIELDS),
        (("TweetExpansionsParameter", "PostExpansionsParameter"), asked.POST_EXPANSIONS),
        (("UserExpansionsParameter",), asked.USER_EXPANSIONS),
    ],
)
def test_every_field_x_knows_is_known(path: Path, kind: tuple[str, ...], known: frozenset[str]) -> None:
    parameters = described(path)["components"]["parameters"]
    (found,) = (parameters[name] for name in kind if name in parameters)
    assert set(found["schema"]["items"]["enum"]) <= known
