"""What a procedure says now, as the value that a file would become: for who changes it, or writes it into a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, select

from reinforce.domain.authoring.revision import Change, content_hash, nugget_from
from reinforce.domain.nugget import Confidentiality, Nugget, Origin, Procedure, StoredNugget, Wording
from reinforce.store import tables as t
from reinforce.store.authoring import nuggets, revisions
from reinforce.store.authoring.nuggets import StoredProcedure

_OF_FILE = {one.name for one in fields(Procedure)} - {"nuggets", "pictures"}


@dataclass(frozen=True, slots=True)
class PresentContent:
    """A procedure with its live nuggets. `added` are the slugs of those that colleagues brought in: a file that is
    silent about them says nothing against them. `revisions` are
    those of all its nuggets, retired ones included; `titles` those of the live ones, in order."""

    stored: StoredProcedure
    procedure: Procedure
    added: frozenset[str]
    retired: frozenset[str]
    revisions: Mapping[str, int]
    titles: Mapping[str, str]

    def of_file(self, *besides: str) -> Procedure:
        """What its file would hold: everything but what colleagues brought in, and of that only `besides`."""
        kept = (one for one in self.procedure.nuggets if one.slug not in self.added or one.slug in besides)
        return replace(self.procedure, nuggets=tuple(kept))

    def nugget(self, slug: str) -> Nugget | None:
        """A live nugget of it."""
        return next((one for one in self.procedure.nuggets if one.slug == slug), None)


@dataclass(frozen=True, slots=True)
class PastContent:
    """What a nugget said at one of its revisions."""

    revision: int
    nugget: Nugget


def present_content(connection: Connection, slug: str, only: str | None = None) -> PresentContent:
    """A procedure as it is now; with `only`, of its nuggets just that one ("": none), read quickly. Raises NotFound.

    A nugget is what its last revision kept, to the letter (the order in which it names what it requires included), so
    that one nobody touched is unchanged when it is loaded again.
    """
    stored = nuggets.procedure_by_slug(connection, slug)
    n = t.nugget.c
    rows = connection.execute(select(t.nugget).where(n.procedure_id == stored.id).order_by(n.position, n.id)).all()
    own = {row.slug: row for row in rows}
    there = {row.slug: row for row in rows if row.retired_at is None}
    if only is None:
        live = nuggets.procedure_nuggets(connection, stored.id)
    else:
        wanted = [there[only].id] if only in there else []
        live = tuple(nuggets.nuggets_by_id(connection, wanted).values())
    kept = revisions.last_contents(connection, stored.id, [one.slug for one in live])
    slugs = {row.id: row.slug for row in there.values()}
    found = []
    for one in live:
        content = kept.get(one.slug)
        whole = content is not None and content_hash(content) == own[one.slug].content_hash
        found.append(nugget_from(content) if content is not None and whole else _from_rows(one, own[one.slug], slugs))
    values: dict[str, Any] = {name: getattr(stored, name) for name in _OF_FILE}
    return PresentContent(
        stored,
        Procedure(**values, nuggets=tuple(found)),
        frozenset(slug for slug, row in own.items() if row.origin != Origin.FILE.value),
        frozenset(own.keys() - there.keys()),
        {slug: row.revision for slug, row in own.items()},
        {slug: row.title for slug, row in there.items()},
    )


def past_content(
    connection: Connection, procedure_id: int, slug: str, revision: int | None = None
) -> PastContent | None:
    """What a nugget said at a revision, or at its last one; None if that was not kept."""
    n, v = t.nugget.c, t.nugget_revision.c
    query = (
        select(v.revision, v.content)
        .join(t.nugget, n.id == v.nugget_id)
        .where(n.procedure_id == procedure_id, n.slug == slug, v.change != Change.RETIRED.value)
        .order_by(v.id.desc())
    )
    row = connection.execute(query if revision is None else query.where(v.revision == revision)).first()
    return None if row is None else PastContent(row.revision, nugget_from(row.content))


def _from_rows(nugget: StoredNugget, own: Any, slugs: dict[int, str]) -> Nugget:
    """A nugget whose last revision was not kept as it is now, from its rows."""
    return Nugget(
        slug=nugget.slug,
        title=nugget.title,
        wordings=tuple(Wording(one.text, one.language, one.style) for one in nugget.wordings),
        question=nugget.question,
        importance=own.importance,
        prerequisites=tuple(slugs[one] for one in nugget.requires if one in slugs),
        topic=nugget.topic,
        tags=nugget.tags,
        audience=tuple(own.audience),
        source_step=nugget.source_step,
        confidentiality=Confidentiality(own.confidentiality),
        picture=nugget.picture,
    )
