"""Pictures that a file names: files beside it, as X takes them."""

from __future__ import annotations

from pathlib import Path

from reinforce.content.marks import FaultList, Scalar
from reinforce.content.plain_text import read_bytes
from reinforce.content.scalars import short
from reinforce.domain.errors import ContentRefused
from reinforce.domain.picture import LARGEST_PICTURE, LONGEST_ALT, Picture
from reinforce.domain.texts.canonical_text import nfc

_STARTS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


def read_picture(file: Scalar, alt: Scalar | None, folder: Path, faults: FaultList) -> Picture | None:
    """The picture that `file` names, in `folder` or below it; None if it can't be used (reported)."""
    words = _alt(file, alt, faults)
    name = file.text.strip()
    place = (folder / name).resolve()
    if not name or Path(name).is_absolute() or not place.is_relative_to(folder.resolve()):
        advice = "Put it beside the file that names it, and name it from there."
        faults.add(file, f'"{short(name)}" is no picture beside this file.', advice)
        return None
    try:
        content = read_bytes(place, largest=LARGEST_PICTURE)
    except ContentRefused as refused:
        what = refused.faults[0].message
        large = what.startswith("the file has")
        advice = "X takes pictures of at most 5 MB: save it smaller." if large else refused.faults[0].advice
        faults.add(file, f"{short(name)}: {what}", advice)
        return None
    kind = _kind(content)
    if not kind:
        why = "X has to take time over animated ones" if content.startswith(b"GIF8") else "it is none of these"
        faults.add(file, f"{short(name)} is no PNG, JPEG or WebP: {why}.", "Save it as one of them.")
        return None
    return Picture(name, words, kind, content)


def _alt(file: Scalar, alt: Scalar | None, faults: FaultList) -> str:
    words = "" if alt is None else nfc(" ".join(alt.text.split()))
    if not words:
        advice = "Say what is to be seen, for those who can't see it: alt: A red lock on the main switch."
        faults.add(alt or file, "the picture has no alternative text.", advice)
    elif len(words) > LONGEST_ALT:
        faults.add(alt or file, f"the alternative text has {len(words)} characters.", f"X takes {LONGEST_ALT}.")
    return words


def _kind(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _STARTS if content.startswith(start)), "")
