"""Writes small office files part by part, so that a test can say exactly what stands in them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
WORD_NAMES = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
HEADING = '<w:style w:type="paragraph" w:styleId="H{0}"><w:name w:val="heading {0}"/></w:style>'
STYLES = HEADING.format(1) + HEADING.format(2)


def numbered(text: str, *, list_id: int = 1, level: int = 0) -> str:
    """A paragraph of a list."""
    place = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'
    return f"<w:p><w:pPr>{place}</w:pPr>{run(text)}</w:p>"


def styled(text: str, style: str) -> str:
    """A paragraph of a style."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{run(text)}</w:p>'


def plain(text: str) -> str:
    """A paragraph without list or style."""
    return f"<w:p>{run(text)}</w:p>"


def run(text: str) -> str:
    """A run of text."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def level(number: int, pattern: str, *, kind: str = "decimal", more: str = "") -> str:
    """One level of a list's definition."""
    shape = f'<w:start w:val="1"/><w:numFmt w:val="{kind}"/>{more}<w:lvlText w:val="{pattern}"/>'
    return f'<w:lvl w:ilvl="{number}">{shape}</w:lvl>'


def definition(number: int, *levels: str, more: str = "") -> str:
    """A list's definition."""
    return f'<w:abstractNum w:abstractNumId="{number}">{more}{"".join(levels)}</w:abstractNum>'


def listing(number: int, of: int, *, anew: bool = False) -> str:
    """A list of a definition; `anew`: it begins at 1 again."""
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>' if anew else ""
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{of}"/>{override}</w:num>'


def write_word(
    path: Path, body: str, numbering: str = "", styles: str = STYLES, extra: Mapping[str, bytes] | None = None
) -> Path:
    """A .docx with these paragraphs, list definitions and styles."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{_WORD}.styles+xml"/>'
        f'<Override PartName="/word/numbering.xml" ContentType="{_WORD}.numbering+xml"/></Types>',
        "_rels/.rels": _relations(("officeDocument", "word/document.xml")),
        "word/_rels/document.xml.rels": _relations(("styles", "styles.xml"), ("numbering", "numbering.xml")),
        "word/document.xml": f"<w:document {WORD_NAMES}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {WORD_NAMES}>{styles}</w:styles>",
        "word/numbering.xml": f"<w:numbering {WORD_NAMES}>{numbering}</w:numbering>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**{name: text.encode() for name, text in parts.items()}, **(extra or {})}.items():
            archive.writestr(name, content)
    return path


def _relations(*targets: tuple[str, str]) -> str:
    entries = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'
