"""What can be said of a nugget while it is being written: how long its texts are for X, what they cost, what speaks
against them, and how they would stand on the timeline of a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from sqlalchemy import Connection

from reinforce.content.composed_procedure import look_at
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.authoring.confidentiality import too_confidential, who_reads
from reinforce.domain.authoring.likeness import Texts
from reinforce.domain.authoring.post_rules import (
    AROUND_A_HINT,
    AROUND_A_QUESTION,
    AROUND_AN_EXPLANATION,
    LONGEST_POLL_OPTION,
    explanation_room,
    question_room,
)
from reinforce.domain.cohort import Cohort
from reinforce.domain.errors import Fault
from reinforce.domain.nugget import Form, Nugget, Procedure
from reinforce.domain.picture import LONGEST_ALT
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.forms import usable_forms
from reinforce.domain.sending.budget import Tariff, dollars, holds_link
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.domain.texts.wording import LIMIT, weighted_length
from reinforce.rendering.composing import PostComposer, Shown, ordinary_words
from reinforce.rendering.posts import PostRenderer
from reinforce.store.accounts import accounts
from reinforce.store.authoring import nuggets
from reinforce.store.authoring.present_content import PresentContent
from reinforce.store.people import people
from reinforce.store.people.roster_version import roster_version
from reinforce.store.planning import plan_snapshot
from reinforce.store.reporting.console.procedures import last_posted, said_texts
from reinforce.web.entry import Entry

# A guard over ten thousand learners takes a while to build; more cohorts than these are not written for at once.
_KEPT_GUARDS = 8


@dataclass(frozen=True, slots=True)
class Count:
    """How long a text is for X, and how much fits where it will stand."""

    length: int
    room: int

    @property
    def over(self) -> bool:
        """Whether it is too long."""
        return self.length > self.room

    @property
    def words(self) -> str:
        """For beside the field; "" while nothing is typed."""
        if not self.length:
            return ""
        return f"{self.length} of {self.room}" + (f", {self.length - self.room} too many" if self.over else "")


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as the timeline will show it. `posted_at`: when the account posted it last; `count` is of 280."""

    shown: Shown
    count: Count
    posted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Looked:
    """What there is to say, by the field it belongs to; `others` belongs to none."""

    counts: Mapping[str, Count]
    faults: Mapping[str, str]
    others: tuple[Fault, ...]
    warnings: Mapping[str, str]
    hints: tuple[str, ...]
    previews: tuple[Preview, ...]


@dataclass(frozen=True, slots=True)
class Audience:
    """A cohort that a nugget is written for, with what its posts go by."""

    cohort: Cohort
    account: AccountRecord
    cadence: Cadence
    guard: NamingGuard


@dataclass(slots=True)
class Audiences:
    """Reads the cohorts that nuggets are written for, and keeps the guards of their learners while nobody joins or
    leaves and nothing new is learnt."""

    _guards: dict[int, tuple[tuple[int, int], NamingGuard]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, connection: Connection, cohort_id: int) -> Audience:
        """One of them. Raises NotFound."""
        frame = plan_snapshot.frame(connection, cohort_id)
        account = accounts.account_by_id(connection, frame.cohort.account_id)
        return Audience(frame.cohort, account, frame.cadence, self._guard(connection, frame.cohort))

    def _guard(self, connection: Connection, cohort: Cohort) -> NamingGuard:
        key = (roster_version(connection), cohort.version)
        with self._lock:
            there = self._guards.get(cohort.id)
            if there is not None and there[0] == key:
                return there[1]
        learnt = nuggets.cohort_nuggets(connection, cohort.id)
        guard = NamingGuard(people.people_marks(connection, cohort.account_id), ordinary_words(learnt))
        with self._lock:
            if len(self._guards) >= _KEPT_GUARDS:
                self._guards.clear()
            self._guards[cohort.id] = (key, guard)
        return guard


def look(
    connection: Connection,
    entry: Entry,
    present: PresentContent,
    audience: Audience | None,
    means: tuple[PostRenderer, Tariff],
) -> Looked:
    """Look at what was typed. `audience` is the cohort it is shown for, None while no cohort learns the procedure."""
    procedure = present.procedure
    nugget, found = look_at(procedure, entry.written())
    faults, others = entry.beside(found)
    previews: list[Preview] = []
    hints: list[str] = []
    if nugget is not None and audience is not None:
        previews = _previews(connection, nugget, audience, means)
        hints = _speaks_against(nugget, procedure, audience)
    elif audience is None:
        hints = ["No cohort learns this procedure yet: there is nobody to show it for, and no names to look for."]
    said = said_texts(connection, present.stored.id, None if audience is None else audience.cohort.id)
    there = [
        (nugget_slug if slug == procedure.slug else f"{slug}/{nugget_slug}", text)
        for slug, nugget_slug, text in said
        if (slug, nugget_slug) != (procedure.slug, entry.slug)
    ]
    warnings = _warnings(entry, Texts(there), means[1])
    if audience is not None:
        _add_names(warnings, entry, audience.guard)
    return Looked(_counts(entry, nugget), faults, others, warnings, tuple(hints), tuple(previews))


def composer_of(audience: Audience, means: tuple[PostRenderer, Tariff]) -> PostComposer:
    """What makes posts of nuggets for a cohort."""
    return PostComposer(*means, audience.cohort.language, audience.guard)


def texts_of(nugget: Nugget, audience: Audience, means: tuple[PostRenderer, Tariff]) -> list[Shown]:
    """Every text that a nugget can become in a cohort."""
    forms = usable_forms(audience.cadence, audience.cohort.answers, nugget)
    return composer_of(audience, means).shown(nugget, forms, reveal=audience.cadence.reveal, every=True)


def _previews(
    connection: Connection, nugget: Nugget, audience: Audience, means: tuple[PostRenderer, Tariff]
) -> list[Preview]:
    forms: tuple[Form, ...] = usable_forms(audience.cadence, audience.cohort.answers, nugget)
    asked = nugget.question is not None and any(one is not Form.REMINDER for one in forms)
    shown = composer_of(audience, means).shown(nugget, forms, reveal=audience.cadence.reveal and asked)
    posted = last_posted(connection, audience.account.id, [one.text_hash for one in shown])
    return [Preview(one, Count(weighted_length(one.text), LIMIT), posted.get(one.text_hash)) for one in shown]


def _counts(entry: Entry, nugget: Nugget | None) -> dict[str, Count]:
    question = None if nugget is None else nugget.question
    room_to_ask = LIMIT - AROUND_A_QUESTION if question is None else max(0, question_room(question))
    room_to_explain = LIMIT - AROUND_AN_EXPLANATION if question is None else max(0, explanation_room(question))
    counts = {f"wording-{n}": Count(weighted_length(one.text), LIMIT) for n, one in enumerate(entry.wording_fields, 1)}
    counts["ask"] = Count(weighted_length(entry.ask), room_to_ask)
    counts["alt"] = Count(len(entry.alt), LONGEST_ALT)
    counts["explanation"] = Count(weighted_length(entry.explanation), room_to_explain)
    counts |= {f"choice-{n}": Count(len(text), LONGEST_POLL_OPTION) for n, text in enumerate(entry.choice_fields, 1)}
    counts |= {
        f"hint-{n}": Count(weighted_length(text), LIMIT - AROUND_A_HINT) for n, text in enumerate(entry.hint_fields, 1)
    }
    return counts


def _warnings(entry: Entry, texts: Texts, tariff: Tariff) -> dict[str, str]:
    """What may be meant as it is, but is worth a look: a link's price, a text that is there already."""
    found: dict[str, list[str]] = {}
    for number, one in enumerate(entry.wordings, 1):
        name, said = f"wording-{number}", []
        like = texts.like(one.text)
        if like is not None:
            how = "says the same as" if like.same else "is nearly the same as"
            said.append(f"It {how} “{like.text}” ({like.where}): whoever has seen one reads past the other.")
        if holds_link(one.text):
            said.append(f"It holds a link: the post costs {dollars(max(tariff.post, tariff.post_with_link))}.")
        if said:
            found[name] = said
        texts.add(f"wording {number} here", one.text)
    long = [n for n, text in enumerate(entry.choices, 1) if len(text) > LONGEST_POLL_OPTION]
    for number in long:
        found[f"choice-{number}"] = [f"With more than {LONGEST_POLL_OPTION} characters the question can't be a poll."]
    return {name: " ".join(said) for name, said in found.items()}


def _add_names(warnings: dict[str, str], entry: Entry, guard: NamingGuard) -> None:
    """Say where a text names somebody; never whom: who writes may not know the roster."""
    texts = {f"wording-{n}": one.text for n, one in enumerate(entry.wordings, 1)}
    texts |= {f"choice-{n}": one for n, one in enumerate(entry.choices, 1)}
    texts |= {f"hint-{n}": one for n, one in enumerate(entry.hints, 1)}
    texts |= {"ask": entry.ask, "explanation": entry.explanation, "alt": entry.alt}
    for name, text in texts.items():
        if text.strip() and guard.find(text):
            said = "It names somebody who has not agreed to it, and would not go out: write the role instead."
            warnings[name] = f"{warnings[name]} {said}" if name in warnings else said


def _speaks_against(nugget: Nugget, procedure: Procedure, audience: Audience) -> list[str]:
    said = []
    if too_confidential(audience.account, [nugget]):
        said.append(
            f"It is internal, and {who_reads(audience.account)}: mark it as public if it may be, or it will be refused."
        )
    spoken = audience.cohort.language.split("-")[0].lower()
    if nugget.wordings and not any(one.language.split("-")[0].lower() == spoken for one in nugget.wordings):
        said.append(f"The cohort reads {audience.cohort.language}, and no wording is written in it.")
    roles = nugget.audience or procedure.audience
    if roles:
        said.append(f"It counts for {', '.join(roles)} only; all who follow the account see it.")
    return said
