"""Reads the query parameters of a request, and refuses what X's description refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from reinforce.practice import problems
from reinforce.practice.endpoints import Endpoint
from reinforce.practice.storage import as_id, milliseconds

_ID = re.compile(r"[0-9]{1,19}")

POST_FIELDS = frozenset({
    "article", "attachments", "author_id", "card_uri", "community_id", "context_annotations", "conversation_id",
    "created_at", "display_text_range", "edit_controls", "edit_history_tweet_ids", "edit_history_post_ids", "entities",
    "geo", "id", "in_reply_to_user_id", "lang", "matched_media_notes", "media_metadata", "non_public_metrics",
    "note_request_suggestions", "note_tweet", "note_post", "organic_metrics", "paid_partnership",
    "possibly_sensitive", "promoted_metrics", "public_metrics", "referenced_tweets", "referenced_posts",
    "reply_settings", "scopes", "source", "suggested_source_links", "suggested_source_links_with_counts", "text",
    "withheld", "article_title",
})  # fmt: skip
USER_FIELDS = frozenset({
    "affiliation", "confirmed_email", "connection_status", "created_at", "description", "entities", "id",
    "is_identity_verified", "location", "most_recent_tweet_id", "name", "parody", "pinned_tweet_id",
    "profile_banner_url", "profile_image_url", "protected", "public_metrics", "receives_your_dm", "subscription",
    "subscription_type", "url", "username", "verified", "verified_followers_count", "verified_type", "withheld",
    "subscribes_to_you",
})  # fmt: skip
MEDIA_FIELDS = frozenset({
    "alt_text", "duration_ms", "height", "media_key", "non_public_metrics", "organic_metrics", "preview_image_url",
    "promoted_metrics", "public_metrics", "type", "url", "variants", "width",
})  # fmt: skip
POLL_FIELDS = frozenset({"duration_minutes", "end_datetime", "id", "options", "voting_status"})
POST_EXPANSIONS = frozenset({
    "article.cover_media", "article.media_entities", "attachments.media_keys", "attachments.media_source_tweet",
    "attachments.poll_ids", "author_id", "edit_history_tweet_ids", "edit_history_post_ids",
    "entities.mentions.username", "geo.place_id", "in_reply_to_user_id", "entities.note.mentions.username",
    "referenced_tweets.id", "referenced_posts", "referenced_tweets.id.attachments.media_keys",
    "referenced_tweets.id.author_id", "username",
})  # fmt: skip
USER_EXPANSIONS = frozenset({
    "affiliation.user_id", "affiliation", "most_recent_tweet_id", "most_recent_post_id", "pinned_tweet_id",
    "pinned_post_id",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Fields and expansions asked for; `new_names` when they were asked for as `post.fields`."""

    post_fields: frozenset[str]
    user_fields: frozenset[str]
    poll_fields: frozenset[str]
    media_fields: frozenset[str]
    expansions: frozenset[str]
    new_names: bool


@dataclass(frozen=True, slots=True)
class Range:
    """Ids and instants (milliseconds since 1970) between which posts are asked for; ids exclusive, end exclusive."""

    since_id: int | None
    until_id: int | None
    start: int | None
    end: int | None


class Asked:
    """The query parameters of one request to `endpoint`. Raises Problem (400) for unknown or wrong ones."""

    def __init__(self, endpoint: Endpoint, parameters: Mapping[str, str]) -> None:
        self._endpoint = endpoint
        self._parameters = parameters
        for name in parameters:
            if name not in endpoint.parameters:
                known = ",".join(sorted(endpoint.parameters))
                message = f"The query parameter [{name}] is not one of [{known}]"
                raise problems.invalid(name, parameters[name], message)

    def text(self, name: str) -> str | None:
        """The parameter as it came."""
        return self._parameters.get(name)

    def identifier(self, name: str) -> int | None:
        """A numeric id."""
        value = self._parameters.get(name)
        return None if value is None else identifier(name, value)

    def identifiers(self, name: str) -> list[int]:
        """1 to 100 ids, in the order asked for, each once."""
        value = self._parameters.get(name)
        if not value:
            raise problems.invalid(name, "", f"The `{name}` query parameter can not be empty")
        found = [identifier(name, part) for part in value.split(",")]
        if len(found) > 100:
            message = f"size must be between 1 and 100: [{len(found)}]"
            raise problems.invalid(name, value, message)
        return list(dict.fromkeys(found))

    def whole(self, name: str, least: int, most: int, usual: int) -> int:
        """A whole number from `least` to `most`; `usual` if absent."""
        value = self._parameters.get(name)
        if value is None:
            return usual
        if not re.fullmatch(r"-?[0-9]{1,9}", value) or not least <= int(value) <= most:
            message = f"The `{name}` query parameter value [{value}] is not between {least} and {most}"
            raise problems.invalid(name, value, message)
        return int(value)

    def page_size(self) -> int:
        """`max_results` within the endpoint's bounds."""
        return self.whole("max_results", *self._endpoint.page)

    def choices(self, name: str, allowed: frozenset[str]) -> frozenset[str]:
        """A comma-separated list out of `allowed`."""
        value = self._parameters.get(name)
        if value is None:
            return frozenset()
        found = frozenset(value.split(","))
        for part in found - allowed:
            message = f"The `{name}` query parameter value [{part}] is not one of [{','.join(sorted(allowed))}]"
            raise problems.invalid(name, part, message)
        return found

    def wanted(self, *, of_users: bool = False) -> Wanted:
        """Fields and expansions. "post.fields" and "tweet.fields" are both understood."""
        post_fields = self.choices("tweet.fields", POST_FIELDS) | self.choices("post.fields", POST_FIELDS)
        expansions = self.choices("expansions", USER_EXPANSIONS if of_users else POST_EXPANSIONS)
        return Wanted(
            frozenset(name.replace("_posts", "_tweets").replace("_post_ids", "_tweet_ids") for name in post_fields),
            self.choices("user.fields", USER_FIELDS),
            self.choices("poll.fields", POLL_FIELDS),
            self.choices("media.fields", MEDIA_FIELDS),
            expansions,
            new_names="post.fields" in self._parameters,
        )

    def range(self) -> Range:
        """since_id, until_id, start_time and end_time."""
        start, end = self.instant("start_time"), self.instant("end_time")
        if start is not None and end is not None and start >= end:
            message = "Invalid 'start_time'. 'start_time' must be before 'end_time'."
            raise problems.invalid("start_time", self._parameters["start_time"], message)
        return Range(self.identifier("since_id"), self.identifier("until_id"), start, end)

    def instant(self, name: str) -> int | None:
        """An RFC 3339 instant as milliseconds since 1970."""
        value = self._parameters.get(name)
        if value is None:
            return None
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            message = f"The `{name}` query parameter value [{value}] is not a valid date time with zone (RFC 3339)"
            raise problems.invalid(name, value, message)
        return milliseconds(instant.astimezone(UTC))


def identifier(name: str, value: str) -> int:
    """`value` as an id. Raises Problem (400)."""
    if not _ID.fullmatch(value):
        message = f"The `{name}` query parameter value [{value}] does not match ^[0-9]{{1,19}}$"
        raise problems.invalid(name, value, message)
    return as_id(value)
