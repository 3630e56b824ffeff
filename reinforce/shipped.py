"""Finds what ships beside the code: templates/, schedules/, alembic/ and examples/.

In a checkout they stand next to the package; in an installed wheel they are inside it, under `_shipped/`.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """The folder `name` as shipped. Raises FileNotFoundError, with both places, if it is in neither."""
    places = (_PACKAGE / "_shipped" / name, _PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"{name}/ is in neither {places[0]} nor {places[1]}: reinstall reinforce")
