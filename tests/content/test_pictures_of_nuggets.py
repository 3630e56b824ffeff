"""A nugget's picture in a file: what X would refuse is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from reinforce.content.procedure_file import read_procedure
from reinforce.content.written_procedure import as_yaml
from reinforce.domain.errors import ContentRefused
from reinforce.domain.picture import LARGEST_PICTURE, LONGEST_ALT
from tests.pictures import png

HEAD = "title: T\nowner: O\nnuggets:\n  - title: Lock\n    wordings: [Hang the lock.]\n"


def _refused(folder: Path, lines: str) -> list[str]:
    (folder / "lock.yaml").write_text(HEAD + lines, "utf-8")
    with pytest.raises(ContentRefused) as refused:
        read_procedure(folder / "lock.yaml")
    return [f"{one.line}: {one.message} {one.advice}" for one in refused.value.faults]


def test_it_is_kept_by_its_content_and_written_as_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "lock.png").write_bytes(png())
    file = tmp_path / "lock.yaml"
    file.write_text(HEAD + "    image: lock.png\n    alt: A red lock\n", "utf-8")
    read = read_procedure(file)
    (picture,) = read.pictures
    assert read.nuggets[0].picture == picture.shown
    assert (picture.content, picture.alt, picture.media_type) == (png(), "A red lock", "image/png")
    file.write_text(as_yaml(read), "utf-8")
    assert read_procedure(file).nuggets == read.nuggets


@pytest.mark.parametrize(
    ("lines", "content", "told"),
    [
        ("    image: lock.png\n    alt: A lock\n", None, "6: lock.png: there is no such file."),
        ("    image: ../lock.png\n    alt: A lock\n", None, '6: "../lock.png" is no picture beside this file.'),
        ("    image: lock.png\n", png(), "6: the picture has no alternative text."),
        ("    image: lock.png\n    alt: A lock\n", b"GIF89a", "6: lock.png is no PNG, JPEG or WebP"),
        (
            "    image: lock.png\n    alt: A lock\n",
            b"\x89PNG\r\n\x1a\n" + bytes(LARGEST_PICTURE),
            "6: lock.png: the file has 5.0 MB",
        ),
        (
            f"    image: lock.png\n    alt: {'a' * (LONGEST_ALT + 1)}\n",
            png(),
            "7: the alternative text has 1001 characters. X takes 1000.",
        ),
        ("    image: lock.png\n    alt: Ask @kim for it\n", png(), "7: the alternative text: the text mentions @kim"),
        ("    alt: A lock\n", None, "6: there is an alternative text, and no picture."),
        ("    image: [lock.png]\n    alt: A lock\n", None, '6: "image" and "alt" must each be one text.'),
    ],
    ids=("missing", "outside", "no words", "a gif", "too large", "too many words", "a mention", "words only", "a list"),
)
def test_what_x_would_not_take_is_told(tmp_path: Path, lines: str, content: bytes | None, told: str) -> None:
    if content is not None:
        (tmp_path / "lock.png").write_bytes(content)
    (found,) = _refused(tmp_path, lines)
    assert found.startswith(told)
