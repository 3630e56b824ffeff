"""Files that somebody gives to a form: kept for them alone, for an hour, under a name that is no path."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from fastapi import UploadFile

from reinforce.clock import Clock
from reinforce.domain.errors import NotAllowed, NotFound
from reinforce.web.uploads import LARGEST, LONGEST_NAME, MOST, Uploads, plain_name


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads", Clock())


def _given(content: bytes = b"employee_id\nE-1\n", name: str = "roster.csv") -> UploadFile:
    return UploadFile(BytesIO(content), filename=name)


def test_a_file_is_found_again_by_who_gave_it_and_by_nobody_else(uploads: Uploads) -> None:
    kept = uploads.keep(_given(), "member/1")
    assert kept.name == "roster.csv"
    assert uploads.find(kept.key, "member/1").path.read_bytes() == b"employee_id\nE-1\n"
    for key, actor in (
        (kept.key, "member/2"),
        ("0" * 32, "member/1"),
        ("../" + kept.key, "member/1"),
        ("", "member/1"),
    ):
        with pytest.raises(NotFound):
            uploads.find(key, actor)
    uploads.drop(kept)
    with pytest.raises(NotFound):
        uploads.find(kept.key, "member/1")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\people\\roster.csv", "roster.csv"),
        ("a/b\\..\\..", "file"),
        ("ro\x00st\ner.csv", "ro_st_er.csv"),
        ("<b>x</b>.yaml", "b_.yaml"),
        (".bashrc", "bashrc"),
        ("", "file"),
    ],
)
def test_a_name_is_never_a_path(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    plain = plain_name("x" * 500 + ".xlsx")
    assert len(plain) == LONGEST_NAME
    assert plain.endswith(".xlsx")


def test_nothing_is_left_of_a_file_that_is_refused(uploads: Uploads, tmp_path: Path) -> None:
    for upload in (None, _given(name=""), _given(b""), _given(b"x" * (LARGEST + 1))):
        with pytest.raises(NotAllowed):
            uploads.keep(upload, "member/1")
    folder = tmp_path / "uploads"
    assert not folder.exists() or list(folder.iterdir()) == []


def test_files_are_forgotten_after_an_hour_and_the_oldest_when_there_are_too_many(
    uploads: Uploads, tmp_path: Path
) -> None:
    first = uploads.keep(_given(), "member/1")
    other = uploads.keep(_given(), "member/1")
    long_ago = Clock.wall().timestamp() - 3601
    os.utime(first.path.parent, (long_ago, long_ago))
    uploads.forget_old()
    assert not first.path.exists()
    assert other.path.exists()
    for _ in range(MOST + 5):
        uploads.keep(_given(), "member/1")
    assert len(list((tmp_path / "uploads").iterdir())) == MOST


def test_what_is_kept_is_for_nobody_else_on_this_machine(uploads: Uploads) -> None:
    kept = uploads.keep(_given(), "member/1")
    assert kept.path.parent.stat().st_mode & 0o077 == 0
