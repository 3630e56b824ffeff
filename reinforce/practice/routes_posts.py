"""Endpoints that make, delete and read posts."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from reinforce.practice import endpoints, problems, tables
from reinforce.practice.api import Api, Call, Reply, refusal
from reinforce.practice.asked import identifier
from reinforce.practice.config import PRICES
from reinforce.practice.editing import delete_all_versions, edit_post, newest_only, versions
from reinforce.practice.posting import add_post, live_post, user_by_id
from reinforce.practice.reading import (
    MENTIONS_REACH,
    TIMELINE_REACH,
    Page,
    read_page,
    read_users,
    visible,
)
from reinforce.practice.rendered import render
from reinforce.practice.rules import DAY, check_person_post, check_post, read_request
from reinforce.practice.search import DAYS, conditions_of
from reinforce.practice.shapes import stamp
from reinforce.practice.storage import Storage, first_id_at


def router_of(api: Api) -> APIRouter:  # noqa: C901  one short function an endpoint
    """The routes below /2 that concern posts."""
    router = APIRouter()
    storage = api.storage

    @router.post("/2/tweets")
    def create(request: Request) -> Response:
        return api.answer(request, endpoints.CREATE, lambda call: _create(storage, call), writes=True)

    @router.get("/2/tweets")
    def lookup(request: Request) -> Response:
        return api.answer(request, endpoints.LOOKUP, _lookup)

    @router.get("/2/tweets/search/recent")
    def search(request: Request) -> Response:
        return api.answer(request, endpoints.SEARCH, _search)

    @router.delete("/2/tweets/{post_id}")
    def remove(post_id: str, request: Request) -> Response:
        return api.answer(request, endpoints.DELETE, lambda call: _remove(storage, call, post_id), writes=True)

    @router.get("/2/tweets/{post_id}")
    def one(post_id: str, request: Request) -> Response:
        return api.answer(request, endpoints.ONE_POST, lambda call: _one(call, post_id))

    @router.get("/2/tweets/{post_id}/liking_users")
    def liking(post_id: str, request: Request) -> Response:
        return api.answer(request, endpoints.LIKING, lambda call: _engaged(call, post_id, tables.likes))

    @router.get("/2/tweets/{post_id}/retweeted_by")
    def reposted(post_id: str, request: Request) -> Response:
        return api.answer(request, endpoints.REPOSTED, lambda call: _engaged(call, post_id, tables.reposts))

    @router.get("/2/tweets/{post_id}/quote_tweets")
    def quotes(post_id: str, request: Request) -> Response:
        return api.answer(request, endpoints.QUOTES, lambda call: _quotes(call, post_id))

    @router.get("/2/users/{user_id}/tweets")
    def timeline(user_id: str, request: Request) -> Response:
        return api.answer(request, endpoints.TIMELINE, lambda call: _timeline(call, user_id))

    @router.get("/2/users/{user_id}/mentions")
    def mentions(user_id: str, request: Request) -> Response:
        return api.answer(request, endpoints.MENTIONS, lambda call: _mentions(call, user_id))

    @router.api_route("/2/users/{user_id}/{act:path}", methods=["POST", "DELETE"])
    def removed(act: str, request: Request) -> Response:
        if act.split("/", maxsplit=1)[0] not in ("likes", "following", "retweets"):
            return refusal(problems.not_found())
        return api.answer(request, endpoints.REMOVED, _removed)

    @router.api_route("/2/{path:path}", methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
    def unknown() -> Response:
        return refusal(problems.not_found())

    return router


def _create(storage: Storage, call: Call) -> Reply:
    author_id = call.caller.user_id
    assert author_id is not None
    new = read_request(call.body, priced=call.caller.kind == "user")
    if call.caller.kind == "person":
        check_person_post(call.connection, new)
    else:
        check_post(call.connection, storage, author_id, new, call.rules)
    if new.edits is None:
        row = add_post(call.connection, storage, author_id, new, call.rules)
    else:
        row = edit_post(call.connection, storage, author_id, new.edits, new, call.rules)
    shown = render(row.text, display_start=0, user_id_of=lambda _handle: None)
    history = [str(one) for one in versions(call.connection, row.id)]
    data = {"id": str(row.id), "text": shown.text, "edit_history_tweet_ids": history}
    return Reply({"data": data}, status=201, cost=row.cost, resources=1)


def _remove(storage: Storage, call: Call, post_id: str) -> Reply:
    row = live_post(call.connection, identifier("id", post_id))
    if row is None:
        return Reply({"data": {"deleted": False}})
    if row.author_id != call.caller.user_id:
        raise problems.forbidden("You are not authorized to delete this Tweet.")
    delete_all_versions(call.connection, storage, row.id)
    return Reply({"data": {"deleted": True}}, resources=1)


def _lookup(call: Call) -> Reply:
    return _by_ids(call, call.asked.identifiers("ids"), "ids", as_list=True)


def _one(call: Call, post_id: str) -> Reply:
    return _by_ids(call, [identifier("id", post_id)], "id", as_list=False)


def _by_ids(call: Call, ids: list[int], parameter: str, *, as_list: bool) -> Reply:
    posts = tables.posts.c
    query = select(tables.posts).where(posts.id.in_(ids), visible(call.view))
    found = {row.id: row for row in call.connection.execute(query)}
    shaper = call.shaper()
    data = shaper.posts([found[post_id] for post_id in ids if post_id in found])
    for post_id in ids:
        if post_id not in found:
            exists = call.view.landed_before is None and live_post(call.connection, post_id) is not None
            entry = problems.hidden if exists else problems.missing
            shaper.errors.append(entry("tweet", parameter, post_id))
    cost = _cost(call, len(found), owned=False)
    return Reply(shaper.answer(data if as_list else (data[0] if data else None)), cost=cost, resources=len(found))


def _timeline(call: Call, user_id: str) -> Reply:
    owner, error = _owner(call, user_id)
    if error is not None:
        return error
    posts = tables.posts.c
    conditions = [posts.author_id == owner, visible(call.view)]
    if "replies" in call.asked.choices("exclude", frozenset({"replies", "retweets"})):
        conditions.append(posts.in_reply_to_id.is_(None))
    return _page(call, conditions, owned=owner == call.caller.user_id, reach=TIMELINE_REACH)


def _mentions(call: Call, user_id: str) -> Reply:
    owner, error = _owner(call, user_id)
    if error is not None:
        return error
    mentions = tables.mentions.c
    mentioning = select(mentions.post_id).where(mentions.user_id == owner)
    if not call.rules.implicit_mentions:
        mentioning = mentioning.where(mentions.implicit.is_(False))
    conditions = [tables.posts.c.id.in_(mentioning), visible(call.view)]
    return _page(call, conditions, owned=owner == call.caller.user_id, reach=MENTIONS_REACH)


def _search(call: Call) -> Reply:
    earliest = call.now - DAYS * DAY
    asked = call.asked.range()
    if asked.since_id is not None and asked.start is not None:
        message = "`since_id` and `start_time` can not be used together"
        raise problems.invalid("since_id", asked.since_id, message)
    if asked.since_id is not None and asked.since_id < first_id_at(earliest):
        message = (
            f"'since_id' must be a tweet id created after [{stamp(earliest)}]. "
            f"Please use a 'since_id' that is larger than {first_id_at(earliest)}"
        )
        raise problems.invalid("since_id", asked.since_id, message)
    if asked.start is not None and asked.start < earliest:
        message = f"Invalid 'start_time':'{call.asked.text('start_time')}'. It must be on or after {stamp(earliest)}."
        raise problems.invalid("start_time", call.asked.text("start_time"), message)
    conditions = conditions_of(call.connection, call.asked.text("query") or "")
    users = tables.users.c
    # Protected accounts are left out of search even for those who may see them.
    open_authors = select(users.id).where(users.protected.is_(False))
    conditions += [
        tables.posts.c.author_id.in_(open_authors),
        tables.posts.c.created_at >= earliest,
        visible(call.view),
    ]
    return _page(call, conditions, owned=False, token=call.asked.text("next_token"))


def _quotes(call: Call, post_id: str) -> Reply:
    call.asked.choices("exclude", frozenset({"replies", "retweets"}))
    conditions = [tables.posts.c.quoted_id == identifier("id", post_id), visible(call.view)]
    return _page(call, conditions, owned=False, range_in_meta=False)


def _engaged(call: Call, post_id: str, table: Any) -> Reply:
    wanted = identifier("id", post_id)
    if live_post(call.connection, wanted) is None:
        return Reply({"errors": [problems.missing("tweet", "id", wanted)]})
    members = select(table.c.user_id).where(table.c.post_id == wanted)
    query = select(tables.users).where(tables.users.c.id.in_(members))
    token = call.asked.text("pagination_token")
    page = read_users(call.connection, query, size=call.asked.page_size(), token=token)
    shaper = call.shaper(of_users=True)
    meta = {"result_count": len(page.rows)} | page.tokens()
    cost = len(page.rows) * PRICES["user_read"]
    return Reply(shaper.answer(shaper.users(page.rows), meta), cost=cost, resources=len(page.rows))


def _removed(_call: Call) -> Reply:
    raise problems.removed_from_tier()


def _owner(call: Call, user_id: str) -> tuple[int, Reply | None]:
    wanted = identifier("id", user_id)
    user = user_by_id(call.connection, wanted)
    if user is None:
        return wanted, Reply({"errors": [problems.missing("user", "id", wanted)]})
    followed = user.followed and call.view.follows
    if user.protected and wanted != call.caller.user_id and not followed:
        return wanted, Reply({"errors": [problems.hidden("user", "id", wanted)]})
    return wanted, None


def _page(
    call: Call,
    conditions: list[Any],
    *,
    owned: bool,
    reach: int | None = None,
    token: str | None = None,
    range_in_meta: bool = True,
) -> Reply:
    page: Page = read_page(
        call.connection,
        [*conditions, newest_only()],
        asked=call.asked.range(),
        size=call.asked.page_size(),
        token=token or call.asked.text("pagination_token"),
        reach=reach,
        shift=call.view.shift,
    )
    shaper = call.shaper()
    data = shaper.posts(page.rows)
    cost = _cost(call, len(page.rows), owned=owned)
    meta = page.meta() if range_in_meta else {"result_count": len(page.rows)} | page.tokens()
    return Reply(shaper.answer(data, meta), cost=cost, resources=len(page.rows))


def _cost(call: Call, posts: int, *, owned: bool) -> int:
    """`owned`: it is our timeline, or our mentions. Anywhere else our own posts cost as much as any."""
    return 0 if call.caller.kind == "person" else posts * PRICES["owned_read" if owned else "read"]
