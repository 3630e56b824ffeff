"""The environment pages are rendered in."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from reinforce.rendering.pages import page_environment


@pytest.mark.parametrize("name", ["page.html", "page.txt", "page.svg"])
def test_what_people_wrote_is_escaped_whatever_the_template_is_called(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("<p title='{{ text }}'>{{ text }}</p>", "utf-8")
    page = page_environment(tmp_path).get_template(name).render(text="<script>'\"&{{ 7 * 7 }}")
    assert page == "<p title='{0}'>{0}</p>".format("&lt;script&gt;&#39;&#34;&amp;{{ 7 * 7 }}")


def test_a_missing_name_is_an_error_and_not_a_blank(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ nobody }}", "utf-8")
    with pytest.raises(UndefinedError, match="nobody"):
        page_environment(tmp_path).get_template("page.html").render()


def test_filters_stand_beside_those_of_jinja(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ 3 | twice }} {{ 'a' | upper }}", "utf-8")
    page = page_environment(tmp_path, {"twice": lambda number: 2 * number}).get_template("page.html").render()
    assert page == "6 A"
