"""What loading a procedure again does to each of its nuggets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from reinforce.domain.nugget import Nugget, Procedure


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
    """One line of a load's report."""

    slug: str
    title: str
    change: Change


def nugget_content(nugget: Nugget) -> dict[str, Any]:
    """A nugget as plain JSON values: what its hash covers and its revision keeps."""
    content: dict[str, Any] = json.loads(json.dumps(asdict(nugget)))
    return content


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 over `content` as canonical JSON, in hexadecimal."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def procedure_hash(procedure: Procedure) -> str:
    """SHA-256 over all of a procedure, the order of its nuggets included."""
    return content_hash(json.loads(json.dumps(asdict(procedure), default=str)))


def compare(known: Sequence[KnownNugget], nuggets: Sequence[Nugget]) -> tuple[NuggetChange, ...]:
    """What happens to every nugget, by slug: those of the file in its order, then those that retire now."""
    before = {nugget.slug: nugget for nugget in known}
    kept = {nugget.slug for nugget in nuggets}
    changes = [NuggetChange(nugget.slug, nugget.title, _change(before.get(nugget.slug), nugget)) for nugget in nuggets]
    gone = [nugget for nugget in known if nugget.slug not in kept and not (nugget.retired or nugget.added)]
    return (*changes, *(NuggetChange(nugget.slug, nugget.title, Change.RETIRED) for nugget in gone))


def _change(before: KnownNugget | None, nugget: Nugget) -> Change:
    if before is None:
        return Change.ADDED
    if before.retired:
        return Change.REVIVED
    same = before.content_hash == content_hash(nugget_content(nugget))
    return Change.UNCHANGED if same else Change.CHANGED
