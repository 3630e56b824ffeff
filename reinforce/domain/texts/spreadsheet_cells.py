"""Texts as cells of a CSV: none is a formula to the spreadsheet that opens it, and each can be read back."""

from __future__ import annotations

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """`text` with an apostrophe before it where a spreadsheet would take it for a formula, or where reading it back
    would take an apostrophe off (CWE-1236)."""
    return f"'{text}" if text.lstrip("'").startswith(_STARTS_A_FORMULA) else text


def as_written(cell: str) -> str:
    """What `harmless` was given."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_STARTS_A_FORMULA) else cell
