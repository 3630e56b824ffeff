"""The pages of the practice account: its timeline, threads and profiles, and forms to act as any learner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection, or_, select

from reinforce.practice import tables
from reinforce.practice.api import Api
from reinforce.practice.config import PRICES, current_rules
from reinforce.practice.faults import KINDS, Faults
from reinforce.practice.forms import FormRefused, check_form
from reinforce.practice.media import content_of
from reinforce.practice.oauth import form_of
from reinforce.practice.posting import NewPost, add_post, cast_vote, live_post, set_like, user_by_handle, user_by_id
from reinforce.practice.problems import Problem
from reinforce.practice.rules import check_person_post, spent_this_month
from reinforce.practice.storage import as_id, count_of, instant_of, setting
from reinforce.practice.templates import Templates
from reinforce.practice.timeline import conversation, dollars, page_of_posts, views_of

PAGE = 30


def router_of(api: Api, faults: Faults, templates: Templates) -> APIRouter:  # noqa: C901  one short function a page
    """All routes that answer with HTML."""
    router = APIRouter()
    site = _Site(api, templates)

    @router.get("/")
    def timeline(request: Request) -> Response:
        return site.show(request, "timeline.html", lambda c: _timeline(c, request))

    @router.get("/posts/{post_id}")
    def thread(post_id: str, request: Request) -> Response:
        return site.show(request, "thread.html", lambda c: _thread(c, post_id, api.storage.now()))

    @router.get("/u/{handle}")
    def profile(handle: str, request: Request) -> Response:
        return site.show(request, "profile.html", lambda c: _profile(c, handle, request))

    @router.get("/tag/{tag}")
    def tag(tag: str, request: Request) -> Response:
        return site.show(request, "tag.html", lambda c: _tag(c, tag))

    @router.get("/faults")
    def fault_page(request: Request) -> Response:
        kinds = {kind: what for kind, (what, _after) in KINDS.items()}
        return site.show(request, "faults.html", lambda _c: {"faults": faults.all(), "kinds": kinds})

    @router.post("/faults")
    def switch_fault(request: Request) -> Response:
        return site.act(request, lambda c, form: _switch_fault(c, api, faults, form))

    @router.post("/posts/{post_id}/reply")
    def reply(post_id: str, request: Request) -> Response:
        return site.act(request, lambda c, form: _reply(c, api, post_id, form))

    @router.post("/posts/{post_id}/like")
    def like(post_id: str, request: Request) -> Response:
        return site.act(request, lambda c, form: _like(c, api, post_id, form))

    @router.post("/posts/{post_id}/vote")
    def vote(post_id: str, request: Request) -> Response:
        return site.act(request, lambda c, form: _vote(c, api, post_id, form))

    @router.get("/media/{media_id}")
    def picture(media_id: str) -> Response:
        with api.storage.reading() as connection:
            found = content_of(connection, _number(media_id))
        if found is None:
            return templates.page("refused.html", status=404, words="There is no such picture.")
        # Their bytes never change; what they are is said, so that no browser guesses.
        kept = {"cache-control": "max-age=86400", "x-content-type-options": "nosniff"}
        return Response(found[0], 200, kept, found[1])

    @router.get("/assets/{name}")
    def asset(name: str) -> Response:
        return templates.asset(name) or templates.page("refused.html", status=404, words="There is no such file.")

    return router


class _Site:
    """What all pages share: programme time, the learners one can act as, the month's bill."""

    def __init__(self, api: Api, templates: Templates) -> None:
        self._api = api
        self._templates = templates

    def show(self, request: Request, name: str, values: Callable[[Connection], dict[str, Any] | None]) -> Response:
        """The page `name` with `values` of a snapshot; a 404 page if there are none."""
        with self._api.storage.reading() as connection:
            own = values(connection)
            if own is not None and "rows" in own:
                own["posts"] = views_of(connection, own.pop("rows"), self._api.storage.now())
            common = self._common(connection, request)
        if own is None:
            return self._templates.page("refused.html", status=404, words="There is nothing here (any more).")
        return self._templates.page(name, seen=request.headers.get("if-none-match"), **common, **own)

    def act(self, request: Request, act: Callable[[Connection, dict[str, str]], str]) -> Response:
        """Let `act` do what a form asks for, then lead the browser to the address it returns."""
        form = form_of(request.state.body)
        try:
            with self._api.storage.writing() as connection:
                check_form(request, form, self._api.gate.form_token(connection))
                address = act(connection, form)
        except FormRefused as refused:
            return self._templates.page("refused.html", status=400, words=refused.words)
        except Problem as problem:
            words = str(problem.body.get("detail", "X would refuse this."))
            return self._templates.page("refused.html", status=problem.status, words=words)
        return RedirectResponse(address, 303)

    def _common(self, connection: Connection, request: Request) -> dict[str, Any]:
        storage = self._api.storage
        users = tables.users.c
        learners = select(users.handle, users.name).where(users.kind != "company").order_by(users.handle)
        company = user_by_id(connection, int(setting(connection, "company_id")))
        chosen = request.cookies.get("practice_as", "")
        return {
            "company": company,
            "learners": connection.execute(learners).all(),
            "chosen": chosen,
            "form_token": self._api.gate.form_token(connection),
            "now": instant_of(storage.now()),
            "speed": storage.clock.speed,
            "spent": dollars(spent_this_month(connection, storage)),
            "credit": _credit(current_rules(connection, self._api.config).monthly_credit),
            "prices": {name: dollars(price) for name, price in PRICES.items()},
        }


def _credit(micros: int | None) -> str | None:
    return None if micros is None else dollars(micros)


def _before(request: Request) -> int | None:
    value = request.query_params.get("before", "")
    return _number(value) if value else None


def _number(value: str) -> int:
    """An id out of an address; -1, which no post has, if it is none."""
    return as_id(value) if value.isascii() and value.isdigit() else -1


def _timeline(connection: Connection, request: Request) -> dict[str, Any]:
    company = int(setting(connection, "company_id"))
    posts = tables.posts.c
    # Replies to learners belong to their threads; a course's own steps stay in the timeline, as on X.
    own = or_(posts.in_reply_to_user_id.is_(None), posts.in_reply_to_user_id == company)
    rows = page_of_posts(connection, posts.author_id == company, own, before=_before(request), size=PAGE)
    return {"rows": rows, "more": rows[-1].id if len(rows) == PAGE else None}


def _thread(connection: Connection, post_id: str, now: int) -> dict[str, Any] | None:
    post = live_post(connection, _number(post_id))
    if post is None:
        return None
    above, below = conversation(connection, post)
    return {
        "above": views_of(connection, above, now),
        "focus": views_of(connection, [post], now)[0],
        "below": views_of(connection, below, now),
    }


def _profile(connection: Connection, handle: str, request: Request) -> dict[str, Any] | None:
    user = user_by_handle(connection, handle)
    if user is None:
        return None
    posts = tables.posts
    rows = page_of_posts(connection, posts.c.author_id == user.id, before=_before(request), size=PAGE)
    made = count_of(connection, posts, posts.c.author_id == user.id, posts.c.deleted_at.is_(None))
    return {
        "rows": rows,
        "more": rows[-1].id if len(rows) == PAGE else None,
        "user": user,
        "made": made,
        "joined": instant_of(user.created_at),
    }


def _tag(connection: Connection, tag: str) -> dict[str, Any]:
    says = tables.posts.c.text.contains(f"#{tag}", autoescape=True)
    return {"rows": page_of_posts(connection, says, before=None, size=100), "tag": tag}


def _actor(connection: Connection, form: dict[str, str]) -> int:
    """The learner a form acts as."""
    user = user_by_handle(connection, form.get("as", ""))
    if user is None or user.kind == "company":
        raise FormRefused("Choose a learner to act as. If there are none, enroll some in a cohort first.")
    return int(user.id)


def _target(connection: Connection, post_id: str) -> Any:
    post = live_post(connection, _number(post_id))
    if post is None:
        raise FormRefused("That post is gone.")
    return post


def _reply(connection: Connection, api: Api, post_id: str, form: dict[str, str]) -> str:
    post = _target(connection, post_id)
    # Browsers send line ends as CRLF.
    text = form.get("text", "").replace("\r\n", "\n").strip()
    new = NewPost(text, "page", reply_to=post.id)
    author = _actor(connection, form)
    check_person_post(connection, new)
    row = add_post(connection, api.storage, author, new, current_rules(connection, api.config))
    return f"/posts/{post.id}#p{row.id}"


def _like(connection: Connection, api: Api, post_id: str, form: dict[str, str]) -> str:
    post = _target(connection, post_id)
    set_like(connection, api.storage, post.id, _actor(connection, form), liked=form.get("act") != "unlike")
    return f"/posts/{post.id}"


def _vote(connection: Connection, api: Api, post_id: str, form: dict[str, str]) -> str:
    post = _target(connection, post_id)
    position = form.get("position", "")
    number = int(position) if position in ("1", "2", "3", "4") else 0
    if post.poll_id is None or not cast_vote(connection, api.storage, post.poll_id, _actor(connection, form), number):
        raise FormRefused("That vote does not count: the poll is closed, or this learner has voted already.")
    return f"/posts/{post.id}"


def _switch_fault(connection: Connection, api: Api, faults: Faults, form: dict[str, str]) -> str:
    if not api.gate.is_control(connection, f"Bearer {form.get('control_token', '').strip()}"):
        raise FormRefused("That is not the control token. It stands in credentials.json in the practice folder.")
    if form.get("act") == "clear":
        faults.clear()
        return "/faults"
    asked: dict[str, Any] = {"endpoint": form.get("endpoint", ""), "kind": form.get("kind", "")}
    try:
        asked["count"] = int(form.get("count") or 1)
        if form.get("seconds"):
            asked["seconds"] = float(form["seconds"])
        faults.add(asked)
    except ValueError as error:
        raise FormRefused(str(error)) from error
    return "/faults"
