"""Question banks (GIFT, Aiken) as procedures: each question a nugget that asks it, and tells it with its answer.

What can't be asked in a post is listed by its line and refuses the file; only with `skip_unsupported` it is left out,
and said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from reinforce.content.aiken import ANSWER, aiken_questions
from reinforce.content.bank_question import BankQuestion, Unsupported
from reinforce.content.gift import gift_questions
from reinforce.content.marks import FaultList, Listing, Mapping, Marked, Place, Scalar
from reinforce.content.nugget_entry import Inherited, read_nugget
from reinforce.content.plain_text import read_text
from reinforce.content.procedure_file import MOST_NUGGETS, procedure_from
from reinforce.domain.errors import ContentRefused, Fault
from reinforce.domain.nugget import Confidentiality, Procedure

BANKS = frozenset({".gift", ".aiken", ".txt"})
# Some may be left out; of a bank with many more than fit a procedure not even the faults are of use.
MOST_QUESTIONS = 2_000
# Of its text: 500 questions have a third of it.
LARGEST = 500_000
_SKIP = "Change it, or leave out what can't be asked: --skip-unsupported"


@dataclass(frozen=True, slots=True)
class BankTerms:
    """What a bank does not say of itself: the procedure it is to be, and what its nuggets inherit."""

    procedure: str
    owner: str = ""
    language: str = "en"
    confidentiality: Confidentiality = Confidentiality.INTERNAL
    skip_unsupported: bool = False


def read_bank(path: Path, terms: BankTerms | None) -> tuple[Procedure, tuple[str, ...]]:
    """The procedure in a bank, and what was left out, in words. Raises ContentRefused with every fault."""
    if terms is None:
        advice = "Name the procedure that its questions are to be: --procedure NAME"
        raise ContentRefused([Fault(str(path), 1, 1, "this is a question bank.", advice)])
    text = read_text(path, LARGEST)
    found = tuple(islice(_questions(path, text), MOST_QUESTIONS + 1))
    if len(found) > MOST_QUESTIONS:
        message = f"there are more than {MOST_QUESTIONS:,} questions in it; at most {MOST_NUGGETS} fit a procedure."
        raise ContentRefused([Fault(str(path), 1, 1, message, "Split it up by topic.")])
    faults = FaultList()
    inherited = Inherited(terms.language, terms.confidentiality)
    taken: list[Marked] = []
    notes: list[str] = []
    for one in found:
        entry = None if isinstance(one, Unsupported) else one.nugget(str(path), terms.language)
        against = _against(path, one, entry, inherited)
        if entry is not None and not against:
            taken.append(entry)
        elif terms.skip_unsupported:
            notes += [f"left out, line {fault.line}: {fault.message}" for fault in against]
        else:
            for fault in against:
                faults.add(Place(fault.file, fault.line, fault.column), fault.message, fault.advice)
    if not taken and not faults:
        message = "there is no question in it that can be asked." if found else "there is no question in it."
        faults.add(Place(str(path)), message, "See docs/reference/question-banks.md for what is read.")
    faults.raise_if_any()
    procedure = procedure_from(_procedure(path, taken, terms), terms.procedure, faults)
    faults.raise_if_any()
    return procedure, tuple(notes)


def _questions(path: Path, text: str) -> Iterator[BankQuestion | Unsupported]:
    """Told apart by the ending; a .txt by whether a line of it gives an answer as Aiken does."""
    aiken = any(ANSWER.match(line.strip()) for line in text.splitlines())
    if path.suffix.lower() == ".aiken" or (path.suffix.lower() == ".txt" and aiken):
        return iter(aiken_questions(text))
    return gift_questions(text)


def _against(
    path: Path, one: BankQuestion | Unsupported, entry: Marked | None, inherited: Inherited
) -> tuple[Fault, ...]:
    """What keeps a question from being a nugget: its kind, or what is wrong with it as in any file."""
    if isinstance(one, Unsupported) or entry is None:
        assert isinstance(one, Unsupported)
        return (Fault(str(path), one.line, 1, f"this question can't be asked in a post: {one.why}.", _SKIP),)
    faults = FaultList()
    read_nugget(entry, inherited, faults)
    return faults.faults


def _procedure(path: Path, nuggets: Sequence[Marked], terms: BankTerms) -> Mapping:
    place = Place(str(path))

    def said(text: str) -> Scalar:
        return Scalar(text, place, plain=False)

    fields: dict[str, Marked] = {
        "title": said(path.stem),
        "slug": said(terms.procedure),
        "owner": said(terms.owner or f"question bank {path.name}"[:200]),
        "language": said(terms.language),
        "confidentiality": said(terms.confidentiality.value),
        "nuggets": Listing(tuple(nuggets), place),
    }
    return Mapping(tuple((Scalar(key, place), value) for key, value in fields.items()), place)
