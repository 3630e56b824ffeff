"""Settings that stand in files: cadences, the words that replies are read by, prices and limits, times of keeping. They
are shown with the place where they are changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from reinforce.content.lexicon_file import LexiconForms, read_forms, read_lexicons
from reinforce.content.schedule_file import ScheduleFile, read_schedule
from reinforce.domain.errors import ReinforceError
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.privacy.retention import DESCRIBED, Kept
from reinforce.shipped import shipped
from reinforce.store.reporting.console.schedules import KeptSchedule, kept_schedules
from reinforce.web.cadence_words import cadence_words, slot_words
from reinforce.web.console import Console

# What a person asks "how is that read?" about, and the lists that decide it; docs/how-to/extend-the-lexicon.md has all.
INTENTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("stop", ("stop", "stop_alone", "stop_after", "wants")),
    ("pause, and a person reads it", ("complaints", "surfeit", "contacts")),
    ("start again", ("start",)),
    ("snooze", ("snooze", "away")),
    ("join", ("join", "join_code")),
    ("look-up", ("lookup", "lookup_how", "catch_up")),
    ("got it", ("got_it", "got_it_alone")),
    ("not sure", ("not_sure", "not_sure_alone")),
    ("question", ("question_start", "question_words", "seeks", "defines")),
    ("may or may not be named", ("may_name", "not_name")),
)
_LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}
# What each price is, as a person asks for it; the fields are `domain.sending.budget.Tariff`'s.
PRICES = (
    ("post", "a post"),
    ("post_with_link", "a post with a link in it"),
    ("poll", "a poll"),
    ("reply", "a reply to somebody who wrote to us"),
    ("own_read", "reading a post of our own timeline or a mention"),
    ("read", "reading any other post"),
    ("user_read", "reading a profile"),
    ("media_metadata", "the alternative text of a picture"),
    ("deletion", "taking a post off X"),
)
_DAILY = {"posts": "posts and replies, of anybody", "posts_unverified": "posts of an account X has not verified",
          "replies_unverified": "replies of an account X has not verified"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CadenceCard:
    """A cadence on the page. `kind` says where it comes from: "ships", "yours", or "changed" where yours has the name
    of one that ships; `cohorts` are slugs and titles."""

    name: str
    title: str
    kind: str
    slots: tuple[str, ...]
    words: tuple[tuple[str, str], ...]
    cohorts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FormList:
    """A list of the lexicon: the forms that ship, and those the workspace adds, each with its file."""

    name: str
    forms: tuple[str, ...]
    own: tuple[tuple[str, str], ...]


def routes(console: Console) -> APIRouter:
    """`/settings/cadences`, `/settings/lexicon`, `/settings/files`."""
    router = console.router()

    @router.get("/settings/cadences")
    def cadences(request: Request) -> Response:
        with console.database.read() as connection:
            kept = kept_schedules(connection)
        files = [read_schedule(path) for path in sorted(shipped("schedules").glob("*.yaml"))]
        return console.show(request, "cadences", {"cards": _cards(kept, files)})

    @router.get("/settings/lexicon")
    def lexicon(request: Request, language: str = "en") -> Response:
        folder = console.settings.workspace / "lexicon"
        ships, fault = read_forms(shipped("templates") / "lexicon"), None
        own: tuple[LexiconForms, ...] = ()
        try:
            read_lexicons(shipped("templates") / "lexicon", folder)  # what it refuses is not read, so not shown
            own = read_forms(folder)
        except ReinforceError as refused:
            fault = refused
        languages = {one.language for one in (*ships, *own)}
        language = language if language in languages else "en"
        values: dict[str, Any] = {
            "languages": [(one, _LANGUAGES.get(one, one or "any")) for one in sorted(languages)],
            "language": language,
            "intents": _intents(_of(ships, language), _of(own, language)),
            "own": own,
            "fault": fault,
        }
        return console.show(request, "lexicon", values)

    @router.get("/settings/files")
    def files(request: Request) -> Response:
        tariff, settings = console.tariff, console.settings
        values = {
            "tariff": tariff,
            "prices": [(words, getattr(tariff, name)) for name, words in PRICES],
            "limits": sorted(tariff.limits.items()),
            "daily": [(_DAILY.get(name, name), number) for name, number in sorted(tariff.daily.items())],
            # Without how much of it is due: that is counted over all that is kept.
            "kept": [
                (f"keep_{one.value}_days", getattr(settings, f"keep_{one.value}_days"), DESCRIBED[one]) for one in Kept
            ],
            "settings": settings,
            "mail": settings.smtp_host,
        }
        return console.show(request, "files", values)

    return router


def _cards(kept: Sequence[KeptSchedule], files: Sequence[ScheduleFile]) -> list[CadenceCard]:
    """Those that cohorts have first, then the others that ship."""
    by_name = {one.name: one for one in files}
    used = {one.name for one in kept}
    cards = []
    for one in sorted(kept, key=lambda one: not one.cohorts):
        ships = by_name.get(one.name)
        kind = "yours" if ships is None else "ships" if ships.content_hash == one.content_hash else "changed"
        cadence, title = Cadence.from_content(one.content), str(one.content.get("title", one.name))
        cards.append(_card(cadence, title, kind, one.cohorts))
    return cards + [_card(one.cadence, one.title, "ships", ()) for one in files if one.name not in used]


def _card(cadence: Cadence, title: str, kind: str, cohorts: tuple[tuple[str, str], ...]) -> CadenceCard:
    slots = tuple(slot_words(slot) for slot in cadence.slots)
    return CadenceCard(cadence.name, title, kind, slots, cadence_words(cadence), cohorts)


def _of(files: Sequence[LexiconForms], language: str) -> list[LexiconForms]:
    return [one for one in files if one.language in (language, "")]


def _intents(ships: Sequence[LexiconForms], own: Sequence[LexiconForms]) -> list[tuple[str, list[FormList]]]:
    """The lists by what they decide, and at the end all others."""
    told = {name for _, names in INTENTS for name in names}
    others = sorted({name for one in (*ships, *own) for name in one.lists} - told)
    groups: Mapping[str, Sequence[str]] = {**dict(INTENTS), "what may stand around any of these": others}
    found = []
    for words, names in groups.items():
        lists = [
            FormList(
                name,
                tuple(form for one in ships for form in one.lists.get(name, ())),
                tuple((form, one.name) for one in own for form in one.lists.get(name, ())),
            )
            for name in names
        ]
        found.append((words, [one for one in lists if one.forms or one.own]))
    return [(words, lists) for words, lists in found if lists]
