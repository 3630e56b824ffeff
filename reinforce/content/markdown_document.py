"""Markdown documents as paragraphs: headings, numbered lists as steps, points and text, each with its line.

Struck-out text, tables, HTML and pictures are not read, and said so; of a link its words are.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import regex
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reinforce.content.document import MOST_PARAGRAPHS, Document, LeftOut, folded, plain_paragraph, titled
from reinforce.content.office_file import refused
from reinforce.content.plain_text import read_text
from reinforce.domain.authoring.drafting import Kind, Paragraph

LARGEST_FILE = 1_000_000
# What site generators put before the text; its lines stay, empty, so that places remain right.
_FRONT_MATTER = regex.compile(r"\A---[ \t]*\r?\n(?:.*\r?\n)*?---[ \t]*(?:\r?\n|\Z)")


def read_markdown(path: Path) -> Document:
    """The paragraphs of a Markdown file (CommonMark with tables and strike-through). Raises ContentRefused."""
    parser = MarkdownIt("commonmark", {"maxNesting": 20}).enable(["table", "strikethrough"])
    reader = _Reader()
    reader.read(
        parser.parse(_FRONT_MATTER.sub(lambda found: "\n" * found[0].count("\n"), read_text(path, LARGEST_FILE)))
    )
    if len(reader.found) > MOST_PARAGRAPHS:
        raise refused(path, f"it has more than {MOST_PARAGRAPHS:,} paragraphs.", "Split it up.")
    return Document(titled("", reader.found, path.stem), tuple(reader.found), reader.left_out.in_words())


class _Reader:
    """Goes once through the parser's tokens."""

    def __init__(self) -> None:
        self.found: list[Paragraph] = []
        self.left_out = LeftOut()
        # Of the lists that are open: the next number of an ordered one, None for points.
        self._lists: list[int | None] = []
        self._item_begins = False
        self._heading: int | None = None
        self._in_table = 0

    def read(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            place = f"line {token.map[0] + 1}" if token.map else ""
            match token.type:
                case "table_open":
                    self._in_table += 1
                    self.left_out.add("a table", place)
                case "table_close":
                    self._in_table -= 1
                case "html_block":
                    self.left_out.add("HTML", place)
                case "heading_open":
                    self._heading = int(token.tag[1]) - 1
                case "heading_close":
                    self._heading = None
                case "fence" | "code_block":
                    self._add(folded(token.content), place)
                case "inline" if not self._in_table:
                    self._add(folded(self._words(token.children or (), place)), place)
                case _:
                    self._list(token)

    def _list(self, token: Token) -> None:
        match token.type:
            case "ordered_list_open":
                self._lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_open":
                self._lists.append(None)
            case "ordered_list_close" | "bullet_list_close":
                self._lists.pop()
            case "list_item_open":
                self._item_begins = True
            case "list_item_close":
                self._item_begins = False

    def _add(self, text: str, place: str) -> None:
        begins, self._item_begins = self._item_begins, False
        if not text:
            return
        if self._heading is not None:
            self.found.append(Paragraph(Kind.HEADING, text, place, level=self._heading))
        elif begins and self._lists[-1] is not None:
            number = self._lists[-1]
            self._lists[-1] = number + 1
            self.found.append(Paragraph(Kind.STEP, text, place, level=self._depth(), number=str(number)))
        elif begins:
            self.found.append(plain_paragraph(text, place, bullet_level=len(self._lists) - 1))
        elif self._lists:
            # A further paragraph of the item.
            self.found.append(Paragraph(Kind.TEXT, text, place))
        else:
            self.found.append(plain_paragraph(text, place))

    def _depth(self) -> int:
        return len(self._lists) - 1

    def _words(self, tokens: Sequence[Token], place: str) -> str:
        words, struck = [], 0
        for token in tokens:
            match token.type:
                case "s_open":
                    struck += 1
                    self.left_out.add("struck-out text", place)
                case "s_close":
                    struck -= 1
                case "text" | "code_inline" if not struck:
                    words.append(token.content)
                case "softbreak" | "hardbreak":
                    words.append(" ")
                case "image":
                    self.left_out.add("a picture", place)
                case "html_inline":
                    self.left_out.add("HTML", place)
        return "".join(words)
