"""Values in, SVG out."""

from __future__ import annotations

import math
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.rendering.charts import Series, bar_row, heat_map, line_chart

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(\"x\")</script> & 'y'"


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def words(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in parsed(svg).iter(f"{SVG}text")]


def heat(rows: list[str], columns: list[str], values: list[list[float]]) -> str:
    return heat_map(rows, columns, values, title="Recall", description="Who remembers what")


CHARTS = [
    heat(["Ann", HOSTILE], ["Lock", HOSTILE], [[0.2, 1.0], [math.nan, 0.0]]),
    heat([], [], []),
    line_chart([Series("Press shop", [(0, 0.2), (7, 0.9)]), Series(HOSTILE, [(3, 0.4)])], title="T", description="D"),
    line_chart([Series("none", [])], title="T", description="D"),
    line_chart([Series("zero", [(0, 0), (0, 0)])], title="T", description="D"),
    bar_row([("posted", 12), ("held", 0), (HOSTILE, 3)], title="T", description="D"),
    bar_row([], title="T", description="D"),
]


@pytest.mark.parametrize("svg", CHARTS)
def test_every_chart_says_in_words_what_it_shows(svg: str) -> None:
    root = parsed(svg)
    assert root.get("role") == "img"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert (root.get("aria-labelledby"), root.get("aria-describedby")) == (title.get("id"), description.get("id"))
    assert title.text
    assert description.text


@pytest.mark.parametrize("svg", CHARTS)
def test_no_chart_has_a_script_a_style_or_a_colour_of_its_own(svg: str) -> None:
    for element in parsed(svg).iter():
        assert element.tag.removeprefix(SVG) in {"svg", "g", "title", "desc", "rect", "text", "line", "polyline"}
        assert not [name for name in element.attrib if name == "style" or name.startswith("on")]
        assert {element.get("fill", "none"), element.get("stroke", "none")} <= {"none", "currentColor"}


def test_a_heat_map_writes_every_value_and_names_its_place() -> None:
    svg = heat(["Ann", "Bob"], ["Lock", "Tag"], [[0.2, 1.0], [math.nan, 0.004]])
    assert words(svg) == ["Lock", "Tag", "Ann", "20", "100", "Bob", "0"]
    titles = [title.text for title in parsed(svg).iter(f"{SVG}title")]
    assert titles == ["Recall", "Ann, Lock: 20 %", "Ann, Tag: 100 %", "Bob, Tag: 0 %"]


def test_a_fuller_cell_stands_for_a_greater_share() -> None:
    cells = [rect.get("fill-opacity") for rect in parsed(heat(["Ann"], list("abc"), [[0, 0.5, 1]])).iter(f"{SVG}rect")]
    assert cells == sorted(cells, key=lambda opacity: float(opacity or 0))
    assert len(set(cells)) == 3


def test_a_heat_map_refuses_values_of_another_shape() -> None:
    with pytest.raises(ValueError, match="1 rows of 2"):
        heat(["Ann"], ["Lock", "Tag"], [[0.2]])


def test_a_long_name_is_cut_and_kept_whole_in_its_tooltip() -> None:
    name = "Anastasia Konstantinopoulou-Featherstonehaugh"
    svg = heat([name], ["Lock"], [[0.5]])
    label = next(text for text in parsed(svg).iter(f"{SVG}text") if "…" in "".join(text.itertext()))
    tooltip = label.find(f"{SVG}title")
    assert tooltip is not None
    assert tooltip.text == name


def test_parts_of_a_bar_are_as_wide_as_their_share() -> None:
    svg = bar_row([("a", 3), ("none", 0), ("b", 1)], title="T", description="D", width=400)
    assert [rect.get("width") for rect in parsed(svg).iter(f"{SVG}rect")] == ["298.0", "98.0"]


def test_the_same_values_draw_the_same_picture() -> None:
    assert heat(["Ann"], ["Lock"], [[0.5]]) == heat(["Ann"], ["Lock"], [[0.5]])


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), max_size=8))
def test_points_of_a_line_stay_inside_the_picture(points: list[tuple[float, float]]) -> None:
    root = parsed(line_chart([Series("s", sorted(points))], title="T", description="D", size=(300, 100)))
    for line in root.iter(f"{SVG}polyline"):
        places = [tuple(map(float, place.split(","))) for place in line.get("points", "").split()]
        assert all(0 <= x <= 300 and 0 <= y <= 100 for x, y in places)


def luminance(colour: tuple[float, ...]) -> float:
    """Relative luminance as WCAG 2.2 defines it, of red, green and blue from 0 to 255."""
    parts = [value / 255 for value in colour]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("ink", "page"), [((28, 36, 48), (255, 254, 251)), ((233, 230, 223), (25, 31, 39))])
def test_a_number_can_be_read_on_the_fullest_cell(ink: tuple[int, ...], page: tuple[int, ...]) -> None:
    rect = next(parsed(heat(["Ann"], ["Lock"], [[1.0]])).iter(f"{SVG}rect"))
    opacity = float(rect.get("fill-opacity", "1"))
    cell = tuple(opacity * i + (1 - opacity) * p for i, p in zip(ink, page, strict=True))
    high, low = sorted((luminance(ink), luminance(cell)), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5
