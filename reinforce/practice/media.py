"""Pictures: uploaded in one request, described, then attached to a post; what is not attached in a day is gone.

What a picture is, is read from its own first bytes: the category is only what the client says of it.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from reinforce.practice import problems, tables
from reinforce.practice.storage import Storage, as_id

LARGEST = 5_000_000
GOOD_FOR = 86_400.0
LONGEST_ALT = 1_000
MOST_A_POST = 4
_CATEGORIES = {"tweet_image", "tweet_video", "tweet_gif", "dm_image", "dm_video", "dm_gif", "subtitles"}
_STARTS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture attached to a post, as the pages show it."""

    id: int
    alt: str


def type_of(content: bytes) -> str | None:
    """The media type that the first bytes tell; None for what X takes no image of."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _STARTS if content.startswith(start)), None)


def size_of(content: bytes, media_type: str) -> tuple[int, int]:
    """Width and height in pixels where a PNG tells them, else (0, 0)."""
    if media_type == "image/png" and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    return 0, 0


def media_key(media_id: int) -> str:
    """X's name of an attached picture: 3 stands for photos."""
    return f"3_{media_id}"


def read_upload(body: bytes) -> bytes:
    """The picture in the body of a one-shot upload. Raises Problem (400)."""
    asked = _object_in(body, {"media", "media_category", "media_type", "shared", "additional_owners"})
    category = asked.get("media_category")
    if category not in _CATEGORIES:
        raise problems.invalid("media_category", category, "$.media_category: is not one of the categories")
    if category != "tweet_image":
        raise problems.invalid("media_category", category, "the practice account takes pictures (tweet_image) only")
    try:
        content = base64.b64decode(asked.get("media") or "", validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise problems.invalid("media", "", "$.media: is not base64") from None
    if len(content) > LARGEST:
        raise problems.invalid_request("File size exceeds 5242880 bytes.")
    if type_of(content) is None:
        raise problems.invalid_request("media type unrecognized.")
    return content


def add_media(connection: Connection, storage: Storage, owner_id: int, content: bytes) -> dict[str, Any]:
    """Keep an uploaded picture; X's answer."""
    media_id = storage.next_id(connection)
    kind = type_of(content) or ""
    width, height = size_of(content, kind)
    row = {"id": media_id, "owner_id": owner_id, "media_type": kind, "width": width, "height": height, "alt_text": ""}
    expires = storage.wall() + GOOD_FOR
    connection.execute(insert(tables.media).values(**row, content=content, expires_wall=expires, attached=False))
    image = {"image_type": kind, "w": width, "h": height}
    return {
        "id": str(media_id),
        "media_key": media_key(media_id),
        "size": len(content),
        "expires_after_secs": int(GOOD_FOR),
        "image": image,
    }


def describe(connection: Connection, storage: Storage, owner_id: int, body: bytes) -> dict[str, Any]:
    """Give a picture its alternative text; X's answer. Raises Problem (400)."""
    asked = _object_in(body, {"id", "metadata"})
    metadata = asked.get("metadata")
    alt = metadata.get("alt_text") if isinstance(metadata, dict) else None
    text = alt.get("text") if isinstance(alt, dict) else None
    if not isinstance(text, str) or not 1 <= len(text) <= LONGEST_ALT:
        message = f"$.metadata.alt_text.text: has 1 to {LONGEST_ALT} characters"
        raise problems.invalid("metadata.alt_text.text", "", message)
    media_id = _identifier(asked.get("id"))
    usable(connection, storage, owner_id, [media_id])
    connection.execute(update(tables.media).where(tables.media.c.id == media_id).values(alt_text=text))
    return {"id": str(media_id), "associated_metadata": {"alt_text": {"text": text}}}


def usable(connection: Connection, storage: Storage, owner_id: int, ids: Sequence[int]) -> None:
    """Raises Problem (400) unless all of `ids` are uploads of the owner that have not run out."""
    m = tables.media.c
    good = (m.expires_wall > storage.wall()) | m.attached
    query = select(m.id).where(m.id.in_(ids), m.owner_id == owner_id, good)
    if set(connection.execute(query).scalars()) != set(ids):
        raise problems.invalid("media.media_ids", [str(one) for one in ids], "Your media IDs are invalid.")


def attach(connection: Connection, post_id: int, ids: Sequence[int]) -> None:
    """Let a post show uploads, in this order; they are kept for as long as the post."""
    connection.execute(update(tables.media).where(tables.media.c.id.in_(ids)).values(attached=True))
    for position, media_id in enumerate(ids):
        row = {"post_id": post_id, "position": position, "media_id": media_id}
        connection.execute(insert(tables.attachments).values(**row))


# Built once: it is asked for each post that is shown.
_ATTACHED = (
    select(tables.attachments.c.media_id)
    .where(tables.attachments.c.post_id == bindparam("post"))
    .order_by(tables.attachments.c.position)
)


def attached_to(connection: Connection, post_id: int) -> list[int]:
    """The ids of the pictures that a post shows, in their order."""
    return list(connection.execute(_ATTACHED, {"post": post_id}).scalars())


def pictures(connection: Connection, post_id: int) -> tuple[Picture, ...]:
    """Those of a post in their order."""
    ids = attached_to(connection, post_id)
    found = {row.id: row for row in media_rows(connection, ids)}
    return tuple(Picture(one, found[one].alt_text) for one in ids if one in found)


def media_rows(connection: Connection, ids: Sequence[int]) -> list[Row[Any]]:
    """What is known of them, but for their bytes."""
    m = tables.media.c
    columns = (m.id, m.media_type, m.width, m.height, m.alt_text)
    return list(connection.execute(select(*columns).where(m.id.in_(ids)).order_by(m.id)))


def content_of(connection: Connection, media_id: int) -> tuple[bytes, str] | None:
    """The bytes of an attached picture, and their type."""
    m = tables.media.c
    row = connection.execute(select(m.content, m.media_type).where(m.id == media_id, m.attached)).one_or_none()
    return None if row is None else (row.content, row.media_type)


def read_ids(asked: Any) -> tuple[int, ...]:
    """The ids in the `media` of a post's body. Raises Problem (400)."""
    if asked is None:
        return ()
    if not isinstance(asked, dict) or not set(asked) <= {"media_ids", "tagged_user_ids"}:
        raise problems.invalid("media", "", "$.media: must be an object with media_ids")
    ids = asked.get("media_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_A_POST:
        raise problems.invalid("media.media_ids", "", f"$.media.media_ids: must hold 1 to {MOST_A_POST} ids")
    return tuple(_identifier(one) for one in ids)


def _identifier(value: Any) -> int:
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 19:
        raise problems.invalid("id", value, "$.id: does not match the regex pattern ^[0-9]{1,19}$")
    return as_id(value)


def _object_in(body: bytes, known: set[str]) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except ValueError:
        raise problems.invalid_request("The request body is not valid JSON.") from None
    if not isinstance(asked, dict):
        raise problems.invalid_request("The request body must be a JSON object.")
    for key in asked:
        if key not in known:
            raise problems.invalid(key, "", f"$.{key}: is not defined in the schema")
    return asked
