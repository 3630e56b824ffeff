"""One nugget that comes from no file, checked as one of a file would be: a colleague's tip, or an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from reinforce.content import marks
from reinforce.content.marks import FaultList, Marked, Place, Scalar
from reinforce.content.nugget_entry import Inherited, read_nugget
from reinforce.domain.nugget import Nugget

# As a YAML file would hold it: texts, lists and mappings (docs/reference/procedure-file.md).
Written: TypeAlias = str | Sequence["Written"] | Mapping[str, "Written"]

NAME = "new nugget"


def read_added(values: Mapping[str, Written], inherited: Inherited) -> Nugget:
    """The nugget that `values` describe, with the keys of a procedure's file ("title", "wordings", "question", …).

    Raises ContentRefused with everything that is wrong with it, each fault named by its key. It can't require another
    nugget: `requires` belongs to the file, which orders them all.
    """
    faults = FaultList()
    draft = read_nugget(_tree({key: one for key, one in values.items() if one}, NAME), inherited, faults)
    if draft is not None and draft.requires:
        faults.add(draft.requires[0][0], '"requires" can\'t be used here.', "Add it to the procedure's file instead.")
    faults.raise_if_any()
    assert draft is not None
    return draft.nugget


def _tree(value: Written, key: str) -> Marked:
    place = Place(NAME, cell=key)
    if isinstance(value, str):
        return Scalar(value, place, plain=False)
    if isinstance(value, Mapping):
        return marks.Mapping(tuple((Scalar(name, place), _tree(one, name)) for name, one in value.items()), place)
    return marks.Listing(tuple(_tree(one, key) for one in value), place)
