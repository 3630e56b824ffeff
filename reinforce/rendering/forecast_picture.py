"""A forecast as pictures: what is expected over time, and how many nuggets get where they are wanted."""

from __future__ import annotations

import hashlib
from html import escape
from zoneinfo import ZoneInfo

from reinforce.domain.planning.capacity import CohortForecast
from reinforce.domain.planning.forecast import Verdict
from reinforce.rendering.charts import Axes, Series, bar_row, line_chart

_WIDTH, _CURVE, _BAR, _MARGIN = 720, 300, 26, 16
_LINE = 20
# A file that is opened by itself has no page to take its ink from, so it brings its own, for light and for dark.
_INK = (
    "svg{color:#1d2328;background:#fff;font-family:system-ui,sans-serif}"
    "@media (prefers-color-scheme:dark){svg{color:#e6e9ec;background:#16191c}}"
)


def curve_picture(forecast: CohortForecast) -> str:
    """Mean recall over time with the programme and without, as an SVG for a page."""
    days = [(point.at - forecast.start).total_seconds() / 86_400 for point in forecast.foreseen.curve]
    curve = forecast.foreseen.curve
    series = [
        Series("with it", [(day, 100 * one.with_posts) for day, one in zip(days, curve, strict=True)]),
        Series("without", [(day, 100 * one.without) for day, one in zip(days, curve, strict=True)]),
    ]
    if days:
        series.append(Series("wanted", [(days[0], 100 * forecast.wanted), (days[-1], 100 * forecast.wanted)]))
    return line_chart(
        series,
        title="Expected recall over time",
        description=_in_words(forecast),
        axes=Axes(unit=" %", ceiling=100.0, ends=(_day(forecast, 0), _day(forecast, -1)) if curve else None),
        size=(_WIDTH, _CURVE),
    )


def verdict_picture(forecast: CohortForecast) -> str:
    """How many nuggets get where they are wanted, as an SVG for a page."""
    counts = [(name, forecast.foreseen.count(verdict, forecast.wanted)) for verdict, name in _VERDICTS.items()]
    words = ", ".join(f"{count} {name}" for name, count in counts)
    title = f"Nuggets by what is expected of them on their day, {forecast.wanted:.0%} wanted"
    return bar_row(counts, title=title, description=f"{words}.", width=_WIDTH)


def forecast_picture(forecast: CohortForecast) -> str:
    """Both as one SVG file, readable on a dark and on a light screen, with a text alternative."""
    title = f"Forecast for {forecast.title}"
    words = _in_words(forecast)
    key = hashlib.sha256(f"{title}\0{words}".encode()).hexdigest()[:8]
    bar_at = _MARGIN + 2 * _LINE + _CURVE + _LINE
    width, height = _WIDTH + 2 * _MARGIN, bar_at + _BAR + _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" aria-labelledby="t{key}" aria-describedby="d{key}" fill="currentColor">'
        f'<title id="t{key}">{escape(title)}</title><desc id="d{key}">{escape(words)}</desc><style>{_INK}</style>'
        f'<text x="{_MARGIN}" y="{_MARGIN + 12}" font-size="15">{escape(title)}</text>'
        f'<g transform="translate({_MARGIN} {_MARGIN + 2 * _LINE - 8})">{curve_picture(forecast)}</g>'
        f'<g transform="translate({_MARGIN} {bar_at})">{verdict_picture(forecast)}</g></svg>'
    )


_VERDICTS = {
    Verdict.REACHED: "where they are wanted",
    Verdict.BELOW: "below",
    Verdict.NEVER_POSTED: "never posted",
}


def _in_words(forecast: CohortForecast) -> str:
    foreseen = forecast.foreseen
    counts = ", ".join(f"{foreseen.count(verdict, forecast.wanted)} {name}" for verdict, name in _VERDICTS.items())
    return (
        f"From {_day(forecast, 0)} to {_day(forecast, -1)}. On the day that counts for each nugget the mean recall to"
        f" expect is {foreseen.mean:.0%} with the programme and {foreseen.mean_without:.0%} without any further post."
        f" Of {len(foreseen.nuggets)} nuggets, at {forecast.wanted:.0%} wanted: {counts}."
    )


def _day(forecast: CohortForecast, place: int) -> str:
    at = (forecast.start, forecast.end)[place].astimezone(ZoneInfo(forecast.zone))
    return f"{at.day} {at:%b %Y}"
