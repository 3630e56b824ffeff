"""A procedure with one nugget written anew by hand: read as its file would be, faults named by the field they belong
to."""

from __future__ import annotations

from collections.abc import Mapping

from reinforce.content import marks
from reinforce.content.added_nugget import Written
from reinforce.content.marks import FaultList, Listing, Marked, Place, Scalar
from reinforce.content.nugget_entry import Inherited, read_nugget
from reinforce.content.procedure_file import procedure_from
from reinforce.content.written_procedure import about, written
from reinforce.domain.errors import ContentRefused, Fault
from reinforce.domain.nugget import Nugget, Procedure

HERE = "this nugget"
# Lists whose items have a field each: their faults name the item, those of the other lists the field.
_ITEMS = {"wordings": "wording", "choices": "choice", "hints": "hint"}


def composed(procedure: Procedure, entry: Mapping[str, Written], replaces: str = "") -> Procedure:
    """`procedure` with the nugget that `entry` describes (keys as in a file) in the place of `replaces`, or behind the
    others. Raises ContentRefused with every fault: the cell of one is the field ("title", "wording 2", "choices"), or
    for what only another nugget can mend "nugget" and its slug."""
    faults = FaultList()
    nodes: list[Marked] = []
    for one in procedure.nuggets:
        there = _tree(written(one, procedure), f"nugget {one.slug}", named=False)
        nodes.append(_tree(entry, "nugget") if one.slug == replaces else there)
    if not replaces:
        nodes.append(_tree(entry, "nugget"))
    return _read(procedure, nodes, faults)


def without(procedure: Procedure, slug: str) -> Procedure:
    """`procedure` without one of its nuggets. Raises ContentRefused where others require it, or none is left."""
    rest = [one for one in procedure.nuggets if one.slug != slug]
    if len(rest) == 0:
        advice = "A procedure has at least one nugget: add another first."
        raise ContentRefused([Fault(HERE, 1, 1, "it is the last one of its procedure.", advice, "nugget")])
    nodes = [_tree(written(one, procedure), f"nugget {one.slug}", named=False) for one in rest]
    return _read(procedure, nodes, FaultList())


def look_at(procedure: Procedure, entry: Mapping[str, Written]) -> tuple[Nugget | None, tuple[Fault, ...]]:
    """The nugget by itself, as far as it can be read, and what is wrong with it; for who is still writing."""
    faults = FaultList()
    inherited = Inherited(procedure.language, procedure.confidentiality)
    draft = read_nugget(_tree(entry, "nugget"), inherited, faults)
    return (None if draft is None else draft.nugget), faults.faults


def _read(procedure: Procedure, nodes: list[Marked], faults: FaultList) -> Procedure:
    place = Place(HERE, cell="procedure")
    entries = [(Scalar(key, place), _tree(value, "procedure", named=False)) for key, value in about(procedure).items()]
    entries.append((Scalar("nuggets", place), Listing(tuple(nodes), place)))
    read = procedure_from(marks.Mapping(tuple(entries), place), procedure.slug, faults)
    faults.raise_if_any()
    return read


def _tree(value: Written, cell: str, *, named: bool = True, key: str = "") -> Marked:
    """`value` as marks. Where `named`, each has the field it stands in for its place; else all have `cell`."""
    place = Place(HERE, cell=cell)
    if isinstance(value, str):
        return Scalar(value, place, plain=False)
    if isinstance(value, Mapping):
        inner = named and not any(cell.startswith(f"{item} ") for item in _ITEMS.values())
        return marks.Mapping(
            tuple(
                (Scalar(name, place), _tree(one, name if inner else cell, named=named, key=name))
                for name, one in value.items()
            ),
            place,
        )
    item = _ITEMS.get(key, "") if named else ""
    return Listing(
        tuple(_tree(one, f"{item} {n}" if item else cell, named=named) for n, one in enumerate(value, 1)), place
    )
