"""From a chosen nugget to a text that may be posted: a wording or a way of asking whose text has not been used lately,
within X's length, naming nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import regex

from reinforce.domain.authoring.post_rules import objections
from reinforce.domain.nugget import WITH_PICTURE, Form, Nugget, Question, QuestionKind, StoredNugget, Wording
from reinforce.domain.picture import ShownPicture, media_of
from reinforce.domain.planning.approved_texts import WAITS, ApprovalBook, beside_hash
from reinforce.domain.planning.deciding import Composed, Decided, Unfit
from reinforce.domain.planning.plan_state import REVEAL, PlanSnapshot, PlanState
from reinforce.domain.sending.budget import Tariff, price_micros
from reinforce.domain.texts.naming_guard import NamingGuard, PersonMarks
from reinforce.domain.texts.wording import next_wordings, speaks, text_hash
from reinforce.rendering.posts import PostForm, PostRenderer, PostValues

# How many further texts a post carries along, for the case that the service calls the first one a duplicate.
_ALTERNATIVES = 2
# What X allows for a poll, in minutes.
_WORD = regex.compile(r"\w+")
_SHORTEST_POLL, _LONGEST_POLL = 5, 10_080
_ASKED_BY: Mapping[QuestionKind, str] = {
    QuestionKind.MULTIPLE_CHOICE: "answer_by_letter",
    QuestionKind.SHORT: "answer_in_words",
    QuestionKind.NUMBER: "answer_with_number",
}


@dataclass(frozen=True, slots=True)
class _Text:
    """One way to say it. `wording_id` is None for a question, whose ways are ways to ask for the answer."""

    text: str
    hash: str
    wording_id: int | None


class _Fitting(NamedTuple):
    """Ways that may be posted, the best first; `waiting` is a better one that has no yes yet, "" if there is none."""

    ways: list[_Text]
    waiting: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as the timeline would have it, as a `form` of the outbox with the `options` of a poll; `refusal` says why
    it may not go out, "" if it may."""

    form: str
    text: str
    text_hash: str
    price_micros: int
    refusal: str
    options: tuple[str, ...] = ()
    picture: ShownPicture | None = None


@dataclass(slots=True)
class PostComposer:
    """Composes the posts of one cohort: `language` is the cohort's, `guard` knows whom no text may name.

    Called with (nugget, form, when, state) it gives a `Composed`, or an `Unfit` that says why there is none.
    """

    renderer: PostRenderer
    tariff: Tariff
    language: str
    guard: NamingGuard
    # Which texts may go out; None where none needs a yes.
    approval: ApprovalBook | None = None
    # A walk over the days to come asks for the same texts again and again.
    _refusals: dict[str, str] = field(default_factory=dict)
    _texts: dict[tuple[PostForm, PostValues, int | None], _Text] = field(default_factory=dict)
    _prices: dict[tuple[str, str], int] = field(default_factory=dict)

    def __call__(self, nugget: StoredNugget, form: Form, at: datetime, state: PlanState) -> Composed | Unfit:
        """The post of a nugget, or why it can't be posted in this form at `at`."""
        cadence = state.snapshot.cadence
        ways = list(self._ways(nugget, form, at, state))
        if not ways:
            return Unfit(f"it has no wording in {self.language}" if form is Form.REMINDER else "it has no question")
        poll = _poll(nugget.question, cadence.answer_window) if form is Form.POLL else None
        used = {**state.texts, **{way.hash: _latest(way, state) for way in ways if way.wording_id in state.wordings}}
        picture = nugget.picture if form in WITH_PICTURE else None
        found = self._fit(ways, at, used, cadence.repeat_after, picture)
        if isinstance(found, Unfit):
            return found
        asked = nugget.question_id if form is not Form.REMINDER else None
        return self._composed(found, form.value, asked, poll, picture)

    def sharing(self, other: PostComposer, *, guards_alike: bool) -> PostComposer:
        """This composer, looking up what another has rendered and checked already, and adding to it. What names nobody
        there names nobody here if they guard alike: the same people, and the same words that are no names."""
        refusals = other._refusals if guards_alike else self._refusals
        return replace(self, _texts=other._texts, _prices=other._prices, _refusals=refusals)

    def reveal(
        self, question: Question, question_id: int, at: datetime, texts: Mapping[str, datetime], repeat_after: timedelta
    ) -> Composed | Unfit:
        """The answer to a question with its reason, as a reply under it."""
        found = self._fit(self._reveals(question), at, texts, repeat_after)
        return found if isinstance(found, Unfit) else self._composed(found, REVEAL, question_id, None)

    def notice(
        self,
        shape: PostForm,
        values: PostValues,
        key: str,
        form: str,
        at: datetime,
        texts: Mapping[str, datetime],
        repeat_after: timedelta,
    ) -> Composed | Unfit:
        """A post that says no nugget, as `form` in the outbox: `shape` with the phrase `key` in a way not used lately.
        Where `values.text` stands for the phrase, there is that one way."""
        ways = range(1 if values.text else self._variants(key))
        return self.first_fit([(shape, replace(values, variant=way)) for way in ways], form, at, texts, repeat_after)

    def first_fit(
        self,
        ways: Iterable[tuple[PostForm, PostValues]],
        form: str,
        at: datetime,
        texts: Mapping[str, datetime],
        repeat_after: timedelta,
        poll: dict[str, object] | None = None,
    ) -> Composed | Unfit:
        """The first of `ways` that may be posted at `at` as a `form` of the outbox, with the next as alternatives; why
        not where there is none. `texts` says when each text (its hash) was last used."""
        found = self._fit([self._text(*way) for way in ways], at, texts, repeat_after)
        return found if isinstance(found, Unfit) else self._composed(found, form, None, poll)

    def answer(self, state: PlanState, decision: Decided) -> Composed | None:
        """The answer that will follow `decision`; None if it is no question, or its answer can't be posted."""
        question, question_id = decision.nugget.question, decision.nugget.question_id
        if decision.reveal_at is None or question is None or question_id is None:
            return None
        repeat_after = state.snapshot.cadence.repeat_after
        composed = self.reveal(question, question_id, decision.reveal_at, state.texts, repeat_after)
        return composed if isinstance(composed, Composed) else None

    def texts(self, nugget: StoredNugget, form: Form, at: datetime, state: PlanState) -> list[Composed]:
        """Every text of a nugget in a form that may go out at all, whether it is used up or approved or not."""
        asked = nugget.question_id if form is not Form.REMINDER else None
        picture = nugget.picture if form in WITH_PICTURE else None
        ways = [way for way in self._ways(nugget, form, at, state) if not self._refused(way.text, picture)]
        return [self._composed(_Fitting([way], ""), form.value, asked, None, picture) for way in ways]

    def reveal_texts(self, question: Question, question_id: int) -> list[Composed]:
        """Every text of the answer to a question that may go out."""
        ways = [way for way in self._reveals(question) if not self._refusal(way.text)]
        return [self._composed(_Fitting([way], ""), REVEAL, question_id, None) for way in ways]

    def shown(self, nugget: Nugget, forms: Sequence[Form], *, reveal: bool, every: bool = False) -> list[Shown]:
        """How a nugget that is being written would stand on the timeline: each of its wordings in the cohort's
        language, and the first way to ask and to answer (with `every`, all ways), fit to be posted or not."""
        found: list[tuple[str, _Text, tuple[str, ...]]] = []
        for form in forms:
            if form is Form.REMINDER:
                spoken = [one for one in nugget.wordings if speaks(one, self.language)]
                values = [PostValues(self.language, text=one.text) for one in spoken]
                found += [(form.value, self._text(PostForm.REMINDER, one), ()) for one in values]
            elif nugget.question is not None:
                options = tuple(one.text for one in nugget.question.options) if form is Form.POLL else ()
                ways = list(self._asked(nugget.question, form))
                found += [(form.value, way, options) for way in (ways if every else ways[:1])]
        if reveal and nugget.question is not None:
            answers = self._reveals(nugget.question)
            found += [(REVEAL, way, ()) for way in (answers if every else answers[:1])]
        return [self._shown(*one, nugget.picture if one[0] in WITH_PICTURE else None) for one in found]

    def _shown(self, form: str, way: _Text, options: tuple[str, ...], picture: ShownPicture | None) -> Shown:
        price = price_micros(way.text, form=form, tariff=self.tariff)
        price += 0 if picture is None else self.tariff.media_metadata
        return Shown(form, way.text, way.hash, price, self._refused(way.text, picture), options, picture)

    def _asked(self, question: Question, form: Form) -> Iterator[_Text]:
        """Every way to ask a question in this form."""
        ask = "vote" if form is Form.POLL else _ASKED_BY[question.kind]
        shape = PostForm.POLL if form is Form.POLL else PostForm.QUESTION
        for way in range(self._variants(ask)):
            yield self._text(shape, PostValues(self.language, question=question, variant=way))

    def _reveals(self, question: Question) -> list[_Text]:
        key = "reveal" if question.explanation else "reveal_bare"
        values = [PostValues(self.language, question=question, variant=way) for way in range(self._variants(key))]
        return [self._text(PostForm.REVEAL, one) for one in values]

    def _ways(self, nugget: StoredNugget, form: Form, at: datetime, state: PlanState) -> Iterator[_Text]:
        """Every way to post it, the best first."""
        if form is Form.REMINDER:
            wordings = {one.id: Wording(one.text, one.language, one.style) for one in nugget.wordings}
            # All of them in their order; `_fit` leaves out those that were used too lately, and can say so.
            for wording_id in next_wordings(wordings, state.wordings, at, timedelta(), self.language):
                values = PostValues(self.language, text=wordings[wording_id].text)
                yield self._text(PostForm.REMINDER, values, wording_id)
        elif nugget.question is not None:
            yield from self._asked(nugget.question, form)

    def _fit(
        self,
        ways: list[_Text],
        at: datetime,
        used: Mapping[str, datetime],
        repeat_after: timedelta,
        picture: ShownPicture | None = None,
    ) -> _Fitting | Unfit:
        """Those ways that may be posted, in order; why not where there are none."""
        fresh = [way for way in ways if way.hash not in used or at - used[way.hash] >= repeat_after]
        if not fresh:
            days = repeat_after / timedelta(days=1)
            rested = min(used[way.hash] for way in ways) + repeat_after
            return Unfit(f"it is out of wordings: each was posted within the last {days:g} days", rested)
        refused = [self._refused(way.text, picture) for way in fresh]
        fit = [way for way, why in zip(fresh, refused, strict=True) if not why]
        if not fit:
            return Unfit(refused[0])
        return _Fitting(fit, "") if self.approval is None else _approved(fit, self.approval, at, picture)

    def _refused(self, text: str, picture: ShownPicture | None) -> str:
        """Why a text with its picture may not be posted, "" if it may."""
        refusal = self._refusal(text)
        if not refusal and picture is not None and self.guard.find(picture.alt):
            return "the alternative text names somebody who has not agreed to it"
        return refusal

    def _refusal(self, text: str) -> str:
        """Why a text may not be posted, "" if it may."""
        if text not in self._refusals:
            found = [one.message for one in objections(text)]
            if not found and self.guard.find(text):
                # Never who: the reason is shown to people who may not know the roster.
                found = ["the text names somebody who has not agreed to it"]
            self._refusals[text] = found[0] if found else ""
        return self._refusals[text]

    def _composed(
        self,
        found: _Fitting,
        form: str,
        question_id: int | None,
        poll: dict[str, object] | None,
        picture: ShownPicture | None = None,
    ) -> Composed:
        described = 0 if picture is None else self.tariff.media_metadata

        def price(way: _Text) -> int:
            # A reveal stands in our own thread and is priced as the post it is (docs/explanation/prices.md).
            key = (form, way.text)
            if key not in self._prices:
                self._prices[key] = price_micros(way.text, form=form, tariff=self.tariff)
            return self._prices[key] + described

        first, *others = found.ways
        alternatives = tuple(
            {"wording_id": way.wording_id, "text": way.text, "text_hash": way.hash, "price_micros": price(way)}
            for way in others[:_ALTERNATIVES]
        )
        made = Composed(first.text, first.hash, price(first), first.wording_id, question_id, poll, alternatives)
        return replace(made, waiting=found.waiting, picture=picture) if found.waiting or picture else made

    def _text(self, form: PostForm, values: PostValues, wording_id: int | None = None) -> _Text:
        key = (form, values, wording_id)
        if key not in self._texts:
            text = self.renderer.render(form, values)
            self._texts[key] = _Text(text, text_hash(text), wording_id)
        return self._texts[key]

    def _variants(self, key: str) -> int:
        return self.renderer.variants(key, self.language)


def composer_for(
    snapshot: PlanSnapshot, renderer: PostRenderer, tariff: Tariff, people: Iterable[PersonMarks]
) -> PostComposer:
    """The composer of a cohort's posts; `people` are those whom no post of the account may name."""
    made = composer_in(snapshot.cohort.language, snapshot.nuggets, renderer, tariff, people)
    made.approval = snapshot.approval
    return made


def composers(renderer: PostRenderer, tariff: Tariff) -> Callable[[PlanSnapshot, Iterable[PersonMarks]], PostComposer]:
    """`composer_for` with these means, for who composes for several cohorts."""
    return lambda snapshot, people: composer_for(snapshot, renderer, tariff, people)


def composer_in(
    language: str,
    nuggets: Iterable[StoredNugget],
    renderer: PostRenderer,
    tariff: Tariff,
    people: Iterable[PersonMarks],
) -> PostComposer:
    """As `composer_for`, for who needs no snapshot: the cohort's language, and the nuggets it learns."""
    return PostComposer(renderer, tariff, language, NamingGuard(people, ordinary_words(nuggets)))


def ordinary_words(nuggets: Iterable[StoredNugget]) -> set[str]:
    """The words that are the subject of what a cohort learns, and so name nobody by themselves."""
    subjects = [
        words
        for nugget in nuggets
        for words in (nugget.procedure, nugget.slug, nugget.topic, nugget.title, *nugget.tags)
    ]
    return {word for words in subjects for word in _WORD.findall(words)}


def _approved(fit: list[_Text], approval: ApprovalBook, at: datetime, picture: ShownPicture | None) -> _Fitting | Unfit:
    """Those that have a yes for that day; a post that waits for one is named, for the record."""
    beside = beside_hash(media_of(picture))
    allowed = [way for way in fit if approval.allows(way.hash, at, beside)]
    if not allowed:
        return Unfit(WAITS)
    return _Fitting(allowed, "" if fit[0] is allowed[0] else fit[0].text)


def _latest(way: _Text, state: PlanState) -> datetime:
    """When this wording last went out, in whatever frame."""
    assert way.wording_id is not None
    wording = state.wordings[way.wording_id]
    return max(wording, state.texts.get(way.hash, wording))


def _poll(question: Question | None, window: timedelta) -> dict[str, object]:
    assert question is not None
    minutes = int(window / timedelta(minutes=1))
    return {
        "options": [option.text for option in question.options],
        "minutes": min(max(minutes, _SHORTEST_POLL), _LONGEST_POLL),
    }
