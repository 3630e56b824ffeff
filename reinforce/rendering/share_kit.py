"""A share kit as a page and as Markdown: wordings that somebody may post themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reinforce.domain.authoring.post_rules import objections
from reinforce.domain.errors import NotAllowed
from reinforce.domain.gathering.events import Event
from reinforce.domain.texts.canonical_text import nfc
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.domain.texts.weighted_length import weighted_length
from reinforce.rendering.dates import spoken_date, spoken_time
from reinforce.rendering.pages import page_environment
from reinforce.rendering.posts import PostRenderer

MOST = 280
# What X's rules on authenticity and on platform manipulation ask of whoever posts, in plain words.
RULES = (
    "Post one of these only if you like, from your own account. Nobody posts it for you.",
    "Say it in your own words: X takes the same text from many accounts for spam.",
    "Nothing is given or promised for a post, a like, a repost or a reply; don't promise anybody anything either.",
    "Name nobody whom you have not asked. If you are paid for being there, say so.",
)


@dataclass(frozen=True, slots=True)
class ShareText:
    """A wording, with its length as X counts it."""

    text: str
    length: int


def share_texts(
    event: Event, role: str, own: Sequence[str], renderer: PostRenderer, language: str, guard: NamingGuard
) -> tuple[ShareText, ...]:
    """The wordings about an event for a `role` ("guest", "participant"): `own` ones, else those that ship. Raises
    NotAllowed for one that X would not take, or that names somebody who has not agreed."""
    when = f"{spoken_date(event.starts, language)}, {spoken_time(event.starts)}"
    texts = own or renderer.ways(f"share_{role}", language, title=event.title, when=when)
    tail = "".join((f" #{event.hashtag}" if event.hashtag else "", f"\n{event.link}" if event.link else ""))
    found = []
    for one in texts:
        text = nfc(one.strip() + tail)
        against = objections(text)
        if against:
            raise NotAllowed(f"{against[0].message.rstrip('.')}: “{text}”", against[0].advice)
        if guard.find(text):
            raise NotAllowed("a wording names somebody who has not agreed to it", "Write the role instead of the name.")
        found.append(ShareText(text, weighted_length(text)))
    return tuple(found)


def kit_page(event: Event, role: str, texts: Sequence[ShareText], language: str, templates: Path) -> str:
    """The kit as a page to print or to mail."""
    page = page_environment(templates).get_template("share_kit.html")
    return page.render(event=event, role=role, texts=texts, rules=RULES, most=MOST, language=language)


def kit_markdown(event: Event, role: str, texts: Sequence[ShareText]) -> str:
    """The kit as Markdown."""
    lines = [f"# {event.title}: wordings for a {role}", "", *(f"- {rule}" for rule in RULES)]
    for number, one in enumerate(texts, start=1):
        lines += ["", f"## {number} ({one.length} of {MOST})", "", *(f"    {line}" for line in one.text.splitlines())]
    return "\n".join(lines) + "\n"
