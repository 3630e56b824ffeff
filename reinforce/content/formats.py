"""Procedures in whatever kind of file they come, told apart by the ending of the name."""

from __future__ import annotations

from pathlib import Path

from reinforce.content.draft_file import DOCUMENTS
from reinforce.content.procedure_file import read_procedure
from reinforce.content.question_bank import BANKS, BankTerms, read_bank
from reinforce.content.workbook import read_workbook
from reinforce.domain.errors import ContentRefused, Fault
from reinforce.domain.nugget import Procedure


def read(path: Path) -> Procedure:
    """The procedure in `path`: YAML (.yaml, .yml) or a workbook (.xlsx). Raises ContentRefused with every fault."""
    return read_with_notes(path, None)[0]


def read_with_notes(path: Path, bank: BankTerms | None) -> tuple[Procedure, tuple[str, ...]]:
    """As `read`, question banks (.gift, .aiken, .txt) too, with what was left out of one, in words."""
    ending = path.suffix.lower()
    if ending in {".yaml", ".yml"}:
        return read_procedure(path), ()
    if ending == ".xlsx":
        return read_workbook(path), ()
    if ending in BANKS:
        return read_bank(path, bank)
    if ending in DOCUMENTS:
        message = "a document is not loaded as it is: its steps become drafts first."
        advice = f"Write them to a workbook, and load that when it is finished: reinforce draft {path.name}"
        raise ContentRefused([Fault(str(path), 1, 1, message, advice)])
    message = f'a procedure can\'t be read from a file that ends in "{ending}".'
    advice = "Give it as .yaml or .xlsx; a roster (.csv) goes in with: reinforce enroll COHORT ROSTER"
    raise ContentRefused([Fault(str(path), 1, 1, message, advice)])
