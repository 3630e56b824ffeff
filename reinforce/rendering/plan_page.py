"""A look ahead as a page to read, to print and to mail: a calendar of months, and each day's posts as they would look.
It stands alone: no script, no file beside it."""

from __future__ import annotations

from calendar import Calendar, month_name
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reinforce.domain.nugget import Form
from reinforce.domain.planning.plan_context import SMALLEST_GROUP
from reinforce.domain.planning.plan_state import REVEAL
from reinforce.domain.planning.slots import local_day
from reinforce.domain.sending.budget import dollars
from reinforce.domain.walking.previewed import Figures, LookAhead, PreviewedPost, local_days
from reinforce.rendering.dates import spoken_date
from reinforce.rendering.pages import page_environment

_OUTSIDE: Mapping[str, Any] = {"kind": "outside", "link": "", "name": "", "marks": []}
_SAYS_A_NUGGET = frozenset(form.value for form in Form)


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of a comparison, in words."""

    what: str
    now: str
    then: str


def plan_page(
    look: LookAhead,
    templates: Path,
    called: Callable[[str], str],
    *,
    as_it_is: Figures | None = None,
    supposed: str = "",
    day_by_day: bool = True,
) -> str:
    """The page of a look ahead. `templates` is the folder of pages to print, `called` what people call a form of post;
    with `as_it_is` it is compared with what is planned, `supposed` saying what was changed in thought. Without
    `day_by_day` there is the calendar only."""
    zone, first, last = look.cohort.zone, *_ends(look)
    by_day = _by_day(look)
    nuggets = [
        {"title": one.title or one.name, "on": str(local_day(one.on, zone)), "now": one.now, "then": one.then}
        for one in look.figures.nuggets
    ]
    return (
        page_environment(templates)
        .get_template("plan.html")
        .render(
            title=look.cohort.title,
            account=look.account,
            zone=zone,
            cadence=look.cadence,
            first=_spoken(first),
            last=_spoken(last),
            supposed=supposed,
            figures=look.figures,
            price=dollars(look.figures.price_micros),
            compared=[] if as_it_is is None else comparison(as_it_is, look.figures),
            months=list(_months(look, by_day, called, day_by_day)),
            nuggets=nuggets if day_by_day else [],
            about_recall=about_recall(look.figures),
            days=list(_days(look, by_day, called)) if day_by_day else [],
        )
    )


def comparison(now: Figures, then: Figures) -> list[Compared]:
    """What is planned beside what is supposed, line by line."""
    lines = [
        Compared("posts", str(now.posts), str(then.posts)),
        Compared("of them answers under questions", str(now.reveals), str(then.reveals)),
        Compared("slots that stay empty", str(now.quiet), str(then.quiet)),
        Compared("days without a post", str(now.days_without), str(then.days_without)),
        Compared("price", dollars(now.price_micros), dollars(then.price_micros)),
    ]
    if now.recall_then is not None and then.recall_then is not None:
        what = "expected recall on the days that count"
        lines.append(Compared(what, f"{now.recall_then:.1%}", f"{then.recall_then:.1%}"))
    return lines


def about_recall(figures: Figures) -> str:
    """What the expected recall stands on."""
    who = (
        f"Fewer than {SMALLEST_GROUP} people of the roster are linked, so it is that of typical learners."
        if figures.typical
        else "It is the mean over the linked learners."
    )
    return f"The model's expectation on a nugget's assessment, or at the end if that is sooner; no measurement. {who}"


def _ends(look: LookAhead) -> tuple[date, date]:
    days = local_days((look.start, look.end), look.cohort.zone)
    return days[0], days[-1]


def _spoken(day: date) -> str:
    return f"{spoken_date(datetime(day.year, day.month, day.day), 'en')} {day.year}"  # noqa: DTZ001 - a local date


def _by_day(look: LookAhead) -> Mapping[date, list[PreviewedPost]]:
    found: dict[date, list[PreviewedPost]] = {}
    for row in look.rows:
        found.setdefault(row.local.date(), []).append(row)
    return found


def _link(day: date) -> str:
    return f"d{day.isoformat()}"


def _months(
    look: LookAhead,
    by_day: Mapping[date, Sequence[PreviewedPost]],
    called: Callable[[str], str],
    linked: bool,
) -> Iterator[dict[str, Any]]:
    first, last = _ends(look)
    phases = {one.first_day for one in look.phases}
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        weeks = [
            [
                _cell(look, day, by_day, called, linked, phases)
                if first <= day <= last and day.month == month
                else {
                    "kind": "outside",
                    "number": day.day if day.month == month else 0,
                    "link": "",
                    "name": "",
                    "marks": [],
                }
                for day in week
            ]
            for week in Calendar().monthdatescalendar(year, month)
        ]
        yield {"name": f"{month_name[month]} {year}", "weeks": weeks}
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _cell(
    look: LookAhead,
    day: date,
    by_day: Mapping[date, Sequence[PreviewedPost]],
    called: Callable[[str], str],
    linked: bool,
    phases: set[date],
) -> dict[str, Any]:
    rows, off = by_day.get(day, ()), look.days_off.get(day, "")
    kind = " ".join((*(["off"] if off else []), *(["phase"] if day in phases else [])))
    return {
        "kind": kind,
        "number": day.day,
        "link": _link(day) if linked and (rows or off or day in phases) else "",
        "name": off.removeprefix("a holiday: "),
        "marks": [
            {
                "kind": "" if row.form in _SAYS_A_NUGGET else "reveal" if row.form == REVEAL else "other",
                "clock": f"{row.local:%H:%M}",
                "words": _what(row, called),
                "title": row.text,
            }
            for row in rows
            if row.is_post
        ],
    }


def _what(row: PreviewedPost, called: Callable[[str], str]) -> str:
    return row.nugget.rpartition("/")[2] if row.form in _SAYS_A_NUGGET else called(row.form)


def _days(
    look: LookAhead, by_day: Mapping[date, Sequence[PreviewedPost]], called: Callable[[str], str]
) -> Iterator[dict[str, Any]]:
    phases = {one.first_day: one.cadence.name for one in look.phases}
    for day in local_days((look.start, look.end), look.cohort.zone):
        rows, off = by_day.get(day, ()), look.days_off.get(day, "")
        if not rows and not off and day not in phases:
            continue
        yield {
            "link": _link(day),
            "name": _spoken(day),
            "off": off,
            "phase": phases.get(day, ""),
            # On a day off each of its slots would say so again.
            "rows": [_card(row, called, look.cohort.zone) for row in rows if row.is_post or not off],
        }


def _card(row: PreviewedPost, called: Callable[[str], str], zone: str) -> dict[str, Any]:
    return {
        "clock": f"{row.due_at.astimezone(ZoneInfo(zone)):%H:%M}",
        "called": called(row.form) if row.is_post else "",
        "planned": row.planned,
        "answers": row.form == REVEAL and bool(row.nugget),
        "nugget": row.nugget,
        "text": row.text,
        "options": row.options,
        "described": [one["alt"] for one in row.media],
        "price": dollars(row.price_micros),
        "before": row.recall_before,
        "after": row.recall_after,
        "reason": row.reason,
    }
