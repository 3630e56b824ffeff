"""The texts that answer people: replies, nameless posts, round-ups, and the word that somebody looks into it.

Each function gives every way to say it, the plainest first; `fit` takes the first that may go out. X refuses a text it
has seen lately, so the same answer to a second person is said in another way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reinforce.domain.authoring.post_rules import objections
from reinforce.domain.nugget import StoredNugget
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.domain.texts.wording import text_hash
from reinforce.rendering.posts import PostForm, PostRenderer, PostValues

TAKEN = "each way to say it was posted lately"
NAMES = "the text names somebody who has not agreed to it"


@dataclass(frozen=True, slots=True)
class Fitting:
    """A text that may go out, with its hash; `wording_id` where it says a nugget's wording."""

    text: str
    text_hash: str
    wording_id: int | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to say it."""

    text: str
    wording_id: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerTexts:
    """Says answers in one language. `guard` knows whom no text may name."""

    renderer: PostRenderer
    language: str
    guard: NamingGuard

    def reply(self, answer: str, initials: str) -> list[Way]:
        """An answer as a reply to whoever asked."""
        ways = range(self.renderer.variants("reply_answer", self.language))
        values = [PostValues(self.language, text=answer, initials=initials, variant=way) for way in ways]
        return [Way(self.renderer.render(PostForm.REPLY_ANSWER, one)) for one in values]

    def post(self, answer: str, about: str, initials: str) -> list[Way]:
        """An answer as a post of its own, with the question in front if there is room for it and `about` is not ""."""
        asked = [about, ""] if about else [""]
        values = [PostValues(self.language, text=answer, about=one, initials=initials) for one in asked]
        return [Way(self.renderer.render(PostForm.ANSWER, one)) for one in values]

    def round_up(self, answered: Sequence[tuple[str, str]], initials: str) -> list[Way]:
        """Several (question or "", answer) in one post."""
        ways = range(self.renderer.variants("round_up", self.language))
        pairs = tuple(answered)
        values = [PostValues(self.language, answered=pairs, initials=initials, variant=way) for way in ways]
        return [Way(self.renderer.render(PostForm.ROUND_UP, one)) for one in values]

    def acknowledgement(self, number: int, time: str) -> list[Way]:
        """ "Somebody looks into it", until when if `time` (local, written out) is not ""."""
        key = "looking_into_until" if time else "looking_into"
        ways = range(self.renderer.variants(key, self.language))
        values = [PostValues(self.language, number=number, time=time, variant=way) for way in ways]
        return [Way(self.renderer.render(PostForm.ACKNOWLEDGEMENT, one)) for one in values]

    def lookup(self, nugget: StoredNugget) -> list[Way]:
        """A nugget for whoever asks for it, in the cohort's language; each wording plainly before any is introduced.

        Each with its source before any without, where together they are too long or were said: the next who asks gets
        another wording, not the same one shortened.
        """
        wordings = [one for one in nugget.wordings if one.language == self.language]
        ways = []
        for variant in range(self.renderer.variants("lookup", self.language)):
            for step in dict.fromkeys((nugget.source_step, "")):
                for one in wordings:
                    values = PostValues(self.language, text=one.text, step=step, variant=variant)
                    ways.append(Way(self.renderer.render(PostForm.LOOKUP, values), one.id))
        return ways

    def fit(self, ways: Iterable[Way], taken: Callable[[str], bool]) -> Fitting | str:
        """The first of `ways` that keeps to the rules, names nobody and was not said lately (`taken` is asked for its
        hash); in words why there is none."""
        why = "there is no wording for it"
        for way in ways:
            found = objections(way.text)
            if found:
                why = found[0].message
            elif self.guard.find(way.text):
                why = NAMES
            elif taken(text_hash(way.text)):
                why = TAKEN
            else:
                return Fitting(way.text, text_hash(way.text), way.wording_id)
        return why
