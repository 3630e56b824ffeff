"""Groups of people as they may be shown to whoever may not see single ones."""

from __future__ import annotations

from collections.abc import Sequence

# Fewer are single people to whoever knows the others.
FEWEST = 5
OTHERS = "The others"


def in_groups(labels: Sequence[str]) -> list[tuple[str, tuple[int, ...]]]:
    """The places of `labels` by label, in order of the labels, no group of fewer than FEWEST.

    Smaller ones are put together, with the smallest of the large ones if need be: else they could be found by taking
    the groups that are shown from the whole. Empty if there are fewer than FEWEST in all."""
    if len(labels) < FEWEST:
        return []
    by_label: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        by_label.setdefault(label, []).append(place)
    shown = {label: places for label, places in by_label.items() if label and len(places) >= FEWEST}
    others = [place for label, places in by_label.items() if label not in shown for place in places]
    while others and len(others) < FEWEST:
        others += shown.pop(min(shown, key=lambda label: (len(shown[label]), label)))
    groups = [(label, tuple(places)) for label, places in sorted(shown.items())]
    return groups + ([(OTHERS if groups else "Everyone", tuple(sorted(others)))] if others else [])
