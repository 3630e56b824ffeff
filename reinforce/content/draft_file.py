"""Documents in, drafts out: a workbook or a YAML file in our own format, with a mark wherever something is missing.

Nothing is stored: until every mark is mended `load` refuses the file, so a draft can't be posted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reinforce.content.blank_workbook import write_workbook
from reinforce.content.document import Document
from reinforce.content.markdown_document import read_markdown
from reinforce.content.office_file import refused
from reinforce.content.procedure_file import MOST_NUGGETS
from reinforce.content.scalars import slug_of
from reinforce.content.slide_deck import read_slides
from reinforce.content.word_document import read_word
from reinforce.domain.authoring.drafting import MARK, Cut, Draft, cut, drafts
from reinforce.domain.errors import ContentRefused

DOCUMENTS = frozenset({".docx", ".pptx", ".md", ".markdown"})
_MACROS = {".docm": ".docx", ".dotm": ".docx", ".pptm": ".pptx", ".ppsm": ".pptx"}
_OLD = {".doc": ".docx", ".dot": ".docx", ".rtf": ".docx", ".odt": ".docx", ".ppt": ".pptx", ".odp": ".pptx",
        ".pdf": ".docx"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a document became. `notes` say in words what was left out, and where."""

    title: str
    slug: str
    document: str
    drafts: tuple[Draft, ...]
    notes: tuple[str, ...]

    @property
    def open_marks(self) -> int:
        """How many marks are to be mended before it loads; the owner's is one."""
        return 1 + sum(draft.open_marks for draft in self.drafts)


def draft_from(path: Path, *, bullets: bool = False) -> Drafted:
    """The draft nuggets of a document. Raises ContentRefused if it can't be read or has no steps."""
    document = _read(path)
    found = cut(document.paragraphs, bullets=bullets)
    if not found.steps:
        message = "there is no numbered step in it."
        advice = "Number the steps (in Word: Home, Numbering), or take points as steps: --bullets"
        raise refused(path, message, advice)
    if len(found.steps) > MOST_NUGGETS:
        message = f"it has {len(found.steps)} steps; at most {MOST_NUGGETS} nuggets fit a procedure."
        raise refused(path, message, "Split it up: a procedure that a cohort remembers has fifteen to thirty.")
    made = drafts(found.steps, path.name)
    notes = (*document.left_out, *_passed_over(found))
    return Drafted(document.title, slug_of(path.stem) or "procedure", path.name, made, notes)


def write_draft(drafted: Drafted, out: Path, language: str) -> None:
    """Write the drafts to `out`, .xlsx or .yaml by its ending. Raises ContentRefused for another, OSError."""
    ending = out.suffix.lower()
    if ending == ".xlsx":
        rows = [_row(draft) for draft in drafted.drafts]
        write_workbook(out, _about(drafted, language), rows, (*_preface(drafted), ""))
    elif ending in {".yaml", ".yml"}:
        out.write_text(_yaml(drafted, language), "utf-8")
    else:
        raise refused(out, "drafts are written as .xlsx or .yaml.", "Give --out such a name.")


def _read(path: Path) -> Document:
    ending = path.suffix.lower()
    if ending in _MACROS:
        raise refused(
            path, "this kind of file brings macros along.", f"Save it as {_MACROS[ending]}, which holds none."
        )
    if ending in _OLD:
        raise refused(path, f"files that end in {ending} are not read.", f"Save it as {_OLD[ending]}.")
    if ending == ".docx":
        return read_word(path)
    if ending == ".pptx":
        return read_slides(path)
    if ending in DOCUMENTS:
        return read_markdown(path)
    message = f'a document can\'t be read from a file that ends in "{ending}".'
    raise ContentRefused(refused(path, message, "Give it as .docx, .pptx or .md.").faults)


def _passed_over(found: Cut) -> tuple[str, ...]:
    notes = []
    if found.before:
        many = "one paragraph" if found.before == 1 else f"{found.before} paragraphs"
        notes.append(f"left out: {many} before a first step, or under a heading without steps.")
    if found.leading:
        notes.append(f"no nugget for what only leads in further steps: {', '.join(found.leading[:10])}.")
    return tuple(notes)


def _preface(drafted: Drafted) -> list[str]:
    first = (
        f"Drafted from {drafted.document}. Mend every text that begins with {MARK}, or empty it; then load the file."
    )
    return [first, *(f"Note: {note}" for note in drafted.notes)]


def _about(drafted: Drafted, language: str) -> Mapping[str, str]:
    return {
        "title": drafted.title,
        "slug": drafted.slug,
        "owner": f"{MARK}: who answers for the content",
        "language": language,
        "confidentiality": "internal",
    }


def _row(draft: Draft) -> dict[str, str | float]:
    """A draft by the fields of the workbook's columns."""
    row: dict[str, str | float] = {f"wording_{n}": text for n, text in enumerate(draft.wordings, start=1)}
    fields = ("slug", "title", "topic", "source_step", "ask", "answer", "explanation")
    return row | {field: value for field in fields if (value := getattr(draft, field))}


def _yaml(drafted: Drafted, language: str) -> str:
    lines = [f"# {line}" for line in _preface(drafted)]
    lines += ["", *(f"{key}: {_quoted(value)}" for key, value in _about(drafted, language).items()), "", "nuggets:"]
    for draft in drafted.drafts:
        lines += [*_entry(draft), ""]
    return "\n".join(lines)


def _entry(draft: Draft) -> Sequence[str]:
    head = [f"    {key}: {_quoted(text)}" for key in ("title", "topic", "source_step") if (text := getattr(draft, key))]
    wordings = [f"      - {_quoted(text)}" for text in draft.wordings]
    question = [f"      {key}: {_quoted(getattr(draft, key))}" for key in ("ask", "answer", "explanation")]
    return [f"  - slug: {draft.slug}", *head, "    wordings:", *wordings, "    question:", *question]


def _quoted(text: str) -> str:
    """A JSON string, which YAML reads as it is."""
    return json.dumps(text, ensure_ascii=False)
