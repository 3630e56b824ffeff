"""What the workbook's sheets are called and hold: shared by its reader and the blank that is written."""

from __future__ import annotations

from collections.abc import Mapping

PROCEDURE = "Procedure"
NUGGETS = "Nuggets"
GUIDE = "Read me"
EXAMPLE = "Example"

WORDINGS = tuple(f"wording_{n}" for n in range(1, 9))
CHOICES = tuple(f"choice_{letter}" for letter in "abcd")
HINTS = tuple(f"hint_{n}" for n in range(1, 4))

# Field → its label and what to fill in.
PROCEDURE_FIELDS: Mapping[str, tuple[str, str]] = {
    "title": ("Title", "What the procedure is called. Needed."),
    "owner": ("Owner", "Who answers for its content. Needed."),
    "slug": ("Slug", "A short name for commands, such as lockout. Empty: the file's name."),
    "language": ("Language", "Two letters, such as en, de, fr, es. Empty: en."),
    "audience": ("Audience", "Roles it is for, separated by semicolons. Empty: everyone."),
    "importance": ("Importance", "0.1 to 10 against other procedures. Empty: 1."),
    "confidentiality": ("Confidentiality", "internal or public. Internal ones are never posted on a public account."),
    "assessment": ("Assessment", "Date on which it should be remembered, as 2026-12-01. May stay empty."),
}

# Field → heading, in the order of the columns.
HEADINGS: Mapping[str, str] = {
    "slug": "Slug",
    "title": "Title",
    "topic": "Topic",
    "importance": "Importance",
    "requires": "Requires",
    "audience": "Audience",
    "tags": "Tags",
    "source_step": "Source step",
    "confidentiality": "Confidentiality",
    **{key: f"Wording {n}" for n, key in enumerate(WORDINGS, start=1)},
    "ask": "Question",
    **{key: f"Choice {letter}" for letter, key in zip("ABCD", CHOICES, strict=True)},
    "correct": "Correct",
    "answer": "Answer",
    "tolerance": "Tolerance",
    **{key: f"Hint {n}" for n, key in enumerate(HINTS, start=1)},
    "explanation": "Explanation",
    "image": "Picture",
    "alt": "Alternative text",
}
