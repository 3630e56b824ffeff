"""Documents become drafts: steps are what Word shows as numbered, and a draft does not load until it is mended."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pptx
import pytest
from lxml import etree
from openpyxl import load_workbook

from reinforce.content.draft_file import Drafted, draft_from, write_draft
from reinforce.content.formats import read
from reinforce.content.sheet_layout import HEADINGS, NUGGETS, PROCEDURE
from reinforce.domain.errors import ContentRefused
from tests.content.office_files import definition, level, listing, numbered, plain, run, styled, write_word

OUTLINE = definition(1, level(0, "%1."), level(1, "%1.%2"), level(2, "%3)", kind="lowerLetter"))
LISTS = OUTLINE + listing(1, 1) + listing(2, 1, anew=True) + listing(3, 1)


def numbers(drafted: Drafted) -> list[str]:
    return [draft.source_step.rpartition("step ")[2] for draft in drafted.drafts]


def refusal(path: Path) -> str:
    with pytest.raises(ContentRefused) as caught:
        draft_from(path)
    assert caught.value.faults[0].advice
    return caught.value.faults[0].message


def test_steps_are_numbered_as_word_shows_them(tmp_path: Path) -> None:
    body = "".join(
        (
            styled("Isolation", "H1"),
            numbered("Tell everyone"),
            numbered("Switch it off"),
            numbered("At the panel", level=1),
            numbered("Turn the key", level=2),
            numbered("Pull the key", level=2),
            numbered("At the valve", level=1),
            numbered("Hang your lock"),
            numbered("Tag it", level=1),
            styled("Return", "H1"),
            numbered("Count the locks", list_id=2),
            numbered("Take yours off", list_id=2),
            numbered("Tell everyone again", list_id=3),
        )
    )
    drafted = draft_from(write_word(tmp_path / "Lockout SOP.docx", body, LISTS))
    assert numbers(drafted) == ["1", "2", "2.1", "2.1.a", "2.1.b", "2.2", "3", "3.1", "1", "2", "3"]
    assert drafted.drafts[3].source_step == "Lockout SOP.docx, Isolation, step 2.1.a"
    assert drafted.drafts[-1].source_step == "Lockout SOP.docx, Return, step 3"
    assert (drafted.title, drafted.slug) == ("Isolation", "lockout-sop")


def test_lists_that_come_with_a_style_are_understood(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Lockout", 0)
    document.add_heading("Before", 1)
    document.add_paragraph("Tell everyone", "List Number")
    document.add_paragraph("so that nobody is surprised.")
    document.add_paragraph("Switch it off", "List Number")
    document.add_paragraph("A point", "List Bullet")
    document.save(str(tmp_path / "a.docx"))
    drafted = draft_from(tmp_path / "a.docx")
    assert (drafted.title, numbers(drafted)) == ("Lockout", ["1", "2"])
    assert drafted.drafts[0].wordings[0] == "Tell everyone\nso that nobody is surprised."
    assert drafted.drafts[0].topic == "Before"


def test_other_counts_restarts_and_links_of_lists_are_followed(tmp_path: Path) -> None:
    never = '<w:lvlRestart w:val="0"/>'
    lists = (
        definition(1, level(0, "%1", kind="upperRoman"), level(1, "%1-%2", more=never))
        + definition(2, more='<w:numStyleLink w:val="House"/>')
        + listing(1, 1)
        + listing(2, 2)
    )
    styles = (
        '<w:style w:type="numbering" w:styleId="House"><w:name w:val="House"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Base"><w:name w:val="Base"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="Base"/></w:style>'
    )
    out_of_list = '<w:p><w:pPr><w:pStyle w:val="Mine"/><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>'
    body = "".join(
        (
            styled("one", "Mine"),
            numbered("under one", level=1),
            numbered("two", list_id=2),
            numbered("under two", list_id=2, level=1),
            f"{out_of_list}{run('no step')}</w:p>",
            f"<w:p>{run('')}</w:p>",
            styled("three", "Mine"),
        )
    )
    drafted = draft_from(write_word(tmp_path / "a.docx", body, lists, styles))
    assert numbers(drafted) == ["I", "I-1", "II", "II-2", "III"]


def test_what_was_deleted_or_hidden_is_not_read_and_what_was_inserted_is(tmp_path: Path) -> None:
    gone = "<w:del><w:r><w:delText>never </w:delText></w:r></w:del>"
    added = f"<w:ins>{run('own ')}</w:ins>"
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r>"
    place = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    deleted = f"<w:p><w:pPr>{place}<w:rPr><w:del/></w:rPr></w:pPr>{gone}</w:p>"
    table = f"<w:tbl><w:tr><w:tc>{plain('1. in a table')}</w:tc></w:tr></w:tbl>"
    control = f"<w:sdt><w:sdtContent>{numbered('Inside a control')}</w:sdtContent></w:sdt>"
    step = f"<w:p><w:pPr>{place}</w:pPr>{run('Hang your ')}{gone}{added}{run('lock')}{hidden}</w:p>"
    drafted = draft_from(write_word(tmp_path / "a.docx", deleted + step + table + control, LISTS))
    assert [draft.title for draft in drafted.drafts] == ["Hang your own lock", "Inside a control"]
    assert numbers(drafted) == ["1", "2"]
    assert "paragraph 3: a table is not read." in drafted.notes
    assert any("deleted" in note and note.endswith("So are 1 more.") for note in drafted.notes)
    assert any("hidden text" in note for note in drafted.notes)


def test_typed_numbers_are_steps_and_measures_are_not(tmp_path: Path) -> None:
    texts = ("1. Stop it", "2) Lock it", "2.1 Tag it", "Step 4: Try it", "2.5 bar is the limit", "10 minutes later")
    drafted = draft_from(write_word(tmp_path / "a.docx", "".join(map(plain, texts))))
    assert numbers(drafted) == ["1", "2", "2.1", "4"]
    assert drafted.drafts[3].wordings[0] == "Try it\n2.5 bar is the limit\n10 minutes later"


def test_steps_of_the_example_keep_their_numbers_apart() -> None:
    drafted = draft_from(Path(__file__).resolve().parents[2] / "examples" / "shift-handover.md")
    assert numbers(drafted) == ["1", "2.1", "2.2", "3", "1", "2", "3"]
    assert drafted.drafts[0].explanation == (
        "Do it before the others arrive, because nobody reads counters while talking."
    )
    assert all(len(draft.slug) <= 50 for draft in drafted.drafts)


def test_a_step_too_long_or_with_a_handle_is_marked_with_what_to_do(tmp_path: Path) -> None:
    long = "Close the valve, " * 20
    body = numbered(long) + numbered("Ask @anna") + numbered("Isolate:") + numbered("Close it", level=1)
    drafted = draft_from(write_word(tmp_path / "a.docx", body, LISTS))
    first = drafted.drafts[0].wordings[0]
    assert first.startswith("TODO: the text counts 339 characters for X; 280 fit. Take out 59")
    assert "mentions @anna" in drafted.drafts[1].wordings[0]
    assert drafted.drafts[2].source_step == "a.docx, Isolate, step 3.1"
    assert "no nugget for what only leads in further steps: 3." in drafted.notes


def test_a_reason_in_the_document_becomes_the_explanation(tmp_path: Path) -> None:
    body = numbered("Hang your lock.") + plain("It stays there because only its owner may remove it. Good.")
    (draft,) = draft_from(write_word(tmp_path / "a.docx", body, LISTS)).drafts
    assert draft.explanation == "It stays there because only its owner may remove it."


def test_slides_give_their_numbered_points(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Isolation"
    frame = slide.placeholders[1].text_frame
    frame.text = "Tell everyone"
    for text, deep in (("Switch it off", 0), ("at the panel", 1), ("a point", 0), ("Hang your lock", 0)):
        paragraph = frame.add_paragraph()
        paragraph.text, paragraph.level = text, deep
    for paragraph, start in zip(frame.paragraphs, ("1", "1", "1", "", "3"), strict=True):
        if start:
            kind = "alphaLcParenR" if paragraph.level else "arabicPeriod"
            namespace = "http://schemas.openxmlformats.org/drawingml/2006/main"
            mark = etree.SubElement(
                paragraph._p.get_or_add_pPr(), f"{{{namespace}}}buAutoNum", type=kind, startAt=start
            )
            assert mark is not None
    hidden = deck.slides.add_slide(deck.slide_layouts[1])
    hidden.element.set("show", "0")
    deck.save(str(tmp_path / "deck.pptx"))
    drafted = draft_from(tmp_path / "deck.pptx")
    assert numbers(drafted) == ["1", "2", "2.a", "3"]
    assert drafted.drafts[0].source_step == "deck.pptx, Isolation, step 1"
    assert "slide 2: a hidden slide is not read." in drafted.notes
    assert len(draft_from(tmp_path / "deck.pptx", bullets=True).drafts) == 5


def test_markdown_gives_its_numbered_lists(tmp_path: Path) -> None:
    text = (
        "---\ntitle: Not a heading\n---\n# Lockout\n\nIntro.\n\n## Isolation\n\n3. Tell *everyone*\n"
        "4. Switch ~~on~~ it [off](https://example.org)\n   1. at the panel\n\n   More on it.\n   - a point\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    path = tmp_path / "a.md"
    path.write_text(text, "utf-8")
    drafted = draft_from(path)
    assert (drafted.title, numbers(drafted)) == ("Lockout", ["3", "4", "4.1"])
    assert drafted.drafts[1].wordings[0] == "Switch it off"
    assert drafted.drafts[2].wordings[0] == "at the panel\nMore on it.\na point"
    assert any(note.startswith("line 17: a table") for note in drafted.notes)


@pytest.mark.parametrize("ending", [".xlsx", ".yaml"])
def test_a_draft_is_refused_until_it_is_mended(tmp_path: Path, ending: str) -> None:
    body = styled("Isolation", "H1") + numbered("=Tell everyone: now") + numbered('Hang "your" lock')
    drafted = draft_from(write_word(tmp_path / "a.docx", body, LISTS))
    out = tmp_path / f"a{ending}"
    write_draft(drafted, out, "en")
    with pytest.raises(ContentRefused) as caught:
        read(out)
    assert len(caught.value.faults) == drafted.open_marks
    assert all("still to be written" in fault.message for fault in caught.value.faults)
    assert len({(fault.line, fault.column, fault.cell) for fault in caught.value.faults}) == drafted.open_marks
    _mend(out)
    procedure = read(out)
    assert [nugget.wordings[0].text for nugget in procedure.nuggets] == ["=Tell everyone: now", 'Hang "your" lock']
    assert procedure.nuggets[1].source_step == "a.docx, Isolation, step 2"
    assert procedure.nuggets[0].question is None


def _mend(path: Path) -> None:
    if path.suffix == ".yaml":
        kept = [line for line in path.read_text("utf-8").splitlines() if '"TODO' not in line or "owner" in line]
        text = "\n".join(line for line in kept if line.strip() != "question:")
        path.write_text(text.replace('"TODO: who answers for the content"', "EHS"), "utf-8")
        return
    book = load_workbook(path)
    assert [cell.value for cell in book[NUGGETS][1]] == list(HEADINGS.values())
    for sheet in (book[PROCEDURE], book[NUGGETS]):
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("TODO"):
                    cell.value = "EHS" if "who answers" in cell.value else None
    book.save(path)


def _doctype(path: Path) -> None:
    evil = (
        b'<?xml version="1.0" encoding="UTF-16"?>'.decode()
        + '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hosts">]><a/>'
    )
    write_word(path, "", extra={"word/other.xml": evil.encode("utf-16")})


def _bomb(path: Path) -> None:
    write_word(path, "", extra={"word/media/big.xml": b" " * 70_000_000})


def _macros(path: Path) -> None:
    write_word(path, numbered("a"), LISTS, extra={"word/vbaProject.bin": b"x"})


def _archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")


def _broken(path: Path) -> None:
    buffer = io.BytesIO()
    write_word(tmp := path.with_name("whole.docx"), numbered("a"), LISTS)
    buffer.write(tmp.read_bytes())
    path.write_bytes(buffer.getvalue()[:-200])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_doctype, "document type"),
        (_bomb, "far larger"),
        (_macros, "macros"),
        (_archive, "zip archive"),
        (_broken, "no Word file"),
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 100), "password"),
        (lambda path: path.write_text("hello"), "no Word file"),
        (lambda path: write_word(path, plain("Nothing numbered")), "no numbered step"),
    ],
)
def test_hostile_and_wrong_files_are_refused_in_words(
    tmp_path: Path, make: Callable[[Path], object], says: str
) -> None:
    make(tmp_path / "a.docx")
    assert says in refusal(tmp_path / "a.docx")


@pytest.mark.parametrize(("name", "says"), [("a.doc", "not read"), ("a.docm", "macros"), ("a.png", "can't be read")])
def test_other_kinds_of_files_are_named_with_what_to_do(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert says in refusal(tmp_path / name)


def test_loading_a_document_points_at_draft(tmp_path: Path) -> None:
    with pytest.raises(ContentRefused) as caught:
        read(tmp_path / "a.docx")
    assert "reinforce draft a.docx" in caught.value.faults[0].advice
