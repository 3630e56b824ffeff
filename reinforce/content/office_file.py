"""Word and PowerPoint files from strangers: opened only when their size is known and nothing in them acts.

What a library would unpack into memory is bounded before it is called; no document type, so no entity of any kind, is
let through to a parser; nothing in a file is ever run, and a file that brings programs along is not opened at all.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from pathlib import Path
from xml.parsers import expat

from reinforce.content.plain_text import read_bytes
from reinforce.domain.errors import ContentRefused, Fault

LARGEST_FILE = 50_000_000
LARGEST_UNPACKED = 250_000_000
LARGEST_TEXT = 60_000_000  # all parts of XML together
MOST_PARTS = 5_000
# A parser makes an object of each: as many take some hundred megabytes and a few seconds. Long manuals have a fifth.
MOST_ELEMENTS = 1_000_000
# Everything that unpacking a broken or strange archive raises.
DAMAGED_ARCHIVE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


def read_office_file(path: Path, ending: str, program: str) -> io.BytesIO:
    """The bytes of a file that is safe to open. Raises ContentRefused if it is none, or none of `program`."""
    raw = read_bytes(path, LARGEST_FILE)
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        message = f"this is an old {program} file, or one with a password."
        raise refused(path, message, f"Open it in {program}, take the password off and save it as {ending}.")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            _check(path, archive, ending, program)
    except DAMAGED_ARCHIVE as error:
        message = f"this is no {program} file, whatever its name says, or a damaged one."
        raise refused(path, message, f"Save it again as {ending} from {program}.") from error
    return io.BytesIO(raw)


def refused(path: Path, message: str, advice: str) -> ContentRefused:
    """The refusal of the whole file."""
    return ContentRefused([Fault(str(path), 1, 1, message, advice)])


def is_xml(raw: bytes) -> bool:
    """Whether a parser would take this for XML. A part's name says nothing: a library goes by what refers to it."""
    return raw.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<")


def elements(raw: bytes) -> int:
    """How many elements a part of XML has, without parsing it; in whatever encoding."""
    return raw.count(b"<") - raw.count(b"</")


def damaged(path: Path, ending: str, error: Exception) -> ContentRefused:
    """The refusal of a file in which a library stumbled: a broken one makes it raise a dozen kinds of error."""
    return refused(path, f"the file is damaged ({type(error).__name__}).", f"Save it again as {ending}.")


def _check(path: Path, archive: zipfile.ZipFile, ending: str, program: str) -> None:
    parts = archive.infolist()
    texts = [part for part in parts if part.filename.lower().endswith((".xml", ".rels"))]
    unpacked, text = sum(part.file_size for part in parts), sum(part.file_size for part in texts)
    if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED or text > LARGEST_TEXT:
        size = f"{len(parts):,} parts, {unpacked / 1e6:,.0f} MB unpacked, {text / 1e6:,.0f} MB of text"
        message = f"the document is far larger than its text can be ({size})."
        raise refused(path, message, "Copy the text into a fresh document, without pictures, or split it up.")
    if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
        raise refused(path, "the document brings macros along.", f"Save it as {ending}, which holds none.")
    if "[Content_Types].xml" not in archive.namelist():
        raise refused(path, f"this is a zip archive, not a {program} file.", f"Save it as {ending} from {program}.")
    if b"purl.oclc.org/ooxml" in archive.read("_rels/.rels" if "_rels/.rels" in archive.namelist() else texts[0]):
        message = "the document is saved as Strict Open XML, which few programs read."
        raise refused(path, message, f"Save it as the usual {ending} ({program}'s first choice).")
    found = 0
    for part in parts:
        raw = archive.read(part)
        if part not in texts and not is_xml(raw):
            continue
        found += elements(raw)
        if found > MOST_ELEMENTS:
            message = f"the document is far larger than its text can be (more than {MOST_ELEMENTS:,} elements of XML)."
            raise refused(path, message, "Copy the text into a fresh document, or split it up.")
        _require_no_document_type(path, raw, program)


def _require_no_document_type(path: Path, raw: bytes, program: str) -> None:
    """Entities, internal or from elsewhere, need a document type; no office program writes one."""

    def stop(*_: object) -> None:
        message = "the document declares a document type, as only files do that mean harm."
        raise refused(path, message, f"Save it again from {program}.")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = stop
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise refused(path, f"the document is damaged ({error}).", f"Save it again from {program}.") from error
