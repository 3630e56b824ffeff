"""PowerPoint decks (.pptx) as paragraphs: each slide's title is a heading, its numbered points are steps.

Hidden slides, tables, charts, pictures and speakers' notes are not read, and said so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pptx
import regex

from reinforce.content.document import MOST_PARAGRAPHS, Document, LeftOut, folded, plain_paragraph, titled
from reinforce.content.office_file import damaged, read_office_file, refused
from reinforce.content.word_numbering import formatted
from reinforce.domain.authoring.drafting import Kind, Paragraph
from reinforce.domain.errors import ContentRefused

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DEEPEST = 20


def read_slides(path: Path) -> Document:
    """The paragraphs of a deck. Raises ContentRefused if it can't be read."""
    file = read_office_file(path, ".pptx", "PowerPoint")
    try:
        return _read(path, pptx.Presentation(file))
    except ContentRefused:
        raise
    except Exception as error:
        raise damaged(path, ".pptx", error) from error


def _read(path: Path, deck: Any) -> Document:
    found: list[Paragraph] = []
    left_out = LeftOut()
    for number, slide in enumerate(deck.slides, start=1):
        place = f"slide {number}"
        if slide.element.get("show") == "0":
            left_out.add("a hidden slide", place)
            continue
        found += _slide(slide, place, left_out)
        if len(found) > MOST_PARAGRAPHS:
            raise refused(path, f"it has more than {MOST_PARAGRAPHS:,} paragraphs.", "Split it up.")
    given = folded(deck.core_properties.title or "")
    return Document(titled(given, found, path.stem), tuple(found), left_out.in_words())


def _slide(slide: Any, place: str, left_out: LeftOut) -> list[Paragraph]:
    title = slide.shapes.title
    found = []
    if title is not None and folded(title.text_frame.text):
        found.append(Paragraph(Kind.HEADING, folded(title.text_frame.text), place))
    for shape in _shapes(slide.shapes, place, left_out, 0):
        if title is None or shape.shape_id != title.shape_id:
            found += _frame(shape.text_frame, place)
    if slide.has_notes_slide and folded(slide.notes_slide.notes_text_frame.text if _has_notes(slide) else ""):
        left_out.add("the speaker's notes", place)
    return found


def _has_notes(slide: Any) -> bool:
    return slide.notes_slide.notes_text_frame is not None


def _shapes(shapes: Any, place: str, left_out: LeftOut, depth: int) -> Iterator[Any]:
    """The shapes that hold text, out of the groups they are in."""
    for shape in shapes if depth < _DEEPEST else ():
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes, place, left_out, depth + 1)
        elif getattr(shape, "has_table", False):
            left_out.add("a table", place)
        elif shape.has_text_frame:
            if not _is_furniture(shape):
                yield shape
        else:
            left_out.add("a picture or a chart", place)


def _is_furniture(shape: Any) -> bool:
    """Date, footer and slide number."""
    return shape.is_placeholder and str(shape.placeholder_format.type).split(" ")[0] in {
        "DATE",
        "FOOTER",
        "SLIDE_NUMBER",
    }


def _frame(frame: Any, place: str) -> list[Paragraph]:
    found = []
    counts: dict[int, tuple[str, int]] = {}
    for paragraph in frame.paragraphs:
        text = folded(paragraph.text.replace("\v", " "))
        if not text:
            continue
        level = paragraph.level
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        numbered = paragraph._p.find(f"{_A}pPr/{_A}buAutoNum")
        if numbered is None:
            # A point or a line at the same level ends the counting there.
            counts.pop(level, None)
            found.append(plain_paragraph(text, place, bullet_level=level))
            continue
        kind, start = str(numbered.get("type")), _start(numbered)
        before = counts.get(level)
        count = before[1] + 1 if before is not None and before[0] == kind else start
        counts[level] = (kind, count)
        found.append(Paragraph(Kind.STEP, text, place, level=level, number=_shown(kind, count)))
    return found


def _start(numbered: Any) -> int:
    text = str(numbered.get("startAt", "1"))
    return int(text) if regex.fullmatch("[0-9]{1,5}", text) else 1


def _shown(kind: str, count: int) -> str:
    """The number without its dot or brackets; kinds are as "alphaLcParenR" or "arabicPeriod"."""
    for begin, name in (("alphaLc", "lowerLetter"), ("alphaUc", "upperLetter"), ("romanLc", "lowerRoman"),
                        ("romanUc", "upperRoman")):  # fmt: skip
        if kind.startswith(begin):
            return formatted(count, name)
    return str(count)
