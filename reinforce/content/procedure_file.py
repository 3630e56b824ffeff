"""Procedures as YAML files, the native format (docs/reference/procedure-file.md).

`procedure_from` reads the tree of marks and so serves the workbook too, whose rows become the same tree.
"""

from __future__ import annotations

from pathlib import Path

from reinforce.content.fields import Fields
from reinforce.content.marks import FaultList, Listing, Marked, Place, Scalar, read_yaml
from reinforce.content.nugget_entry import DraftNugget, Inherited, read_nugget
from reinforce.content.open_marks import without_open_marks
from reinforce.content.scalars import did_you_mean, slug_of
from reinforce.domain.authoring.prerequisites import find_cycle
from reinforce.domain.nugget import Confidentiality, Procedure
from reinforce.domain.texts.wording import text_hash

MOST_NUGGETS = 500
_KEYS = (
    "title",
    "slug",
    "owner",
    "language",
    "audience",
    "importance",
    "confidentiality",
    "assessment",
    "nuggets",
)


def read_procedure(path: Path) -> Procedure:
    """The procedure in a YAML file. Raises ContentRefused with every fault of the file."""
    faults = FaultList()
    procedure = procedure_from(read_yaml(path, faults), slug_of(path.stem), faults, path.parent)
    faults.raise_if_any()
    return procedure


def procedure_from(node: Marked, default_slug: str, faults: FaultList, folder: Path | None = None) -> Procedure:
    """The procedure that `node` describes, its pictures in `folder`; faults go to `faults`, for the caller to raise."""
    fields = Fields(without_open_marks(node, faults), "a procedure", _KEYS, faults)
    fields.need("title", 'Add a line such as "title: Lockout of a machine" at the top.')
    fields.need("owner", 'Say who answers for the content: "owner: EHS team".')
    fields.need("nuggets", 'Add "nuggets:" and under it a list, one nugget an item.')
    inherited = Inherited(
        language=fields.language("language", "en"),
        confidentiality=fields.choice("confidentiality", Confidentiality.INTERNAL),
        folder=folder,
    )
    items = fields.nodes("nuggets", most=MOST_NUGGETS)
    drafts = [draft for item in items if (draft := read_nugget(item, inherited, faults)) is not None]
    listed = fields.value("nuggets")
    if isinstance(listed, Listing) and not items:
        faults.add(listed, "there are no nuggets.", "Add at least one.")
    _check_slugs(drafts, faults)
    _check_texts(drafts, faults)
    _check_prerequisites(drafts, faults)
    slug = fields.slug("slug", default_slug)
    if not slug:
        faults.add(node, "the file's name makes no slug.", 'Add one: "slug: lockout" (lower case letters, hyphens).')
    return Procedure(
        slug=slug,
        title=fields.text("title"),
        owner=fields.text("owner"),
        nuggets=tuple(draft.nugget for draft in drafts),
        language=inherited.language,
        audience=roles(fields),
        importance=fields.number("importance", 1.0, least=0.1, most=10),
        confidentiality=inherited.confidentiality,
        assessment=fields.day("assessment"),
        pictures=tuple(draft.picture for draft in drafts if draft.picture is not None),
    )


def roles(fields: Fields) -> tuple[str, ...]:
    """The roles of `audience`; they are compared without regard to case, as a roster's are."""
    return tuple(role.casefold() for role in fields.texts("audience", longest=60))


def _check_slugs(drafts: list[DraftNugget], faults: FaultList) -> None:
    first: dict[str, Place] = {}
    for draft in drafts:
        slug = draft.nugget.slug
        if slug and slug in first:
            there = _named(first[slug])
            advice = "Give each its own: it is what keeps a nugget's memory when the file is loaded again."
            faults.add(draft.slug_place, f'the slug "{slug}" stands here again; it is taken by {there}.', advice)
        first.setdefault(slug, draft.slug_place)


def _check_texts(drafts: list[DraftNugget], faults: FaultList) -> None:
    """No text twice in a procedure: X refuses a duplicate, and a reader has seen it."""
    first: dict[str, Place] = {}
    for draft in drafts:
        for place, text in draft.texts:
            key = text_hash(text)
            if text and key in first:
                message = f"this text stands in the procedure already ({_named(first[key])})."
                faults.add(place, message, "X refuses the same text twice: say it in other words.")
            first.setdefault(key, place)


def _check_prerequisites(drafts: list[DraftNugget], faults: FaultList) -> None:
    slugs = [draft.nugget.slug for draft in drafts]
    places: dict[str, Scalar] = {}
    for draft in drafts:
        for where, slug in draft.requires:
            places.setdefault(draft.nugget.slug, where)
            if slug not in slugs:
                advice = did_you_mean(slug, slugs) or "Name the slug of a nugget in this file."
                faults.add(where, f'"requires" names "{slug}", which is no nugget of this procedure.', advice)
    cycle = find_cycle({draft.nugget.slug: draft.nugget.prerequisites for draft in drafts})
    if cycle:
        chain = " → ".join(cycle)
        faults.add(places[cycle[0]], f"nuggets require each other in a circle: {chain}.", "Take one of them out.")


def _named(place: Place) -> str:
    return place.cell or f"line {place.line}"
