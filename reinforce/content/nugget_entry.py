"""One nugget of a procedure's file: its wordings, its question, and what it needs first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reinforce.content.fields import Fields
from reinforce.content.marks import FaultList, Listing, Mapping, Marked, Place, Scalar
from reinforce.content.pictures import picture_of
from reinforce.content.question_entry import read_question
from reinforce.content.scalars import checked_text, slug_of
from reinforce.domain.authoring.post_rules import objections
from reinforce.domain.nugget import Confidentiality, Nugget, Question, Wording
from reinforce.domain.picture import Picture
from reinforce.domain.texts.canonical_text import nfc

MOST_WORDINGS = 50
# Far above what can be posted: a longer text is reported by its length, not counted letter by letter.
LONGEST_TEXT = 4_000
_KEYS = (
    "slug",
    "title",
    "topic",
    "tags",
    "importance",
    "requires",
    "audience",
    "source_step",
    "confidentiality",
    "image",
    "alt",
    "wordings",
    "question",
)
_WORDING_KEYS = ("text", "style", "language")


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a nugget takes from its procedure unless it says otherwise. `folder` is where its pictures are, None where
    none are looked for."""

    language: str
    confidentiality: Confidentiality
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class DraftNugget:
    """A nugget with the places that checks across the whole file report at.

    `texts` are its wordings and its question's prompt; `requires` the prerequisites as written; `picture` is the one
    it brings with it.
    """

    nugget: Nugget
    slug_place: Place
    texts: tuple[tuple[Place, str], ...]
    requires: tuple[tuple[Scalar, str], ...]
    picture: Picture | None = None


def read_nugget(node: Marked, inherited: Inherited, faults: FaultList) -> DraftNugget | None:
    """The nugget at `node`; None if it is not even a mapping (reported)."""
    fields = Fields(node, "a nugget", _KEYS, faults)
    if not fields.is_mapping:
        return None
    fields.need("title", "Add a title of a few words; learners don't see it, colleagues do.")
    fields.need("wordings", 'Add "wordings:" and under it at least one text; four or more are better.')
    title = fields.text("title", longest=120)
    slug = fields.slug("slug", slug_of(title))
    if title and not slug:
        faults.add(node, "the title makes no slug.", 'Add one: "slug: check-the-valve".')
    wordings = _wordings(fields, inherited.language)
    question_node = fields.value("question")
    question = None if question_node is None else read_question(question_node, faults)
    requires = fields.marked_texts("requires", longest=60)
    texts = list(wordings)
    if question is not None and isinstance(question_node, Mapping):
        texts.append((question_node.place, Wording(_as_asked(question))))
    picture = picture_of(fields, inherited.folder)
    brought = picture if isinstance(picture, Picture) else None
    nugget = Nugget(
        slug=slug,
        title=title,
        wordings=tuple(wording for _, wording in wordings),
        question=question,
        importance=fields.number("importance", 1.0, least=0.1, most=10),
        prerequisites=tuple(name for _, name in requires),
        topic=fields.text("topic", longest=60),
        tags=fields.texts("tags", longest=40),
        audience=tuple(role.casefold() for role in fields.texts("audience", longest=60)),
        source_step=fields.text("source_step"),
        confidentiality=fields.choice("confidentiality", inherited.confidentiality),
        picture=picture.shown if isinstance(picture, Picture) else picture,
    )
    slug_place = fields.where("slug").place if "slug" in fields else fields.where("title").place
    said = tuple((place, wording.text) for place, wording in texts)
    return DraftNugget(nugget, slug_place, said, requires, brought)


def _as_asked(question: Question) -> str:
    """Prompt and choices in one text: two questions may begin alike as long as their choices differ."""
    return "\n".join([question.prompt, *(option.text for option in question.options)])


def _wordings(fields: Fields, language: str) -> list[tuple[Place, Wording]]:
    nodes = fields.nodes("wordings", most=MOST_WORDINGS, single=True)
    if "wordings" in fields and not nodes:
        fields.faults.add(fields.where("wordings"), "there is no wording.", "Add at least one text.")
    return [read for node in nodes if (read := _wording(node, language, fields.faults)) is not None]


def _wording(node: Marked, language: str, faults: FaultList) -> tuple[Place, Wording] | None:
    """A wording is a text, or a text with its style and language."""
    if isinstance(node, Scalar):
        return node.place, Wording(posted_text(node, "wording", faults), language)
    if isinstance(node, Listing):
        faults.add(
            node, "a wording must be one text, not a list.", "Put a text that begins with a bracket into quotes."
        )
        return None
    fields = Fields(node, "a wording", _WORDING_KEYS, faults)
    fields.need("text", 'Write it as "text: …".')
    text = fields.value("text")
    if not isinstance(text, Scalar):
        if text is not None:
            faults.add(text, "a wording's text must be one text.", "Put it into quotes.")
        return None
    style = fields.text("style", longest=40)
    return text.place, Wording(posted_text(text, "text", faults), fields.language("language", language), style)


def posted_text(node: Scalar, key: str, faults: FaultList) -> str:
    """The text at `node` in NFC, everything reported that speaks against posting it."""
    text = nfc(checked_text(node, key, faults, LONGEST_TEXT))
    if text and len(node.text.strip()) <= LONGEST_TEXT:
        for objection in objections(text):
            faults.add(node, objection.message, objection.advice)
    return text
