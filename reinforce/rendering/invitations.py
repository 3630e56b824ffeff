"""Invitations on paper: what to do, a code to post with a square to scan, and what one agrees to, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import segno
from markupsafe import Markup

from reinforce.domain.authoring.invitation import Invitation
from reinforce.rendering.dates import spoken_date
from reinforce.rendering.pages import page_environment
from reinforce.rendering.phrases import Phrases
from reinforce.rendering.print_words import print_words

HEADINGS = (
    "employee_id",
    "name",
    "email",
    "handle",
    "cohort",
    "account",
    "code",
    "post_this",
    "post_link",
    "expires_on",
    "language",
    "ask_to_follow",
)
_NO_EMAILS: Mapping[str, str] = {}
# X's own page for a post that is written already: nothing goes out before the person presses its button.
_INTENT = "https://x.com/intent/post?text="


def post_link(one: Invitation) -> str:
    """The address that opens X with the post written already; "" for the practice account, which X knows nothing of."""
    return _INTENT + quote(one.addressed, safe="") if one.on_x else ""


def invitations_page(made: Sequence[Invitation], templates: Path) -> str:
    """A page for each learner, in the language they are written to, to print and hand out."""
    page = page_environment(templates, {"square": _square}).get_template("invitations.html")
    spoken = {language: print_words(templates, language) for language in {one.language for one in made}}
    return page.render(invitations=[_shown(one, *spoken[one.language]) for one in made])


def invitation_rows(made: Sequence[Invitation], emails: Mapping[str, str] = _NO_EMAILS) -> tuple[tuple[str, ...], ...]:
    """Headings and rows of the mail merge; `emails` are addresses by employee id."""
    rows = (
        (
            one.employee_id,
            one.name,
            emails.get(one.employee_id, ""),
            one.handle,
            one.cohort_title,
            one.account_handle,
            one.code,
            one.post_this,
            post_link(one),
            _local(one.expires_at, one.zone).date().isoformat(),
            one.language,
            "yes" if one.follow_first else "no",
        )
        for one in made
    )
    return (HEADINGS, *rows)


def _shown(one: Invitation, words: Phrases, language: str) -> dict[str, Any]:
    until = _local(one.expires_at, one.zone)
    follow = "step_ask_to_follow" if one.follow_first else "step_follow"
    return {
        "one": one,
        "language": language,
        "address": post_link(one),
        "for_whom": words.say(0, "for", name=one.name, employee_id=one.employee_id),
        "follow": words.say(0, follow, account=one.account_handle),
        "until": words.say(0, "good_until", date=spoken_date(until, language), year=until.year),
        "agree": [words.say(number, "agree") for number in range(words.variants("agree"))],
        "say": lambda key: words.say(0, key),
    }


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


def _square(address: str, label: str) -> Markup:
    """The address as a QR code, drawn into the page."""
    code = segno.make(address, micro=False, error="m")
    drawn = code.svg_inline(scale=3, border=4, title=label, omitsize=True, svgclass="square", lineclass=None)
    return Markup(drawn)  # noqa: S704 - what segno draws holds no text but the title, which it escapes
