"""A learner asks and looks up; a facilitator answers from the command line; the daemon brings it to them, over HTTP."""

from __future__ import annotations

from tests.acceptance.conftest import Site, open_course


def test_a_question_is_answered_by_a_reply_and_a_look_up_by_its_nugget(sqlite_site: Site) -> None:
    site = sqlite_site
    open_course(site)
    site.join_in("dana", "kim")
    site.reinforce("facilitator", "add", "anna", "--initials", "AB", "--silent")
    site.reinforce("cohort", "set", "press-shop", "--facilitator", "anna", "--respond-hours", "4")
    daemon = site.start_daemon()
    account = site.practice.state()["company"]["handle"]
    asked = site.say("dana", f"@{account} who signs the tag?")
    looked_up = site.say("kim", f"@{account} how group lockout")
    site.step(seconds=61)  # when mentions are read next
    (question,) = site.wait_until("the question is taken up", lambda: site.json("questions", "list", "--state", "open"))
    assert (question["facilitator"], question["overdue"]) == ("anna", False)
    site.reinforce("questions", "answer", str(question["id"]), "The shift lead signs it.")
    said = site.wait_until(
        "both are answered", lambda: (posts := {one["in_reply_to"]: one["text"] for one in _replies(site)}) and
        {asked, looked_up} <= posts.keys() and posts,
    )  # fmt: skip
    assert said[asked].endswith("The shift lead signs it.\n\n^AB")
    site.wait_until("it is delivered", lambda: not site.json("questions", "list"))
    assert site.stop(daemon) == 0


def _replies(site: Site) -> list[dict[str, str]]:
    return [
        {"in_reply_to": str(one["in_reply_to"]), "text": one["text"]} for one in site.posts() if one.get("in_reply_to")
    ]
