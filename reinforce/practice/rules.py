"""What X lets an automated account post (2026): length, polls, duplicates, replies, quotes, credit."""

from __future__ import annotations

import json
import re
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, func, select

from reinforce.practice import media, problems, tables
from reinforce.practice.config import Rules
from reinforce.practice.entities import find_cashtags
from reinforce.practice.posting import NewPoll, NewPost, compose, live_post, price_of, user_by_id
from reinforce.practice.storage import Storage, as_id, count_of, instant_of, milliseconds
from reinforce.practice.texts import fault_of, normalised

_KNOWN = {
    "text", "reply", "poll", "quote_tweet_id", "quote_post_id", "media", "reply_settings", "nullcast", "card_uri",
    "community_id", "direct_message_deep_link", "edit_options", "for_super_followers_only", "geo", "made_with_ai",
    "paid_partnership", "share_with_followers",
}  # fmt: skip
_UNSERVED = ("card_uri", "community_id", "direct_message_deep_link", "edit_options", "geo")
_ID = re.compile(r"[0-9]{1,19}")

DAY = 86_400_000


def read_request(body: bytes, *, priced: bool) -> NewPost:
    """The post that a request's body asks for. Raises Problem (400) if the body is not such a request."""
    try:
        asked = json.loads(body)
    except ValueError:
        raise problems.invalid_request("The request body is not valid JSON.") from None
    if not isinstance(asked, dict):
        raise problems.invalid_request("The request body must be a JSON object.")
    for key in asked:
        if key not in _KNOWN:
            raise problems.invalid(key, asked[key], f"$.{key}: is not defined in the schema")
    for key in _UNSERVED:
        if asked.get(key) and (priced or key != "edit_options"):  # people edit in X's own app
            raise problems.invalid(key, "", f"the practice account does not serve `{key}`")
    text = asked.get("text", "")
    if not isinstance(text, str):
        raise problems.invalid("text", text, "$.text: must be a string")
    reply = _object(asked, "reply", ("in_reply_to_tweet_id", "in_reply_to_post_id", "exclude_reply_user_ids",
                                     "auto_populate_reply_metadata"))  # fmt: skip
    target = reply.get("in_reply_to_tweet_id", reply.get("in_reply_to_post_id"))
    if asked.get("reply") is not None and target is None:
        raise problems.invalid("reply", "", "$.reply.in_reply_to_tweet_id: is missing but it is required")
    quoted = asked.get("quote_tweet_id", asked.get("quote_post_id"))
    return NewPost(
        text=text,
        source="api",
        reply_to=None if target is None else _identifier("reply.in_reply_to_tweet_id", target),
        quoted=None if quoted is None else _identifier("quote_tweet_id", quoted),
        poll=_poll(asked),
        media=media.read_ids(asked.get("media")),
        left_out=frozenset(
            _identifier("reply.exclude_reply_user_ids", value) for value in reply.get("exclude_reply_user_ids") or ()
        ),
        priced=priced,
        edits=_edited(asked),
    )


def _edited(asked: dict[str, Any]) -> int | None:
    options = _object(asked, "edit_options", ("previous_post_id",))
    if not options:
        return None
    return _identifier("edit_options.previous_post_id", options.get("previous_post_id"))


def check_text(text: str) -> None:
    """Raises Problem (400) unless X would take `text` as a post."""
    fault = fault_of(text)
    if fault == "empty":
        raise problems.invalid("text", text, "One of `text` or `media` is required; `text` may not be blank.")
    if fault == "invalid":
        raise problems.invalid("text", "", "The text holds characters that are not allowed (U+FFFE, U+FEFF, U+FFFF).")
    if fault == "too long":
        raise problems.invalid_request(problems.TOO_LONG)
    if len(find_cashtags(text)) > 1:
        raise problems.forbidden("A Post may hold at most one cashtag.")


def check_post(connection: Connection, storage: Storage, author_id: int, new: NewPost, rules: Rules) -> None:
    """Raises Problem unless the account `author_id` may make `new` through the API now."""
    if new.text.strip() or not new.media:
        check_text(new.text)
    if sum((new.poll is not None, new.quoted is not None, bool(new.media))) > 1:
        raise problems.invalid_request("A poll, media and a quote exclude one another.")
    if new.media:
        media.usable(connection, storage, author_id, new.media)
    if new.quoted is not None:
        _check_quote(connection, author_id, new.quoted)
    if new.reply_to is not None:
        _check_reply(connection, author_id, new.reply_to, rules)
    _check_duplicate(connection, storage, author_id, new, rules)
    _check_daily(connection, storage, author_id, rules)
    check_credit(connection, storage, author_id, price_of(connection, author_id, new), rules)


def check_person_post(connection: Connection, new: NewPost) -> None:
    """Raises Problem unless a person may make `new` from a phone: length and a parent that is there."""
    check_text(new.text)
    if new.reply_to is not None and live_post(connection, new.reply_to) is None:
        raise problems.forbidden(problems.PARENT_GONE)


def check_credit(connection: Connection, storage: Storage, user_id: int, cost: int, rules: Rules) -> None:
    """Raises Problem (402) if `cost` no longer fits into this month's credit."""
    if rules.monthly_credit is None:
        return
    if spent_this_month(connection, storage) + cost > rules.monthly_credit:
        raise problems.out_of_credit(user_id)


def spent_this_month(connection: Connection, storage: Storage) -> int:
    """Millionths of a dollar spent since the first of this calendar month, UTC, of programme time."""
    now = instant_of(storage.now()).astimezone(UTC)
    begin = milliseconds(now.replace(day=1, hour=0, minute=0, second=0, microsecond=0))
    calls = tables.calls.c
    query = select(func.coalesce(func.sum(calls.cost), 0)).where(calls.called_at >= begin)
    return int(connection.execute(query).scalar_one())


def engages(connection: Connection, post: Any, user_id: int, rules: Rules) -> bool:
    """Whether the author of `post` @mentioned the user or quoted a post of the user's in it."""
    mentions = tables.mentions.c
    conditions = [mentions.post_id == post.id, mentions.user_id == user_id]
    if not rules.implicit_mentions:
        conditions.append(mentions.implicit.is_(False))
    if count_of(connection, tables.mentions, *conditions):
        return True
    quoted = live_post(connection, post.quoted_id) if post.quoted_id is not None else None
    return quoted is not None and quoted.author_id == user_id


def _check_reply(connection: Connection, author_id: int, target: int, rules: Rules) -> None:
    """The rule of 2026-02-23; a reply to oneself makes a thread and is taken to be allowed."""
    parent = live_post(connection, target)
    if parent is None or not _sees(connection, author_id, parent):
        raise problems.forbidden(problems.PARENT_GONE)
    if parent.author_id != author_id and not engages(connection, parent, author_id, rules):
        raise problems.forbidden(problems.REPLY_RULE)


def _sees(connection: Connection, viewer_id: int, post: Any) -> bool:
    author = user_by_id(connection, post.author_id)
    return author is not None and (author.id == viewer_id or not author.protected or author.followed)


def _check_quote(connection: Connection, author_id: int, target: int) -> None:
    """Quoting left self-serve access on 2026-04-20; a stranger's post gets the words of the rule before it."""
    post = live_post(connection, target)
    if post is None or post.author_id != author_id:
        raise problems.forbidden(problems.QUOTE_RULE)
    raise problems.removed_from_tier()


def _check_duplicate(connection: Connection, storage: Storage, author_id: int, new: NewPost, rules: Rules) -> None:
    if rules.duplicate_hours <= 0:
        return
    posts = tables.posts.c
    since = storage.now() - round(rules.duplicate_hours * 3_600_000)
    query = select(posts.text).where(posts.author_id == author_id, posts.deleted_at.is_(None), posts.created_at > since)
    text = _folded(compose(connection, author_id, new, rules).text)
    if any(_folded(earlier) == text for earlier in connection.execute(query).scalars()):
        raise problems.forbidden(problems.DUPLICATE)


def _folded(text: str) -> str:
    return " ".join(text.split())


def _check_daily(connection: Connection, storage: Storage, author_id: int, rules: Rules) -> None:
    posts = tables.posts.c
    made = count_of(connection, tables.posts, posts.author_id == author_id, posts.created_at > storage.now() - DAY)
    if made >= rules.daily_posts:
        raise problems.forbidden("User is over daily status update limit.")


def _object(asked: dict[str, Any], key: str, known: tuple[str, ...]) -> dict[str, Any]:
    value = asked.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise problems.invalid(key, value, f"$.{key}: must be an object")
    for name in value:
        if name not in known:
            raise problems.invalid(f"{key}.{name}", "", f"$.{key}.{name}: is not defined in the schema")
    return value


def _poll(asked: dict[str, Any]) -> NewPoll | None:
    poll = _object(asked, "poll", ("options", "duration_minutes", "reply_settings"))
    if asked.get("poll") is None:
        return None
    options, minutes = poll.get("options"), poll.get("duration_minutes")
    if not isinstance(options, list) or not 2 <= len(options) <= 4:
        raise problems.invalid("poll.options", options, "$.poll.options: must hold 2 to 4 options")
    for option in options:
        if not isinstance(option, str) or not option.strip() or len(normalised(option)) > 25:
            raise problems.invalid("poll.options", option, "$.poll.options: an option has 1 to 25 characters")
    if len(set(options)) != len(options):
        raise problems.invalid("poll.options", options, "$.poll.options: options must differ")
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 5 <= minutes <= 10_080:
        raise problems.invalid("poll.duration_minutes", minutes, "$.poll.duration_minutes: must be between 5 and 10080")
    return NewPoll(tuple(normalised(option) for option in options), minutes)


def _identifier(parameter: str, value: Any) -> int:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        message = f"$.{parameter}: does not match the regex pattern ^[0-9]{{1,19}}$"
        raise problems.invalid(parameter, value, message)
    return as_id(value)
