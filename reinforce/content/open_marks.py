"""What an author has still to write: texts that begin with TODO are reported, each once."""

from __future__ import annotations

from reinforce.content.marks import FaultList, Listing, Mapping, Marked, Scalar
from reinforce.content.scalars import short
from reinforce.domain.authoring.drafting import MARK, is_open

# Where one of these is open, the whole it stands in can't be judged yet.
_WHOLES = frozenset({"question", "choices"})


def without_open_marks(node: Marked, faults: FaultList) -> Marked:
    """The tree without what is still to be written. An open text becomes a stand-in, so that its key is not missing;
    in a list it is left out if others remain; a question with one inside is left out whole."""
    if isinstance(node, Scalar):
        return _reported(node, faults) if is_open(node.text) else node
    if isinstance(node, Listing):
        items = tuple((item, without_open_marks(item, faults)) for item in node.items)
        closed = tuple(new for item, new in items if not (isinstance(item, Scalar) and is_open(item.text)))
        return Listing(closed or tuple(new for _, new in items), node.place)
    entries = []
    for key, value in node.entries:
        new = without_open_marks(value, faults)
        if key.text not in _WHOLES or not _holds_one(value):
            entries.append((key, new))
    return Mapping(tuple(entries), node.place)


def _reported(node: Scalar, faults: FaultList) -> Scalar:
    wanted = node.text.strip().removeprefix(MARK).lstrip(" :")
    message = f"this is still to be written: {short(wanted)}" if wanted else "this is still to be written."
    faults.add(node, message, f"Write it and take {MARK} out, or leave it away.")
    return Scalar(f"to be written {node.place.line} {node.place.column} {node.place.cell}", node.place, plain=False)


def _holds_one(node: Marked) -> bool:
    if isinstance(node, Scalar):
        return is_open(node.text)
    if isinstance(node, Listing):
        return any(_holds_one(item) for item in node.items)
    return any(_holds_one(value) for _, value in node.entries)
