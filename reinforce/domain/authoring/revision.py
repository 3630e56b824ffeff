"""What loading a procedure again does to each of its nuggets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from reinforce.domain.authoring.meaning import Difference, differences, why_meaning_changed
from reinforce.domain.nugget import Confidentiality, Nugget, Option, Procedure, Question, QuestionKind, Wording
from reinforce.domain.picture import ShownPicture


class Change(StrEnum):
    """A nugget's fate. Only CHANGED and REVIVED get a new revision; UNCHANGED keeps everything, memory included."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    RETIRED = "retired"
    REVIVED = "revived"


@dataclass(frozen=True, slots=True)
class KnownNugget:
    """What the store knows of a nugget of the procedure: enough to tell what became of it. `added`: it came from a
    colleague, not from the file, whose silence about it means nothing."""

    slug: str
    title: str
    content_hash: str
    retired: bool
    added: bool = False


@dataclass(frozen=True, slots=True)
class NuggetChange:
    """One line of a load's report. `meaning`: what was said of a CHANGED or REVIVED nugget before is wrong now, because
    of `why`; `differences` are what a person would see."""

    slug: str
    title: str
    change: Change
    meaning: bool = False
    why: str = ""
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class AuthorsWord:
    """What the author says of nuggets (slugs) whose change the rule would judge otherwise."""

    meaning: frozenset[str] = frozenset()
    wording_only: frozenset[str] = frozenset()


def nugget_content(nugget: Nugget) -> dict[str, Any]:
    """A nugget as plain JSON values: what its hash covers and its revision keeps."""
    content: dict[str, Any] = json.loads(json.dumps(asdict(nugget)))
    return content


def nugget_from(content: Mapping[str, Any]) -> Nugget:
    """The nugget that `nugget_content` made these plain values of."""
    asked = content["question"]
    question = None
    if asked is not None:
        question = Question(
            kind=QuestionKind(asked["kind"]),
            prompt=asked["prompt"],
            options=tuple(Option(**one) for one in asked["options"]),
            accepted=tuple(asked["accepted"]),
            tolerance=asked["tolerance"],
            hints=tuple(asked["hints"]),
            explanation=asked["explanation"],
        )
    picture = content["picture"]
    values = {
        **content,
        "picture": None if picture is None else ShownPicture(**picture),
        "wordings": tuple(Wording(**one) for one in content["wordings"]),
        "question": question,
        "confidentiality": Confidentiality(content["confidentiality"]),
    }
    return Nugget(**values | {key: tuple(content[key]) for key in ("prerequisites", "tags", "audience")})


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 over `content` as canonical JSON, in hexadecimal."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def procedure_hash(procedure: Procedure) -> str:
    """SHA-256 over all of a procedure, the order of its nuggets included; of a picture, its nugget has the hash."""
    return content_hash(json.loads(json.dumps(asdict(replace(procedure, pictures=())), default=str)))


def compare(known: Sequence[KnownNugget], nuggets: Sequence[Nugget]) -> tuple[NuggetChange, ...]:
    """What happens to every nugget, by slug: those of the file in its order, then those that retire now."""
    before = {nugget.slug: nugget for nugget in known}
    kept = {nugget.slug for nugget in nuggets}
    changes = [NuggetChange(nugget.slug, nugget.title, _change(before.get(nugget.slug), nugget)) for nugget in nuggets]
    gone = [nugget for nugget in known if nugget.slug not in kept and not (nugget.retired or nugget.added)]
    return (*changes, *(NuggetChange(nugget.slug, nugget.title, Change.RETIRED) for nugget in gone))


def judged(
    changes: Sequence[NuggetChange],
    before: Mapping[str, Mapping[str, Any]],
    nuggets: Sequence[Nugget],
    word: AuthorsWord,
) -> tuple[NuggetChange, ...]:
    """The changes, each with what differs and whether it is one of meaning; `before` is the content of each nugget's
    last revision, by slug (absent: unknown)."""
    after = {nugget.slug: nugget_content(nugget) for nugget in nuggets}
    return tuple(
        _judged(one, before[one.slug], after[one.slug], word)
        if one.change in (Change.CHANGED, Change.REVIVED) and one.slug in before
        else one
        for one in changes
    )


def _judged(
    change: NuggetChange, before: Mapping[str, Any], after: Mapping[str, Any], word: AuthorsWord
) -> NuggetChange:
    why = why_meaning_changed(before, after)
    if change.slug in word.meaning:
        why = "the author says so"
    elif change.slug in word.wording_only:
        why = ""
    return replace(change, meaning=bool(why), why=why, differences=differences(before, after))


def _change(before: KnownNugget | None, nugget: Nugget) -> Change:
    if before is None:
        return Change.ADDED
    if before.retired:
        return Change.REVIVED
    same = before.content_hash == content_hash(nugget_content(nugget))
    return Change.UNCHANGED if same else Change.CHANGED
