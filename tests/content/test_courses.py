"""Course files, good and bad: every fault with its line, in Markdown as in YAML."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from reinforce.accounts.tariff import read_tariff
from reinforce.content.course_file import read_course
from reinforce.domain.courses.course import CourseFile
from reinforce.domain.errors import ContentRefused
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.picture import LARGEST_PICTURE
from reinforce.rendering.course_posts import compose_course
from reinforce.rendering.posts import PostRenderer
from reinforce.shipped import shipped
from tests.pictures import png

EXAMPLE = shipped("examples") / "lockout-course.md"


def refused(path: Path, text: str) -> list[str]:
    """What is said of a file, without its name."""
    path.write_text(text, "utf-8")
    with pytest.raises(ContentRefused) as caught:
        compose_course(read_course(path), PostRenderer(shipped("templates") / "posts"), read_tariff())
    return [str(fault).removeprefix(f"{path}:") for fault in caught.value.faults]


def test_the_example_is_a_course_of_twelve_steps() -> None:
    course = read_course(EXAMPLE)
    assert (course.slug, course.title, len(course.steps)) == ("lockout-course", "Lockout in twelve steps", 12)
    assert course.confidentiality is Confidentiality.PUBLIC
    assert [step.title for step in course.steps if step.poll] == ["Where do you stand?"]
    assert [step.title for step in course.steps if step.pictures] == ["Hang your lock"]
    assert [step.title for step in course.steps if step.question] == ["Whose lock is it?"]


def test_each_post_is_numbered_fits_and_names_the_next() -> None:
    course = read_course(EXAMPLE)
    tariff = read_tariff()
    posted = compose_course(course, PostRenderer(shipped("templates") / "posts"), tariff)
    for step, following in pairwise(posted):
        assert step.text.startswith(f"{step.number}/12 {step.title}")
        assert step.text.endswith(f"Next: {following.title}")
    assert "Next:" not in posted[-1].text
    assert sum(step.price_micros for step in posted) == 12 * tariff.post + tariff.media_metadata


MARKDOWN = """---
confidentiality: public
---
# A course

## One

First
of all.

- a point
- another

![A square](square.png)

## Two

Poll (2h):
- Yes
- No

## Three

Question: What is it?
Answer: a lock
Why: It locks.
"""
YAML = """
title: A course
slug: course
confidentiality: public
steps:
  - title: One
    text: "First of all.\\n\\n- a point\\n- another"
    media: {file: square.png, alt: A square}
  - title: Two
    poll: {options: [Yes, No], for: 2h}
  - title: Three
    question: {ask: What is it?, answer: a lock, explanation: It locks.}
"""


def test_markdown_and_yaml_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "square.png").write_bytes(png())

    def said(name: str, text: str) -> list[object]:
        (tmp_path / name).write_text(text, "utf-8")
        course: CourseFile = read_course(tmp_path / name)
        steps = [(one.title, one.text, one.pictures, one.poll, one.question) for one in course.steps]
        return [course.title, course.slug, course.confidentiality, steps]

    assert said("course.md", MARKDOWN) == said("course.yaml", YAML)


def test_every_fault_of_a_markdown_course_is_told_with_its_line(tmp_path: Path) -> None:
    text = """stray words
## One

See [the list](https://example.com/list), **now**.

![](nowhere.png)

## Two

### deeper

Poll (9y):
- Only one
"""
    told = refused(tmp_path / "bad.md", text)
    assert [line.split(":")[0] for line in told] == ["1", "1", "4", "4", "6", "6", "10", "12", "12"]
    words = " ".join(told)
    for said in (
        "before the first step",
        'a course needs "title"',
        "a named link",
        "bold letters",
        "no alternative text",
        "there is no such file",
        "no headings within a post",
        "the poll has 1 options",
        "no time that X keeps a poll open for",
    ):
        assert said in words


def test_what_x_would_refuse_is_refused_with_its_step(tmp_path: Path) -> None:
    text = f"title: T\nsteps:\n  - title: One\n    text: {'long ' * 60}\n  - title: Two\n    text: Ask @somebody.\n"
    told = refused(tmp_path / "bad.yaml", text)
    assert "3:1: step 1: the text counts" in told[0]
    assert "5:1: step 2: the text mentions @somebody" in told[1]


def test_a_picture_beside_a_poll_is_refused(tmp_path: Path) -> None:
    (tmp_path / "square.png").write_bytes(png())
    step = "media: {file: square.png, alt: A}\n    poll: {options: [Yes, No]}"
    told = refused(
        tmp_path / "bad.yaml", f"title: T\nsteps:\n  - title: One\n    {step}\n  - title: Two\n    text: B\n"
    )
    assert any("the step has media and poll" in line for line in told)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("../outside.png", b"", "is no picture beside this file"),
        ("moving.gif", b"GIF89a", "is no PNG, JPEG or WebP"),
        ("huge.png", b"\x89PNG\r\n\x1a\n" + bytes(LARGEST_PICTURE), "the file has 5.0 MB"),
    ],
)
def test_a_picture_that_x_would_not_take_is_refused(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    if content:
        (tmp_path / name).write_bytes(content)
    media = f"media: {{file: {name}, alt: A}}"
    told = refused(
        tmp_path / "bad.yaml",
        f"title: T\nsteps:\n  - title: One\n    text: A\n    {media}\n  - title: Two\n    text: B\n",
    )
    assert words in told[0]
