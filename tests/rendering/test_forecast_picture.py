"""A forecast as a picture that can be read on any screen, or be listened to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET

from reinforce.domain.planning.capacity import CohortForecast, Tried
from reinforce.domain.planning.forecast import Cost, Foreseen, NuggetForecast, Point
from reinforce.domain.planning.stand_ins import Cast
from reinforce.rendering.forecast_picture import curve_picture, forecast_picture, verdict_picture

SVG = "{http://www.w3.org/2000/svg}"
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
END = START + timedelta(days=30)


def _forecast(title: str = "Press shop") -> CohortForecast:
    def nugget(recall: float, planned: int) -> NuggetForecast:
        return NuggetForecast("p/n", "N", END, True, recall, 0.2, 0, planned, None, None)

    return CohortForecast(
        cohort="press",
        title=title,
        zone="Europe/Berlin",
        cadence="by need",
        start=START,
        end=END,
        wanted=0.5,
        cast=Cast(8, 8, False, 8, 8),
        foreseen=Foreseen(
            (nugget(0.7, 4), nugget(0.4, 2), nugget(0.2, 0)), (Point(START, 0.2, 0.2), Point(END, 0.43, 0.2)), Cost()
        ),
        tried=(Tried(5, 1, 0.43, 0, 0),),
        enough=None,
        most=None,
        assumptions=(),
        notes=(),
    )


def test_the_picture_says_in_words_what_it_shows() -> None:
    root = ET.fromstring(forecast_picture(_forecast()))
    assert root.get("role") == "img"
    title, words = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert words is not None
    assert (root.get("aria-labelledby"), root.get("aria-describedby")) == (title.get("id"), words.get("id"))
    assert title.text == "Forecast for Press shop"
    assert words.text == (
        "From 2 Mar 2026 to 1 Apr 2026. On the day that counts for each nugget the mean recall to expect is 43%"
        " with the programme and 20% without any further post. Of 3 nuggets, at 50% wanted: 1 where they are"
        " wanted, 1 below, 1 never posted."
    )


def test_a_file_has_ink_and_ground_for_light_and_dark_and_a_part_of_a_page_has_none() -> None:
    picture = forecast_picture(_forecast())
    assert "prefers-color-scheme:dark" in picture
    for part in (curve_picture(_forecast()), verdict_picture(_forecast())):
        assert "<style" not in part
        assert 'fill="currentColor"' in part


def test_the_ends_of_lines_that_meet_are_named_apart() -> None:
    names = [one for one in ET.fromstring(curve_picture(_forecast())).iter(f"{SVG}text") if one.text]
    heights = sorted(float(one.get("y", "0")) for one in names if one.text in ("with it", "without", "wanted"))
    assert len(heights) == 3
    assert min(b - a for a, b in pairwise(heights)) >= 14


def test_no_title_becomes_markup() -> None:
    picture = forecast_picture(_forecast("<script>alert(1)</script> & co"))
    assert "<script" not in picture
    assert ET.fromstring(picture).find(f"{SVG}title").text.endswith("& co")  # type: ignore[union-attr]
