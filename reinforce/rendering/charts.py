"""Values in, SVG text out: a heat map, lines over time, a bar of shares.

A chart takes its ink from `currentColor` and is drawn on whatever lies below, so it reads on a dark page and on a
light one. It has no script and no style of its own; classes (`heat-map`, `line-chart`, `bar-row`, `series-0` …) are
there for a page's. Colour never speaks alone: every value is also a number, in the picture or in a tooltip. `title`
and `description` are what a screen reader says instead of the picture; the page adds the values as a table.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

# All lengths are in SVG user units, which a browser shows as CSS pixels.
_CELL_WIDTH, _CELL_HEIGHT, _GAP = 44, 26, 2
_LETTER = 6.6  # width of an average letter at the size below
_FONT = 12
_LABEL_LETTERS = 26
# As much ink as lets a number in that ink be read on it (contrast 4.5) on a light page and on a dark one.
_PALEST, _FULLEST = 0.04, 0.34


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a line chart: a name and its points (x, y), in the order of x."""

    name: str
    points: Sequence[tuple[float, float]]


def heat_map(
    rows: Sequence[str], columns: Sequence[str], values: Sequence[Sequence[float]], *, title: str, description: str
) -> str:
    """A grid of shares: `values[row][column]` between 0 and 1, shown in per cent; NaN is left blank.

    Raises ValueError if `values` has another shape than `rows` × `columns`.
    """
    if len(values) != len(rows) or any(len(line) != len(columns) for line in values):
        raise ValueError(f"values must have {len(rows)} rows of {len(columns)}")
    left = _width_of(rows) + 10
    # Column names stand on a slope of 45 degrees: as high as they are wide.
    top = 0.71 * _width_of(columns) + 14
    width = left + len(columns) * _CELL_WIDTH + 0.71 * _width_of(columns)
    height = top + len(rows) * _CELL_HEIGHT + 2
    parts = [
        _text(
            left + (i + 0.4) * _CELL_WIDTH,
            top - 8,
            name,
            f'transform="rotate(-45 {left + (i + 0.4) * _CELL_WIDTH:.1f} {top - 8:.1f})"',
        )
        for i, name in enumerate(columns)
    ]
    for i, (name, line) in enumerate(zip(rows, values, strict=True)):
        y = top + i * _CELL_HEIGHT
        parts.append(_text(left - 8, y + _CELL_HEIGHT / 2, name, 'text-anchor="end" dominant-baseline="central"'))
        parts += [
            _cell(left + j * _CELL_WIDTH, y, value, f"{name}, {column}")
            for j, (column, value) in enumerate(zip(columns, line, strict=True))
        ]
    return _svg("heat-map", width, height, title, description, parts)


@dataclass(frozen=True, slots=True)
class Axes:
    """How the axes of a line chart are told: the unit of y, the greatest y there is room for (None: the greatest there
    is), and words for the two ends of x (None: its least and greatest value)."""

    unit: str = ""
    ceiling: float | None = None
    ends: tuple[str, str] | None = None


_PLAIN = Axes()


def line_chart(
    series: Sequence[Series], *, title: str, description: str, axes: Axes = _PLAIN, size: tuple[int, int] = (640, 240)
) -> str:
    """Lines over one pair of axes from 0 upward, as `axes` says.

    Each line differs by its dashes as well as by its class, and carries its name at its end. Series without points
    are left out.
    """
    shown = [one for one in series if one.points]
    width, height = size
    left, right, top, bottom = 46, _width_of(one.name for one in shown) + 14, 12, 26
    xs = [x for one in shown for x, _ in one.points] or [0.0, 1.0]
    ceiling = axes.ceiling or max([y for one in shown for _, y in one.points], default=1.0) or 1.0
    x_scale = (width - left - right) / ((max(xs) - min(xs)) or 1.0)
    y_scale = (height - top - bottom) / ceiling

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return left + (point[0] - min(xs)) * x_scale, height - bottom - point[1] * y_scale

    first, last = axes.ends or (f"{min(xs):g}", f"{max(xs):g}")
    parts = [*_grid(left, width - right, top, height - bottom, ceiling, axes.unit)]
    parts += [
        _text(left, height - 8, first),
        _text(width - right, height - 8, last, 'text-anchor="end"'),
    ]
    names = _apart([place(one.points[-1])[1] for one in shown])
    for i, one in enumerate(shown):
        points = [place(point) for point in one.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dashes = ("", "6 4", "2 3", "9 3 2 3")[i % 4]
        parts.append(
            f'<polyline class="series-{i}" points="{path}" fill="none" stroke="currentColor" stroke-width="2"'
            f' stroke-dasharray="{dashes or "none"}"><title>{escape(one.name)}</title></polyline>'
        )
        parts.append(_text(points[-1][0] + 6, names[i], one.name, 'dominant-baseline="central"'))
    return _svg("line-chart", width, height, title, description, parts)


def bar_row(shares: Sequence[tuple[str, float]], *, title: str, description: str, width: int = 640) -> str:
    """One bar cut into parts: (name, amount ≥ 0) each, in order, as wide as their share. Empty parts are left out."""
    total = sum(amount for _, amount in shares)
    parts, x = [], 0.0
    for i, (name, amount) in enumerate(shares):
        if amount <= 0:
            continue
        part = width * amount / total
        strength = _FULLEST - (_FULLEST - _PALEST) * i / max(len(shares) - 1, 1)
        label = f"{name} {amount:g}"
        parts.append(
            f'<rect class="series-{i}" x="{x:.1f}" width="{max(part - _GAP, 1):.1f}" height="{_CELL_HEIGHT}"'
            f' fill="currentColor" fill-opacity="{strength:.2f}"><title>{escape(label)}</title></rect>'
        )
        if part > _width_of([label]) + 8:
            parts.append(_text(x + 6, _CELL_HEIGHT / 2, label, 'dominant-baseline="central" pointer-events="none"'))
        x += part
    return _svg("bar-row", width, _CELL_HEIGHT, title, description, parts)


def _apart(heights: Sequence[float]) -> list[float]:
    """The heights of labels, each pushed up as far as the one below it asks: lines that end together stay readable."""
    placed = list(heights)
    order = sorted(range(len(placed)), key=lambda i: -placed[i])
    for below, above in pairwise(order):
        placed[above] = min(placed[above], placed[below] - _FONT - 2)
    return placed


def _cell(x: float, y: float, value: float, place: str) -> str:
    if math.isnan(value):
        return ""
    share = min(max(value, 0.0), 1.0)
    opacity = _PALEST + (_FULLEST - _PALEST) * share
    percent = f"{100 * share:.0f}"
    box = f'x="{x:.1f}" y="{y:.1f}" width="{_CELL_WIDTH - _GAP}" height="{_CELL_HEIGHT - _GAP}" rx="3"'
    return (
        f'<g class="cell"><title>{escape(place)}: {percent} %</title>'
        f'<rect {box} fill="currentColor" fill-opacity="{opacity:.3f}"/>'
        + _text(
            x + (_CELL_WIDTH - _GAP) / 2,
            y + (_CELL_HEIGHT - _GAP) / 2,
            percent,
            'text-anchor="middle" dominant-baseline="central"',
        )
        + "</g>"
    )


def _grid(left: float, right: float, top: float, bottom: float, ceiling: float, unit: str) -> Iterator[str]:
    """Three level lines, at nothing, half and all of `ceiling`."""
    for part in (0.0, 0.5, 1.0):
        y = bottom - part * (bottom - top)
        ends = f'x1="{left}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"'
        yield f'<line {ends} stroke="currentColor" stroke-opacity="0.25"/>'
        yield _text(left - 6, y, f"{part * ceiling:g}{unit}", 'text-anchor="end" dominant-baseline="central"')


def _text(x: float, y: float, words: str, attributes: str = "") -> str:
    """A label; one that is too long is cut, with the whole of it as its tooltip."""
    short = words if len(words) <= _LABEL_LETTERS else words[: _LABEL_LETTERS - 1].rstrip() + "…"
    tooltip = "" if short == words else f"<title>{escape(words)}</title>"
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{tooltip}{escape(short)}</text>'


def _width_of(labels: Iterable[str]) -> float:
    return _LETTER * max((min(len(label), _LABEL_LETTERS) for label in labels), default=0)


def _svg(kind: str, width: float, height: float, title: str, description: str, parts: Iterable[str]) -> str:
    # The same values give the same ids, so that a page that has not changed has not changed its ETag.
    key = hashlib.sha256(f"{kind}\0{title}\0{description}".encode()).hexdigest()[:8]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" role="img" width="{width:.0f}" height="{height:.0f}"'
        f' viewBox="0 0 {width:.0f} {height:.0f}" aria-labelledby="t{key}" aria-describedby="d{key}"'
        f' font-size="{_FONT}" fill="currentColor">'
        f'<title id="t{key}">{escape(title)}</title><desc id="d{key}">{escape(description)}</desc>'
        f"{''.join(parts)}</svg>"
    )
