"""Text files as people save them: sizes and encodings, told in words before anything is parsed."""

from __future__ import annotations

import codecs
from pathlib import Path

import regex

from reinforce.domain.errors import ContentRefused, Fault

LARGEST = 2_000_000  # bytes; a procedure of 500 nuggets with 5 wordings each has about half a million

_LONGEST_NAME = 200
_SAVE_AS = 'Save it as "UTF-8" in your editor (in Excel: "CSV UTF-8").'
# Longest first: the mark of UTF-32 LE begins with that of UTF-16 LE.
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_SIGNATURES = (
    (b"PK\x03\x04", "a spreadsheet or an office document (or another zip archive)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word document"),
    (b"%PDF", "a PDF"),
)
_CONTROL = regex.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")


def beside(folder: Path, name: str) -> Path | None:
    """The file that another one in `folder` names: there or below it. None for one elsewhere: who gives a file to the
    console may read no others by it."""
    if not name or "\0" in name or len(name) > _LONGEST_NAME:
        return None
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) else None


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """The file's bytes. Raises ContentRefused if it is not there, is no file, can't be opened or exceeds `largest`."""
    try:
        with path.open("rb") as file:
            raw = file.read(largest + 1)
    except FileNotFoundError:
        raise _refused(path, "there is no such file.", "See that the name and the folder are right.") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise _refused(path, f"the file can't be read: {reason}.", "Name a file that you may open.") from None
    if len(raw) > largest:
        size = f"{path.stat().st_size / 1e6:,.1f} MB"
        raise _refused(path, f"the file has {size}; at most {largest / 1e6:g} MB are read.", "Split it up.")
    return raw


def read_text(path: Path, largest: int = LARGEST) -> str:
    """The file's text, with line ends as they are. A byte order mark of UTF-8 is dropped.

    Raises ContentRefused for another encoding than UTF-8 (with the line of the first foreign byte and, where it can be
    told, the encoding), for a file that is no text, and for control characters.
    """
    raw = read_bytes(path, largest)
    _require_text(path, raw)
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            raise _refused(path, f"the file is written in {encoding}; only UTF-8 is read.", _SAVE_AS)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _foreign_byte(path, raw) from None
    found = _CONTROL.search(text)
    if found:
        raise _control_character(path, raw, text, found.start())
    return text


def read_foreign_text(path: Path, encoding: str = "", largest: int = LARGEST) -> tuple[str, str]:
    """The text of a file that another system wrote, and the name of its encoding: UTF-8, UTF-16, UTF-32 or, where it
    is none of them, Windows-1252. `encoding` says which it is.

    Raises ContentRefused where it is not, and for what is no text.
    """
    raw = read_bytes(path, largest)
    _require_text(path, raw)
    name = encoding or _encoding_of(raw)
    try:
        text = raw.decode(_CODECS.get(name, name)).removeprefix("\ufeff")
    except UnicodeDecodeError:
        if name in {"utf-8", "windows-1252"} and not encoding:
            raise _foreign_byte(path, raw) from None
        advice = "Say in which encoding it is (--encoding), or save it as UTF-8."
        raise _refused(path, f"the file is not written in {name}.", advice) from None
    found = _CONTROL.search(text)
    if found:
        raise _control_character(path, raw, text, found.start())
    return text, name


_CODECS = {"utf-8": "utf-8-sig", "windows-1252": "cp1252"}


def _encoding_of(raw: bytes) -> str:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return encoding.lower()
    if raw.count(0) > len(raw) // 4:
        # Most of a roster's letters are Latin: of each pair of bytes one is nothing.
        return "utf-16-le" if raw[1::2].count(0) > raw[::2].count(0) else "utf-16-be"
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _require_text(path: Path, raw: bytes) -> None:
    for signature, kind in _SIGNATURES:
        if raw.startswith(signature):
            raise _refused(path, f"this is {kind}, not a text file.", "Give it the right name, or export it as text.")


def _refused(path: Path, message: str, advice: str, line: int = 1, column: int = 1) -> ContentRefused:
    return ContentRefused([Fault(str(path), line, column, message, advice)])


def _foreign_byte(path: Path, raw: bytes) -> ContentRefused:
    """What to say of bytes that are no UTF-8: nearly always Windows-1252 or Latin-1 from an older editor."""
    body = raw.removeprefix(codecs.BOM_UTF8)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        position = error.start
    lines = body[:position].split(b"\n")
    line, before = len(lines), lines[-1].decode("utf-8")
    rest = body[position : position + 30].split(b"\n")[0].decode("cp1252", errors="replace").strip()
    start, end = regex.split(r"[\s,;\"]", before)[-1], regex.split(r"[\s,;\"]", rest)[0]
    word = (start + end)[:30]
    guess = f' (as Latin-1 or Windows-1252 it would read "{word}")' if word.isprintable() and word else ""
    message = f"the file is not UTF-8: byte 0x{body[position]:02X} does not belong{guess}."
    return _refused(path, message, _SAVE_AS, line, len(before) + 1)


def _control_character(path: Path, raw: bytes, text: str, position: int) -> ContentRefused:
    zeros = raw.count(0)
    if zeros > len(raw) // 4:
        return _refused(path, "the file seems to be UTF-16 without its mark; only UTF-8 is read.", _SAVE_AS)
    before = text[:position].split("\n")
    message = f"there is a control character here (U+{ord(text[position]):04X})."
    return _refused(
        path, message, "Delete it; a text holds letters, tabs and line ends.", len(before), len(before[-1]) + 1
    )
