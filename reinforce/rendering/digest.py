"""The digest of a cohort's week, to print or to mail: a page without scripts and foreign files, and a plain text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import regex
from markupsafe import Markup, escape

from reinforce.domain.nugget import Form
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.rendering.dates import spoken_date, spoken_time
from reinforce.rendering.pages import page_environment
from reinforce.rendering.phrases import Phrases
from reinforce.rendering.print_words import print_words

_ADDRESS = regex.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A post of the week. `address` is where it stands on X ("": nowhere one could look); `open`: a question whose
    answer is not out."""

    at: datetime
    form: str
    text: str
    options: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    answer: str = ""
    asked: str = ""
    address: str = ""

    @property
    def open(self) -> bool:
        """Whether it is a question that waits for its answer."""
        return self.form == Form.QUESTION.value and not self.answer


@dataclass(frozen=True, slots=True)
class Digest:
    """A cohort's week: `week` as 2026-W12, its first and last local date, its posts in their order."""

    title: str
    week: str
    first: date
    last: date
    zone: str
    language: str
    entries: tuple[Entry, ...]


def without_names(entries: Sequence[Entry], guard: NamingGuard, colleague: str) -> tuple[Entry, ...]:
    """The entries with `colleague` in the place of whoever is named in them. What X shows with somebody's consent was
    not agreed to for a page that is handed round."""
    return tuple(
        Entry(
            one.at,
            one.form,
            _nameless(one.text, guard, colleague),
            tuple(_nameless(option, guard, colleague) for option in one.options),
            tuple(_nameless(shown, guard, colleague) for shown in one.pictures),
            _nameless(one.answer, guard, colleague),
            _nameless(one.asked, guard, colleague),
            one.address,
        )
        for one in entries
    )


def _nameless(text: str, guard: NamingGuard, colleague: str) -> str:
    found = sorted({one.excerpt for one in guard.find(text)}, key=len, reverse=True)
    for excerpt in found:
        text = text.replace(f"@{excerpt}", colleague).replace(excerpt, colleague)
    # A name in letters that the guard reads as others stays where it was: then the whole text goes.
    return f"({colleague} …)" if guard.find(text) else text


def digest_page(digest: Digest, templates: Path) -> str:
    """The digest as a page: styles within the tags, as mail programs want them."""
    words, language = print_words(templates, digest.language)
    filters: dict[str, Callable[..., object]] = {
        "linked": _linked,
        "spoken": lambda at: _when(at, digest, language),
    }
    page = page_environment(templates, filters).get_template("digest.html")
    return page.render(digest=digest, language=language, say=_sayer(words), span=_span(digest, words, language))


def digest_text(digest: Digest, templates: Path, *, markdown: bool = False) -> str:
    """The digest as plain text, or as Markdown."""
    words, language = print_words(templates, digest.language)
    say = _sayer(words)
    mark = _marked if markdown else str
    lines = [f"{'# ' if markdown else ''}{mark(say('digest_title', title=digest.title, week=digest.week))}"]
    lines += [_span(digest, words, language), "", say("digest_intro" if digest.entries else "digest_quiet")]
    for one in digest.entries:
        when = _when(one.at, digest, language)
        lines += ["", f"## {when}" if markdown else f"{when}\n{'-' * len(when)}"]
        lines += [mark(say("digest_asked", question=one.asked))] if one.asked else []
        lines += [mark(one.text)]
        lines += [say("digest_options"), *(f"- {mark(option)}" for option in one.options)] if one.options else []
        lines += [mark(say("digest_picture", alt=shown)) for shown in one.pictures]
        lines += [f"{say('digest_answer')}: {mark(one.answer)}"] if one.answer else []
        lines += [say("digest_open")] if one.open else []
        lines += [one.address] if one.address else []
    return "\n".join([*lines, "", say("digest_foot"), ""])


def _sayer(words: Phrases) -> Callable[..., str]:
    def say(key: str, **values: object) -> str:
        return words.say(0, key, **values)

    return say


def _when(at: datetime, digest: Digest, language: str) -> str:
    local = at.astimezone(ZoneInfo(digest.zone))
    return f"{spoken_date(local, language)}, {spoken_time(local)}"


def _span(digest: Digest, words: Phrases, language: str) -> str:
    midnight = datetime.min.time()
    first, last = (spoken_date(datetime.combine(day, midnight), language) for day in (digest.first, digest.last))
    return words.say(0, "digest_span", first=first, last=last)


def _linked(text: str) -> Markup:
    """A text with its addresses as links and its lines kept."""
    made, end = Markup(), 0
    for found in _ADDRESS.finditer(text):
        made += escape(text[end : found.start()])
        made += Markup('<a href="{0}" style="color:#0a58ca;">{0}</a>').format(found[0])
        end = found.end()
    return Markup("<br>\n").join((made + escape(text[end:])).split("\n"))


def _marked(text: str) -> str:
    """A text in which Markdown finds nothing to read."""
    return str(regex.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", text)).replace("\n", "  \n")
