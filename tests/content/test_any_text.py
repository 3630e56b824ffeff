"""Whatever stands in a file, a reader reads it or refuses it in words."""

from __future__ import annotations

import string
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.content.draft_file import draft_from
from reinforce.content.formats import read, read_with_notes
from reinforce.content.marks import FaultList, parse_yaml
from reinforce.content.procedure_file import procedure_from
from reinforce.content.question_bank import BankTerms
from reinforce.content.roster_file import read_roster
from reinforce.domain.cohort import RosterRow
from reinforce.domain.errors import ContentRefused, Fault
from reinforce.domain.nugget import Procedure
from tests.content.office_files import definition, level, listing, numbered, write_word

_KEYS = "title owner nuggets wordings question ask choices answer tolerance requires slug text correct null yes"
_MARKS = "- : , ; [ ] { } | > & * ! % @ ` ' \" # ? ~ << 1 2026-12-01 .inf 1e999 -0 \\x00 \\U0010FFFF é 安 \ufeff"
_SPACES = ("\n", "\n  ", "\n    ", " ", ": ", "\n- ", "\n  - ", "\r\n", "\r", "\t", "\u2028", "a" * 300)
_CELLS = 'employee_id name handle zone naming , ; " E-1 x,y =1 é'
YAMLISH = st.lists(st.sampled_from([*_KEYS.split(), *_MARKS.split(), *_SPACES]), max_size=40).map("".join)
_BANK = ":: { } ~ = # #### %50% %100% -> T TRUE :0.5 .. \\ \\= // $CATEGORY: A. B) ANSWER: FEEDBACK: [html] <p> word 3"
GIFTISH = st.lists(st.sampled_from([*_BANK.split(), "\n", "\n\n", " "]), max_size=40).map("".join)
CSVISH = st.lists(st.sampled_from([*_CELLS.split(), "\t", "\n", "\r\n"]), max_size=40).map("".join)
_ESCAPED = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"} | {"\x0b": "\\v", "\x0c": "\\f", "\u2028": "\\L"}
)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, reader in (("x.yaml", read), ("x.xlsx", read), ("x.csv", read_roster)):
            path = Path(folder) / name
            path.write_bytes(raw)
            with pytest.raises(ContentRefused) as refused:
                reader(path)
            assert refused.value.faults


@given(st.sampled_from([".docx", ".pptx", ".md"]), st.binary(max_size=300), st.integers(0, 400))
def test_any_document_is_read_or_refused(ending: str, noise: bytes, place: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x{ending}"
        whole = write_word(path, numbered("Lock it"), definition(1, level(0, "%1.")) + listing(1, 1)).read_bytes()
        path.write_bytes(whole[:place] + noise + whole[place + len(noise) :])
        told: tuple[Fault, ...] = ()
        try:
            assert draft_from(path).drafts
        except ContentRefused as refused:
            told = refused.faults
        assert all(fault.advice for fault in told)


@given(GIFTISH, st.sampled_from(["x.gift", "x.aiken", "x.txt"]))
def test_anything_like_a_bank_is_read_or_refused_at_a_line_of_it(text: str, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, "utf-8")
        told: tuple[Fault, ...] = ()
        try:
            assert read_with_notes(path, BankTerms("bank"))[0].nuggets
        except ContentRefused as refused:
            told = refused.faults
        assert all(1 <= fault.line <= 1 + len(text.splitlines()) for fault in told)


@given(YAMLISH)
def test_anything_like_yaml_is_read_or_refused_at_a_place_in_it(text: str) -> None:
    faults = FaultList()
    lines = 1 + sum(text.count(end) for end in ("\n", "\r", "\u2028"))
    try:
        made = procedure_from(parse_yaml(text, "x.yaml", faults), "x", faults)
    except ContentRefused as refused:
        told = refused.faults
    else:
        assert isinstance(made, Procedure)
        told = faults.faults
    assert all(1 <= fault.line <= lines and fault.column >= 1 for fault in told)


@given(st.text(string.printable + "é安\u2028", max_size=300))
def test_any_text_as_a_wording_comes_back_as_it_was_or_is_refused(text: str) -> None:
    quoted = text.translate(_ESCAPED)
    body = f'title: T\nowner: O\nnuggets:\n  - slug: a\n    title: A\n    wordings: ["{quoted}"]\n'
    faults = FaultList()
    made = procedure_from(parse_yaml(body, "x.yaml", faults), "x", faults)
    if not faults:
        assert made.nuggets[0].wordings[0].text == text.strip()


@given(CSVISH)
def test_anything_like_csv_is_read_or_refused_at_a_line_of_it(text: str) -> None:
    lines = 1 + text.count("\n") + text.count("\r")
    faults: tuple[Fault, ...] = ()
    rows: tuple[RosterRow, ...] = ()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(text.encode())
        try:
            rows = read_roster(path)
        except ContentRefused as refused:
            faults = tuple(refused.faults)
    assert all(1 <= fault.line <= lines + 1 for fault in faults)
    assert faults or len({row.employee_id for row in rows}) == len(rows) > 0
