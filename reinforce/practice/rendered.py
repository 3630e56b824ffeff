"""Turns a stored text into what X's API returns for it.

X replaces each link by an address of its own shortener (t.co) and writes `&`, `<` and `>` as HTML entities; the places
of entities count code points of the text so returned.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reinforce.practice.entities import Span, find_cashtags, find_hashtags, find_mentions, find_urls

DISPLAYED_URL = 26


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text as the API returns it, its entities in the API's form, and where its visible part begins."""

    text: str
    entities: dict[str, list[dict[str, Any]]]
    display_start: int


def render(
    text: str, *, display_start: int, user_id_of: Callable[[str], int | None], media: Sequence[Mapping[str, str]] = ()
) -> Rendered:
    """`text` as X returns it. `user_id_of` maps a handle to its user id, None if there is no such user.

    Each of `media` ("media_key" and the "expanded_url" of its page) is an entity of the one link that X puts behind
    the text.
    """
    pieces: list[str] = []
    entities: dict[str, list[dict[str, Any]]] = {}
    length = done = 0
    for span, kind in _entity_spans(text):
        before = _escaped(text[done : span.start])
        shown = short_address(span.value) if kind == "urls" else text[span.start : span.end]
        start = length + len(before)
        entry = _entry(kind, span, shown, user_id_of)
        if entry is not None:
            entities.setdefault(kind, []).append({"start": start, "end": start + len(shown), **entry})
        pieces += (before, shown)
        length = start + len(shown)
        done = span.end
    rest = _escaped(text[done:])
    pieces.append(rest)
    if media:
        length += len(rest)
        blank = " " if length else ""
        link = short_address(media[0]["expanded_url"])
        pieces += (blank, link)
        place = {"start": length + len(blank), "end": length + len(blank) + len(link)}
        shown_as = {"url": link, "display_url": "pic.x.com/" + link[-10:]}
        entities.setdefault("urls", []).extend({**place, **shown_as, **one} for one in media)
    # Only handles and blanks stand before the visible part: nothing in it is replaced, so its place is the same.
    return Rendered("".join(pieces), entities, display_start)


def short_address(url: str) -> str:
    """The t.co address that stands for `url`: 23 characters, the same for the same link."""
    name = hashlib.sha256(url.encode()).hexdigest()[:10]
    return f"https://t.co/{name}"


def expanded(url: str) -> str:
    """`url` with a protocol, as X gives it in `expanded_url`."""
    return url if "://" in url else f"http://{url}"


def _entity_spans(text: str) -> list[tuple[Span, str]]:
    found = [(span, "urls") for span in find_urls(text)]
    found += [(span, "mentions") for span in find_mentions(text)]
    found += [(span, "hashtags") for span in find_hashtags(text)]
    found += [(span, "cashtags") for span in find_cashtags(text)]
    return sorted(found, key=lambda pair: pair[0].start)


def _entry(kind: str, span: Span, shown: str, user_id_of: Callable[[str], int | None]) -> dict[str, Any] | None:
    if kind == "urls":
        display = span.value.removeprefix("https://").removeprefix("http://").removeprefix("www.")
        if len(display) > DISPLAYED_URL:
            display = display[:DISPLAYED_URL] + "…"
        return {"url": shown, "expanded_url": expanded(span.value), "display_url": display}
    if kind == "mentions":
        user_id = user_id_of(span.value)
        return None if user_id is None else {"username": span.value, "id": str(user_id)}
    return {"tag": span.value}


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
