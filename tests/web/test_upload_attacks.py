"""Files that mean harm, given to the form for procedures: each is refused in words, quickly, and nothing is loaded."""

from __future__ import annotations

import io
import re
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import pptx
import pytest
import requests

from reinforce.content.workbook import write_template
from reinforce.web.uploads import LARGEST
from tests.web.conftest import Site
from tests.web.seeding import HOSTILE

# Each of these took a minute or gigabytes while only the size of the archive was looked at.
QUICKLY = 6.0


@pytest.fixture
def give(site: Site) -> Iterator[Callable[[str, bytes], requests.Response]]:
    """Gives a file to the form; afterwards no other procedure is there, and no file is kept."""
    with requests.Session() as session:
        before = _slugs(session, site)

        def post(name: str, content: bytes) -> requests.Response:
            found = re.search(r'name="token" value="(\w+)"', session.get(f"{site.url}/procedures", timeout=10).text)
            assert found is not None
            began = time.monotonic()
            data = {"token": found[1], "procedure": "bank", "language": "en"}
            answer = session.post(f"{site.url}/procedures/look", data=data, files={"file": (name, content)}, timeout=60)
            assert time.monotonic() - began < QUICKLY
            assert "Traceback" not in answer.text
            assert str(site.seeded.folder) not in answer.text
            return answer

        yield post
        assert _slugs(session, site) == before
    kept = site.seeded.folder / "uploads"
    assert not kept.exists() or not list(kept.iterdir())


def _slugs(session: requests.Session, site: Site) -> set[str]:
    return set(re.findall(r'href="/procedures/([\w-]+)"', session.get(f"{site.url}/procedures", timeout=10).text))


def _workbook(tmp_path: Path) -> bytes:
    write_template(tmp_path / "blank.xlsx")
    return (tmp_path / "blank.xlsx").read_bytes()


def _document() -> bytes:
    made, out = docx.Document(), io.BytesIO()
    made.add_paragraph("Switch it off.", style="List Number")
    made.save(out)
    return out.getvalue()


def _slides() -> bytes:
    made, out = pptx.Presentation(), io.BytesIO()
    made.slides.add_slide(made.slide_layouts[1])
    made.save(out)
    return out.getvalue()


def _with(archive: bytes, change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """The archive with its parts changed, and `more` parts in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in more.items():
            new.writestr(name, content)
    return out.getvalue()


def _filled(part: str, before: bytes, content: bytes) -> Callable[[str, bytes], bytes]:
    def change(name: str, raw: bytes) -> bytes:
        if name != part:
            return raw
        assert before in raw
        return raw.replace(before, content + before, 1)

    return change


def _same(_name: str, raw: bytes) -> bytes:
    return raw


def test_a_workbook_of_endless_cells_styles_or_emptiness_is_not_unpacked_into_memory(
    give: Callable[[str, bytes], requests.Response], tmp_path: Path
) -> None:
    blank = _workbook(tmp_path)
    bombs = (
        _with(blank, _filled("xl/worksheets/sheet3.xml", b"</sheetData>", b"<row>" + b"<c/>" * 1_200_000 + b"</row>")),
        _with(blank, _filled("xl/styles.xml", b"</cellXfs>", b"<xf/>" * 120_000)),
        _with(blank, _same, nothing=bytes(61_000_000)),
    )
    for bomb in bombs:
        assert len(bomb) < 100_000
        answer = give("bomb.xlsx", bomb)
        assert answer.status_code == 422
        assert "far larger than its text can be" in answer.text


def test_a_sheet_that_hides_behind_another_name_is_counted_too(
    give: Callable[[str, bytes], requests.Response], tmp_path: Path
) -> None:
    bomb = _with(_workbook(tmp_path), _same, **{"xl/picture.png": b" \n<worksheet>" + b"<c/>" * 120_000})
    assert "far larger than its text can be" in give("bomb.xlsx", bomb).text


def test_an_archive_that_lies_about_its_size_is_a_damaged_one(
    give: Callable[[str, bytes], requests.Response], tmp_path: Path
) -> None:
    bomb = bytearray(_with(_workbook(tmp_path), _same, nothing=bytes(6_000_000)))
    size = struct.pack("<I", 6_000_000)
    while size in bomb:
        bomb[bomb.index(size) : bomb.index(size) + 4] = struct.pack("<I", 10)
    answer = give("bomb.xlsx", bytes(bomb))
    assert answer.status_code == 422
    assert "damaged" in answer.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_whatever_encoding(
    give: Callable[[str, bytes], requests.Response], tmp_path: Path, encoding: str
) -> None:
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    head = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l9;</x>'

    def change(name: str, raw: bytes) -> bytes:
        return head.encode(encoding) if name in {"xl/workbook.xml", "word/document.xml"} else raw

    workbook, document = give("l.xlsx", _with(_workbook(tmp_path), change)), give("l.docx", _with(_document(), change))
    assert "declares XML entities" in workbook.text
    assert "document type" in document.text
    assert (workbook.status_code, document.status_code) == (422, 422)


@pytest.mark.parametrize("name", ["bomb.docx", "bomb.pptx"])
def test_a_document_of_endless_paragraphs_is_not_unpacked_into_memory(
    give: Callable[[str, bytes], requests.Response], name: str
) -> None:
    paragraphs = b"<w:p/>" * 1_100_000
    if name == "bomb.docx":
        bomb = _with(_document(), _filled("word/document.xml", b"<w:sectPr", paragraphs))
    else:
        shapes = b"<p:sp/>" * 1_100_000
        bomb = _with(_slides(), _filled("ppt/slides/slide1.xml", b"</p:spTree>", shapes))
    answer = give(name, bomb)
    assert answer.status_code == 422
    assert "far larger than its text can be" in answer.text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("laughs.yaml", "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(9)), "aliases"),
        ("deep.yaml", "a: " + "[" * 100_000, "nested more than"),
        ("tag.yaml", "title: !!python/object/apply:os.system ['true']\n", "tags"),
        ("many.aiken", "Q\nA. x\nB. y\nANSWER: A\n\n" * 2_100, "more than 2,000 questions"),
        ("long.gift", "::a:: b {~" + "x~" * 260_000 + "}", "at most 0.5 MB"),
        ("deep.md", "> " * 100_000 + "1. a\n", "no numbered step"),
    ],
)
def test_a_text_that_grows_while_it_is_read_is_refused(
    give: Callable[[str, bytes], requests.Response], name: str, content: str, said: str
) -> None:
    answer = give(name, content.encode())
    assert answer.status_code == 422
    assert said in answer.text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("program.xlsx", b"MZ\x90\x00" + bytes(2_000), "no workbook"),
        ("picture.yaml", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), ""),
        ("zip.docx", b"PK\x03\x04" + bytes(200), "no Word file"),
        ("old.xlsx", b"\xd0\xcf\x11\xe0" + bytes(2_000), "old Excel file"),
        ("macros.docm", b"PK\x03\x04", "can&#39;t be read"),
        ("page.html", b"<html></html>", "can&#39;t be read"),
        ("noending", b"title: x", "can&#39;t be read"),
        ("nul.yaml", b"title: \x00\n", ""),
    ],
)
def test_what_is_not_what_its_name_says_is_refused(
    give: Callable[[str, bytes], requests.Response], name: str, content: bytes, said: str
) -> None:
    answer = give(name, content)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'role="alert"' in answer.text


def test_a_workbook_is_no_document_and_a_document_no_workbook(
    give: Callable[[str, bytes], requests.Response], tmp_path: Path
) -> None:
    assert give("sheet.docx", _workbook(tmp_path)).status_code == 422
    assert give("text.xlsx", _document()).status_code == 422
    assert give("text.pptx", _document()).status_code == 422


@pytest.mark.parametrize(
    "name",
    ["../../../../tmp/x.yaml", "..\\..\\x.yaml", "/etc/cron.d/x.yaml", "C:\\x.yaml", "~/x.yaml", f"{HOSTILE}.yaml",
     "x" * 3000 + ".yaml", "..", "a\u202elmay.yaml", "{{ 7*7 }}.yaml"],
)  # fmt: skip
def test_a_name_is_never_a_path_and_never_markup(
    give: Callable[[str, bytes], requests.Response], site: Site, name: str
) -> None:
    before = sorted(str(one) for one in site.seeded.folder.rglob("*"))
    answer = give(name, b"title: x\n")
    assert answer.status_code == 422
    assert "<script>document" not in answer.text
    assert "<img src=x" not in answer.text
    there = sorted(str(one) for one in site.seeded.folder.rglob("*"))
    assert [one for one in there if one not in before and not one.endswith("uploads")] == []


def test_what_is_too_large_is_refused_before_it_is_read(
    give: Callable[[str, bytes], requests.Response], site: Site
) -> None:
    assert "larger than 12 MB" in give("large.xlsx", bytes(LARGEST + 1)).text
    whole = requests.post(f"{site.url}/procedures/look", files={"file": ("x", bytes(LARGEST + 400_000))}, timeout=30)
    assert whole.status_code == 413
    for address in ("/procedures/load", "/composer/lockout"):
        too_much = requests.post(f"{site.url}{address}", data={"title": "x" * 300_000}, timeout=10)
        assert too_much.status_code == 413


def test_no_key_leads_out_of_the_folder_of_uploads(site: Site) -> None:
    for key in ("..%2f..%2freinforce.db", "%2e%2e", "0" * 31, "Z" * 32, "%00"):
        assert requests.get(f"{site.url}/procedures/draft/{key}", timeout=10).status_code == 404


def test_what_an_author_wrote_stays_text_on_every_page(own_site: Site) -> None:
    hostile = f"{HOSTILE} {{{{ 7*7 }}}} {{% for x in y %}}"
    entry = {
        "title": hostile, "wording": [hostile], "kind": "multiple_choice", "ask": hostile,
        "choice": [HOSTILE[:30], "b"],
        "correct": "1", "explanation": hostile, "topic": HOSTILE[:50], "tags": HOSTILE[:30], "slug": "hostile",
        "source_step": hostile, "audience": HOSTILE[:40],
    }  # fmt: skip
    with requests.Session() as session:
        page = session.get(f"{own_site.url}/composer/lockout", timeout=10).text
        hidden = dict(re.findall(r'name="(token|revision)" value="([^"]*)"', page))
        said = session.post(f"{own_site.url}/composer/lockout", data={**hidden, **entry}, timeout=10)
        assert "Added:" in said.text
        pages = ["/procedures/lockout", "/composer/lockout", "/composer/lockout/hostile", "/procedures", "/composer"]
        for text in [said.text, *(session.get(own_site.url + one, timeout=10).text for one in pages)]:
            assert "<script>document" not in text
            assert "<img src=x" not in text
            assert " 49 " not in text
        assert "{{ 7*7 }}" in said.text
        file = session.get(f"{own_site.url}/procedures/lockout/file.yaml", timeout=10)
        assert file.headers["Content-Type"].startswith("application/yaml")
        assert file.headers["Content-Disposition"].startswith("attachment")
        assert file.headers["X-Content-Type-Options"] == "nosniff"
