"""The endpoints of X's API v2 that the practice account serves: who may call them, how often, with which parameters."""

from __future__ import annotations

from dataclasses import dataclass

QUARTER_HOUR = 900.0
DAY = 86400.0

_POST_FIELDS = frozenset({
    "tweet.fields", "post.fields", "expansions", "media.fields", "poll.fields", "user.fields", "place.fields",
})  # fmt: skip
_USER_FIELDS = frozenset({"user.fields", "expansions", "tweet.fields", "post.fields"})
_PAGE = frozenset({"max_results", "pagination_token"})
_RANGE = frozenset({"since_id", "until_id", "start_time", "end_time"})

_READ = frozenset({"tweet.read", "users.read"})
_WRITE = _READ | {"tweet.write"}
_LIKES = _READ | {"like.read"}
_MEDIA = frozenset({"media.write"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`user_limit` and `app_limit` are requests a window (machine seconds); None: not limited that way.

    `page` is (least, most, usual) of `max_results`; `owned` says that reads of our own data cost the lower price.
    """

    name: str
    parameters: frozenset[str] = frozenset()
    scopes: frozenset[str] = _READ
    app_only: bool = True
    user_context: bool = True
    user_limit: int | None = None
    app_limit: int | None = None
    app_window: float = QUARTER_HOUR
    page: tuple[int, int, int] = (1, 100, 100)
    owned: bool = False


CREATE = Endpoint("POST /2/tweets", scopes=_WRITE, app_only=False, user_limit=100, app_limit=10_000, app_window=DAY)
DELETE = Endpoint("DELETE /2/tweets/:id", scopes=_WRITE, app_only=False, user_limit=50)
UPLOAD = Endpoint(
    "POST /2/media/upload", scopes=_MEDIA, app_only=False, user_limit=500, app_limit=50_000, app_window=DAY
)
DESCRIBE = Endpoint(
    "POST /2/media/metadata", scopes=_MEDIA, app_only=False, user_limit=500, app_limit=50_000, app_window=DAY
)
ME = Endpoint("GET /2/users/me", _USER_FIELDS, app_only=False, user_limit=75)
USER = Endpoint("GET /2/users/:id", _USER_FIELDS, user_limit=900, app_limit=300)
USERS = Endpoint("GET /2/users", _USER_FIELDS | {"ids"}, user_limit=900, app_limit=300)
BY_HANDLE = Endpoint("GET /2/users/by/username/:username", _USER_FIELDS, user_limit=900, app_limit=300)
TIMELINE = Endpoint(
    "GET /2/users/:id/tweets",
    _POST_FIELDS | _PAGE | _RANGE | {"exclude"},
    user_limit=900,
    app_limit=10_000,
    page=(5, 100, 10),
    owned=True,
)
MENTIONS = Endpoint(
    "GET /2/users/:id/mentions",
    _POST_FIELDS | _PAGE | _RANGE,
    user_limit=300,
    app_limit=450,
    page=(5, 100, 10),
    owned=True,
)
LOOKUP = Endpoint("GET /2/tweets", _POST_FIELDS | {"ids"}, user_limit=900, app_limit=450)
ONE_POST = Endpoint("GET /2/tweets/:id", _POST_FIELDS, user_limit=900, app_limit=450)
SEARCH = Endpoint(
    "GET /2/tweets/search/recent",
    _POST_FIELDS | _PAGE | _RANGE | {"query", "next_token", "sort_order"},
    user_limit=300,
    app_limit=450,
    page=(10, 100, 10),
)
LIKING = Endpoint(
    "GET /2/tweets/:id/liking_users",
    _USER_FIELDS | _PAGE,
    scopes=_LIKES,
    app_only=False,
    user_limit=75,
    app_limit=75,
)
REPOSTED = Endpoint("GET /2/tweets/:id/retweeted_by", _USER_FIELDS | _PAGE, user_limit=75, app_limit=75)
QUOTES = Endpoint(
    "GET /2/tweets/:id/quote_tweets",
    _POST_FIELDS | _PAGE | {"exclude"},
    user_limit=75,
    app_limit=75,
    page=(10, 100, 10),
)
USAGE = Endpoint("GET /2/usage/tweets", frozenset({"days", "usage.fields"}), user_context=False, app_limit=50)
REMOVED = Endpoint("removed from self-serve", scopes=_WRITE, app_only=False, user_limit=50)
