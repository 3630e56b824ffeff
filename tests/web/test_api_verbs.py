"""The API's verbs do what those of the command line do: each made, looked at, and taken back over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.web.conftest import console_app, served
from tests.web.people import OTHER, OTHERS_NAME, Town, settle
from tests.web.scripts import HERE, Scripts, things_of, token_of

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = settle(tmp_path_factory.mktemp("verbs") / "workspace")
    yield made
    made.seeded.database.close()


@pytest.fixture(scope="module")
def scripts(town: Town) -> Iterator[Scripts]:
    with served(console_app(town.seeded)) as url, requests.Session() as session:
        yield Scripts(url, session, things_of(town, HERE), things_of(town, OTHER))


class Asker:
    """Somebody's script; each call must be answered as `status` says."""

    def __init__(self, scripts: Scripts, town: Town, name: str) -> None:
        self._scripts = scripts
        self._token = token_of(town, town.people[name])

    def __call__(self, call: str, body: Any = None, *, status: int = 200, **more: Any) -> Any:
        answer = self._scripts.call(call, self._token, json=body, **more)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content and "json" in answer.headers["Content-Type"] else answer.text


@pytest.fixture(scope="module")
def facilitator(scripts: Scripts, town: Town) -> Asker:
    return Asker(scripts, town, "facilitator")


@pytest.fixture(scope="module")
def author(scripts: Scripts, town: Town) -> Asker:
    return Asker(scripts, town, "author")


@pytest.fixture(scope="module")
def author_here(scripts: Scripts, town: Town) -> Asker:
    return Asker(scripts, town, "author here")


@pytest.fixture(scope="module")
def operator(scripts: Scripts, town: Town) -> Asker:
    return Asker(scripts, town, "operator")


def test_a_cohort_is_created_promised_to_and_held(author: Asker, author_here: Asker) -> None:
    new = {"slug": "night-shift", "title": "Night shift", "account": "practice", "procedures": ["lockout"]}
    made = author("POST /cohorts", {**new, "zone": "Europe/Berlin"}, status=201)
    assert (made["slug"], made["approval"]) == ("night-shift", "first")
    assert author("POST /cohorts", new, status=409)["error"]
    assert "cadence" in author("POST /cohorts", {**new, "cadence": "../etc"}, status=409)["error"]
    assert "procedures" in author("POST /cohorts", {**new, "procedures": []}, status=422)["error"]
    author_here("POST /cohorts", new, status=403)
    changed = author("PATCH /cohorts/night-shift", {"respond_hours": 4, "priority": 2})
    assert (changed["respond_hours"], changed["priority"]) == (4, 2)
    author("PATCH /cohorts/night-shift", {"approval": "none"}, status=403)
    hold = author("POST /cohorts/night-shift/holds", {"last_day": "2026-03-30"}, status=201)["hold"]["id"]
    assert [one["id"] for one in author("GET /cohorts/night-shift/holds")] == [hold]
    author(f"DELETE /cohorts/night-shift/holds/{hold}")


def test_who_is_away_is_told_to_facilitators_and_may_be_back_earlier(facilitator: Asker, author: Asker) -> None:
    away = facilitator(
        "POST /cohorts/press-shop/absences", {"employee_id": "E1", "last_day": "2026-03-20"}, status=201
    )["id"]
    (line,) = facilitator("GET /cohorts/press-shop/absences")
    assert (line["id"], line["employee_id"], line["begun"]) == (away, "E1", True)
    author("GET /cohorts/press-shop/absences", status=403)
    facilitator(f"DELETE /cohorts/{OTHER}/absences/{away}", status=404)
    facilitator(f"DELETE /cohorts/press-shop/absences/{away}", status=204)
    facilitator(f"DELETE /cohorts/press-shop/absences/{away}", status=404)


def test_a_round_is_drawn_looked_through_and_thrown_away(facilitator: Asker) -> None:
    looked = facilitator("POST /cohorts/press-shop/quizzes/draw?dry_run=true", {"title": "Friday"}, status=201)
    assert looked["questions"] > 0
    facilitator("GET /quizzes/friday/check", status=404)
    facilitator("POST /cohorts/press-shop/quizzes/draw", {"title": "Friday"}, status=201)
    assert facilitator("GET /quizzes/friday/check")["posts"]
    assert facilitator("GET /quizzes")["items"][0]["slug"] == "friday"
    assert facilitator("POST /quizzes/friday/cancel")["state"] == "cancelled"
    file = {"file": ("round.yaml", "quiz: nothing\n")}
    faults = facilitator("POST /cohorts/press-shop/quizzes", files=file, status=422)["faults"]
    assert faults[0]["file"] == "round.yaml"


def test_an_event_is_held_from_first_to_last(facilitator: Asker, author: Asker) -> None:
    new = {"slug": "lockout-live", "title": "Lockout, live", "hashtag": "lockoutlive", "announced": False,
           "starts": "2026-03-09T14:00", "ends": "2026-03-09T15:00", "procedures": [{"name": "lockout"}]}  # fmt: skip
    looked = facilitator("POST /cohorts/press-shop/events?dry_run=true", new, status=201)
    assert "event_start" in [one["form"] for one in looked["posts"]]
    facilitator("GET /events/lockout-live", status=404)
    facilitator("POST /cohorts/press-shop/events", new, status=201)
    assert facilitator("POST /cohorts/press-shop/events", new, status=409)["advice"]
    assert facilitator("GET /events/lockout-live")["event"]["state"] == "ahead"
    assert "lockout-live" in [one["slug"] for one in author("GET /events")]
    facilitator("POST /events/lockout-live/open")
    facilitator("POST /events/lockout-live/close")
    assert "Lockout, live" in facilitator("GET /events/lockout-live/record.md")
    author("GET /events/lockout-live/record.md", status=403)
    backwards = {**new, "slug": "other", "hashtag": "other", "ends": "2026-03-09T13:00"}
    assert facilitator("POST /cohorts/press-shop/events", backwards, status=409)["error"]
    assert "starts" in facilitator("POST /cohorts/press-shop/events", {**new, "starts": "soon"}, status=422)["error"]


def test_an_announcement_is_made_and_called_off(author: Asker) -> None:
    new = {"slug": "open-day", "day": "2026-03-20", "texts": ["Open day on {date}.", "Open day today, from ten."]}
    looked = author("POST /cohorts/press-shop/announcements?dry_run=true", new, status=201)
    assert looked["announcement"] is None
    assert [one["days"] for one in looked["posts"]] == [3, 0]
    author("POST /cohorts/press-shop/announcements", new, status=201)
    assert "open-day" in [one["slug"] for one in author("GET /announcements")]
    assert author("POST /announcements/open-day/cancel")["stays"] == []


def test_a_poll_is_asked_once(author: Asker) -> None:
    key = {"headers": {"Idempotency-Key": "poll-before"}}
    new = {"question": "How sure are you?", "options": ["Very", "Not at all"], "label": "before"}
    look = {"headers": {"Idempotency-Key": "poll-look"}}
    looked = author("POST /cohorts/press-shop/polls?dry_run=true", new, status=201, **look)
    assert (looked["poll"], looked["ready"]["linked"]) == (None, False)
    asked = [author("POST /cohorts/press-shop/polls", new, status=201, **key) for _ in range(2)]
    assert asked[0] == asked[1]
    number = asked[0]["poll"]
    assert author(f"GET /polls/{number}")["poll"]["label"] == "before"
    assert [one["id"] for one in author("GET /polls")].count(number) == 1
    assert author(f"GET /polls/{number}/compare/{number}", status=409)["error"]
    author("POST /cohorts/press-shop/polls", new, status=422)
    link = {"words": "Ten questions:", "url": "https://forms.example.com/x"}
    paid = author("POST /cohorts/press-shop/poll-links?dry_run=true", link, status=201, **key)
    assert paid["ready"]["linked"]
    post = asked[0]["post"]
    assert author(f"POST /posts/{post}/move", {"at": "2020-01-01T10:00:00Z"}, status=409)["error"]
    assert "at" in author(f"POST /posts/{post}/move", {"at": "2026-03-05T10:00"}, status=422)["error"]


def test_figures_are_of_groups_for_all_but_facilitators(facilitator: Asker, author: Asker, author_here: Asker) -> None:
    named, grouped = facilitator("GET /cohorts/press-shop/recall"), author("GET /cohorts/press-shop/recall")
    assert {one["size"] for one in named["items"]} == {1}
    assert all(one["size"] >= 5 for one in grouped["items"])
    assert len(named["items"][0]["recall"]) == len(named["nuggets"])
    assert author("GET /cohorts/press-shop/report")["parts"]
    facilitator("GET /cohorts/press-shop/report?first=2026-03-02&last=2026-03-01", status=409)
    author("GET /cohorts/press-shop/report?first=2026-03-02", status=403)
    author_here(f"GET /cohorts/press-shop/report?compare={OTHER}", status=404)
    assert author(f"GET /cohorts/{OTHER}/recall")["items"] == []
    author(f"GET /cohorts/{OTHER}/forecast", status=403)
    assert OTHERS_NAME in str(facilitator(f"GET /cohorts/{OTHER}/recall"))
    assert facilitator(f"GET /cohorts/{OTHER}/forecast")["recall"]["with"] > 0


def test_courses_are_for_those_whose_role_is_for_all(author: Asker, author_here: Asker) -> None:
    with (EXAMPLES / "lockout-course.md").open("rb") as course, (EXAMPLES / "lockout-course.png").open("rb") as picture:
        files = [("file", ("lockout-course.md", course)), ("beside", ("lockout-course.png", picture))]
        looked = author("POST /courses/check", files=files)
    assert looked["steps"][0]["step"]["number"] == 1
    assert {one["slug"] for one in author("GET /courses")}
    assert author_here("GET /courses") == []
    none = {"files": {"file": ("x.md", "nothing")}}
    author_here("POST /courses/check", status=404, **none)
    assert author("POST /courses/check", status=422, **none)["faults"][0]["file"] == "x.md"
    author("POST /courses/nowhere/withdraw", {}, status=404)


def test_a_programme_is_loaded_and_looked_at(author: Asker, author_here: Asker) -> None:
    files = {"file": ("x.yaml", "programme: x\n")}
    assert author("POST /programmes/load?dry_run=true", files=files, status=422)["faults"][0]["file"] == "x.yaml"
    assert author("GET /programmes") == []
    start = {"programme": "nowhere", "first_day": "2026-03-09"}
    author("POST /cohorts/press-shop/programme?dry_run=true", start, status=404)
    author_here(f"POST /cohorts/{OTHER}/programme", start, status=404)
    author("GET /cohorts/press-shop/programme", status=404)


def test_a_recall_is_for_who_steers_all_cohorts_that_learn_it(author: Asker, author_here: Asker) -> None:
    author_here("POST /procedures/lockout/recalls/preview", {}, status=404)
    assert author("POST /procedures/lockout/recalls/preview", {}, status=409)["advice"]
    assert author("GET /procedures/lockout/recalls") == []
    author("POST /procedures/lockout/recalls/1/undo", status=404)


def test_operators_say_what_may_be_spent_and_who_is_what(operator: Asker, author: Asker) -> None:
    operator("PUT /budgets", {"account": "practice", "micros_a_month": 12_500_000}, status=204)
    assert operator("GET /budgets")[0]["bounds"]["micros_a_month"] == 12_500_000
    author("PUT /budgets", {"account": "practice"}, status=403)
    assert (
        "micros_a_month" in operator("PUT /budgets", {"account": "practice", "micros_a_month": -1}, status=422)["error"]
    )
    operator("PATCH /accounts/practice", {"posts_a_day": 5}, status=204)
    assert operator("PATCH /accounts/practice", {"posts_a_day": 9999}, status=409)["error"]
    given = operator("POST /users/viewer/roles", {"role": "author", "cohorts": ["press-shop"]})["roles"]
    assert {"role": "author", "cohort": "press-shop"} in given
    taken = operator("POST /users/viewer/roles/take", {"role": "author", "cohorts": ["press-shop"]})["roles"]
    assert taken == [{"role": "viewer", "cohort": None}]
    assert operator("POST /users/operator/roles/take", {"role": "operator"}, status=409)["error"]
