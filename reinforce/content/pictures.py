"""Pictures that a file names: files beside it, as X takes them."""

from __future__ import annotations

from pathlib import Path

import regex

from reinforce.content.fields import Fields
from reinforce.content.marks import FaultList, Place, Scalar
from reinforce.content.plain_text import read_bytes
from reinforce.content.scalars import short
from reinforce.domain.authoring.post_rules import objections
from reinforce.domain.errors import ContentRefused
from reinforce.domain.picture import LARGEST_PICTURE, LONGEST_ALT, Picture, ShownPicture
from reinforce.domain.texts.canonical_text import nfc

_STARTS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


# A picture that the workspace keeps already, as a file written by the console names it.
_KEPT = regex.compile(r"sha256:([0-9a-f]{64})/(.{1,200})")


def as_named(picture: ShownPicture) -> str:
    """How a file names a picture that is kept already."""
    return f"sha256:{picture.hash}/{picture.name}"


def kept_hash(named: str) -> str:
    """The hash of a picture that is named as kept already; "" for any other."""
    kept = _KEPT.fullmatch(named.strip())
    return kept[1] if kept else ""


def picture_of(fields: Fields, folder: Path | None) -> Picture | ShownPicture | None:
    """The picture of a nugget by its "image" and "alt": a file in `folder` or below it (None: no files are beside this
    one), or one that is kept already. None if there is none, or none that can be used (reported)."""
    file, alt = fields.value("image"), fields.value("alt")
    if file is None:
        if alt is not None:
            advice = "Name the picture's file: image: lock.png. Or take the alternative text out."
            fields.faults.add(alt, "there is an alternative text, and no picture.", advice)
        return None
    if not isinstance(file, Scalar) or not (alt is None or isinstance(alt, Scalar)):
        fields.faults.add(file, '"image" and "alt" must each be one text.', 'Write "image: lock.png".')
        return None
    kept = _KEPT.fullmatch(file.text.strip())
    if kept:
        return ShownPicture(kept[1], _alt(file, alt, fields.faults), kept[2])
    if folder is None:
        fields.faults.add(file, f'"{short(file.text)}" can\'t be looked for here.', "Give the picture itself.")
        return None
    return read_picture(file, alt, folder, fields.faults)


def picture_from(path: Path) -> Picture:
    """The picture in a file, without words as yet. Raises ContentRefused for one that X does not take."""
    faults = FaultList()
    picture = _read(Scalar(path.name, Place(str(path)), plain=False), path, "", faults)
    faults.raise_if_any()
    assert picture is not None
    return picture


def read_picture(file: Scalar, alt: Scalar | None, folder: Path, faults: FaultList) -> Picture | None:
    """The picture that `file` names, in `folder` or below it; None if it can't be used (reported)."""
    words = _alt(file, alt, faults)
    name = file.text.strip()
    place = (folder / name).resolve()
    if not name or Path(name).is_absolute() or not place.is_relative_to(folder.resolve()):
        advice = "Put it beside the file that names it, and name it from there."
        faults.add(file, f'"{short(name)}" is no picture beside this file.', advice)
        return None
    return _read(file, place, words, faults)


def _read(file: Scalar, place: Path, words: str, faults: FaultList) -> Picture | None:
    name = file.text.strip()
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
    for objection in objections(words, room=len(words) * 4):
        faults.add(alt or file, f"the alternative text: {objection.message}", objection.advice)
    return words


def _kind(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _STARTS if content.startswith(start)), "")
