"""Word documents (.docx) as paragraphs: headings, numbered steps as Word shows them, points and text.

Read is what a reader sees with all changes taken: inserted text is, deleted and hidden text is not. Tables, text boxes
and pictures are not read, and said so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import regex

from reinforce.content.document import MOST_PARAGRAPHS, Document, LeftOut, folded, plain_paragraph, titled
from reinforce.content.office_file import damaged, read_office_file, refused
from reinforce.content.word_numbering import Numbering, W
from reinforce.domain.authoring.drafting import Kind, Paragraph
from reinforce.domain.errors import ContentRefused

_WRAPPERS = {f"{W}{name}" for name in ("ins", "moveTo", "customXml", "smartTag", "sdtContent")}
_GONE = {f"{W}{name}" for name in ("del", "moveFrom")}
# Parts of a paragraph that hold no text of its own.
_SILENT = {f"{W}{name}" for name in ("pPr", "rPr", "instrText", "delText", "delInstrText", "txbxContent", "object")}
_BREAKS = {f"{W}{name}": " " for name in ("tab", "br", "cr")} | {f"{W}noBreakHyphen": "-", f"{W}softHyphen": ""}
_TITLES = {"title", "titel", "titre", "título"}
_DEEPEST = 40
_MOST_BASES = 30


def read_word(path: Path) -> Document:
    """The paragraphs of a Word document. Raises ContentRefused if it can't be read."""
    file = read_office_file(path, ".docx", "Word")
    try:
        document = docx.Document(file)
        return _Reader(path, document).read()
    except ContentRefused:
        raise
    except Exception as error:
        raise damaged(path, ".docx", error) from error


class _Reader:
    """Goes once through the body."""

    def __init__(self, path: Path, document: Any) -> None:
        self._path = path
        self._document = document
        self._styles = {one.get(f"{W}styleId"): one for one in document.styles.element.findall(f"{W}style")}
        self._numbering = Numbering(_numbering_element(document), self._style_lists())
        self._left_out = LeftOut()
        self._title = ""

    def read(self) -> Document:
        found: list[Paragraph] = []
        for number, element in enumerate(self._blocks(self._document.element.body, 0), start=1):
            if number > MOST_PARAGRAPHS:
                raise refused(self._path, f"it has more than {MOST_PARAGRAPHS:,} paragraphs.", "Split it up.")
            place = f"paragraph {number}"
            if element.tag == f"{W}tbl":
                self._left_out.add("a table", place)
                continue
            paragraph = self._paragraph(element, place)
            if paragraph is not None:
                found.append(paragraph)
        given = self._title or folded(self._document.core_properties.title or "")
        return Document(titled(given, found, self._path.stem), tuple(found), self._left_out.in_words())

    def _blocks(self, parent: Any, depth: int) -> Iterator[Any]:
        """Paragraphs and tables in order, out of whatever wraps them."""
        for child in parent if depth < _DEEPEST else ():
            if child.tag in {f"{W}p", f"{W}tbl"}:
                yield child
            elif child.tag in _WRAPPERS or (child.tag == f"{W}sdt" and not _is_contents(child)):
                yield from self._blocks(child, depth + 1)

    def _paragraph(self, element: Any, place: str) -> Paragraph | None:
        style = self._style_of(element)
        name = _style_name(self._styles.get(style))
        text = folded("".join(self._texts(element, place, 0)))
        if name.startswith(("toc ", "table of")) or (not text and self._is_deleted(element)):
            return None
        # An empty numbered paragraph counts too, but says nothing; one that was deleted does not even count.
        listed = self._list_of(element, style)
        number = None if listed is None else self._numbering.count(*listed)
        if name in _TITLES and text and not self._title:
            self._title = text
            return None
        outline = self._outline(element, style, name)
        if not text:
            return None
        if outline is not None:
            return Paragraph(Kind.HEADING, text, place, level=outline, number=number or "")
        if listed is not None and number:
            return Paragraph(Kind.STEP, text, place, level=listed[1], number=number)
        bullet = listed[1] if listed is not None and self._numbering.is_bullet(*listed) else None
        return plain_paragraph(text, place, bullet_level=bullet)

    def _texts(self, element: Any, place: str, depth: int) -> Iterator[str]:
        for child in element if depth < _DEEPEST else ():
            if child.tag in _GONE:
                self._left_out.add("text that was deleted or moved away (a tracked change)", place)
            elif child.tag == f"{W}t":
                yield child.text or ""
            elif child.tag in _BREAKS:
                yield _BREAKS[child.tag]
            elif child.tag in {f"{W}drawing", f"{W}pict"}:
                self._left_out.add("a picture or a text box", place)
            elif child.tag == f"{W}r" and _is_on(child, "rPr", "vanish"):
                self._left_out.add("hidden text", place)
            elif child.tag not in _SILENT and not str(child.tag).endswith("}AlternateContent"):
                yield from self._texts(child, place, depth + 1)
            elif str(child.tag).endswith("}AlternateContent"):
                self._left_out.add("a picture or a text box", place)

    def _is_deleted(self, element: Any) -> bool:
        mark = element.find(f"{W}pPr/{W}rPr/{W}del")
        return mark is not None or any(child.tag in _GONE for child in element)

    def _style_of(self, element: Any) -> str:
        named = element.find(f"{W}pPr/{W}pStyle")
        if named is not None:
            return str(named.get(f"{W}val"))
        default = (one for key, one in self._styles.items() if one.get(f"{W}default") in {"1", "true"} and key)
        first = next((one for one in default if one.get(f"{W}type") == "paragraph"), None)
        return "" if first is None else str(first.get(f"{W}styleId"))

    def _bases(self, style: str) -> Iterator[tuple[str, Any]]:
        """A style and those it is based on, nearest first."""
        for _ in range(_MOST_BASES):
            element = self._styles.get(style)
            if element is None:
                return
            yield style, element
            base = element.find(f"{W}basedOn")
            style = "" if base is None else str(base.get(f"{W}val"))

    def _list_of(self, element: Any, style: str) -> tuple[str, int] | None:
        """List and level of a paragraph: its own, else its style's. List 0 takes a paragraph out of its style's."""
        own = element.find(f"{W}pPr/{W}numPr")
        list_id, level = _list_and_level(own)
        for name, base in self._bases(style):
            if list_id is not None:
                break
            inherited, inherited_level = _list_and_level(base.find(f"{W}pPr/{W}numPr"))
            if inherited is not None:
                list_id = inherited
                of_style = self._numbering.level_of_style(inherited, name)
                level = level if level is not None else of_style if of_style is not None else inherited_level
        return None if list_id in {None, "0"} else (str(list_id), level or 0)

    def _outline(self, element: Any, style: str, name: str) -> int | None:
        """The level of a heading from 0; None for what is no heading."""
        places = [element, *(base for _, base in self._bases(style))]
        for place in places:
            found = place.find(f"{W}pPr/{W}outlineLvl")
            if found is not None:
                value = str(found.get(f"{W}val"))
                return int(value) if regex.fullmatch("[0-8]", value) else None
        named = regex.fullmatch(r"heading ([1-9])", name)
        return int(named[1]) - 1 if named else None

    def _style_lists(self) -> dict[str, str]:
        """For each list style the list it stands for."""
        found = {}
        for key, style in self._styles.items():
            list_id, _ = _list_and_level(style.find(f"{W}pPr/{W}numPr"))
            if style.get(f"{W}type") == "numbering" and list_id is not None:
                found[key] = list_id
        return found


def _numbering_element(document: Any) -> Any:
    """The part that defines the lists, None where the document has none (asking for it would make one)."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/numbering") and not relation.is_external:
            return relation.target_part.element
    return None


def _list_and_level(element: Any) -> tuple[str | None, int | None]:
    if element is None:
        return None, None
    list_id, level = element.find(f"{W}numId"), element.find(f"{W}ilvl")
    text = "" if level is None else str(level.get(f"{W}val"))
    whole = int(text) if regex.fullmatch("[0-8]", text) else None
    return (None if list_id is None else str(list_id.get(f"{W}val"))), whole


def _style_name(style: Any) -> str:
    name = None if style is None else style.find(f"{W}name")
    return "" if name is None else str(name.get(f"{W}val")).casefold()


def _is_on(element: Any, *path: str) -> bool:
    found = element.find("/".join(f"{W}{name}" for name in path))
    return found is not None and found.get(f"{W}val") not in {"0", "false", "off"}


def _is_contents(element: Any) -> bool:
    """Whether a content control is a table of contents."""
    gallery = element.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    return gallery is not None and "Contents" in str(gallery.get(f"{W}val"))
