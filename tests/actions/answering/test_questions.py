"""A question is promised a time, taken, answered, and its answer finds its way, or is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from reinforce.actions.answering.respond import assign, close, make_nugget, reopen
from reinforce.domain.cohort import ConsentKind
from reinforce.domain.errors import Conflict, ContentRefused, NotAllowed, ReinforceError
from reinforce.store import tables as t
from reinforce.store.answering import gaps, inquiries
from reinforce.store.answering.suggestions import suggestions
from reinforce.store.authoring import passages
from reinforce.store.people import people
from tests.actions.answering.conftest import Desk

ANSWER = "The shift lead signs it, before anybody starts."


def test_a_question_is_promised_so_many_working_hours_of_its_cohort(desk: Desk) -> None:
    one = desk.inquiry(desk.ask("who signs the tag?"))
    # Monday 10:00; quiet from 18:00 to 07:00, so eight hours end at 18:00 local.
    assert one.due_at == datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    desk.pass_time(days=4, hours=6)  # Friday 16:00: two hours on Friday, six on Monday from 07:00
    assert desk.inquiry(desk.ask("where are spare locks kept?")).due_at == datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


def test_an_answer_goes_out_as_the_one_reply(desk: Desk) -> None:
    number = desk.ask("who signs the tag?")
    desk.answer(number, ANSWER, initials="AB")
    outcome = desk.deliver()
    (item,) = outcome.planned
    assert (item.reply_to, item.text) == (desk.inquiry(number).remote_id, f"{ANSWER}\n\n^AB")
    assert item.price_micros == 10_000
    desk.send()
    assert desk.deliver().delivered == 1
    assert desk.inquiry(number).state == "delivered"
    assert desk.deliver().planned == ()


def test_a_refused_reply_becomes_a_post_that_names_nobody(desk: Desk) -> None:
    number = desk.ask("who signs the tag?")
    desk.answer(number, ANSWER, about="Who signs the tag?")
    desk.deliver()
    desk.refuse()
    (item,) = desk.deliver().planned
    assert (item.reply_to, item.inbound_id) == (None, None)
    assert item.text == f"“Who signs the tag?”\n→ {ANSWER}"
    desk.send()
    desk.deliver()
    assert desk.inquiry(number).state == "delivered"


def test_what_does_not_mention_us_is_answered_by_a_post_at_once(desk: Desk) -> None:
    number = desk.ask("who signs the tag?", mentions_us=False)
    desk.answer(number, ANSWER)
    (item,) = desk.deliver().planned
    assert (item.reply_to, item.text, item.form) == (None, ANSWER, "answer")
    assert item.price_micros == 15_000


def test_who_said_stop_gets_no_reply_and_the_answer_is_not_lost(desk: Desk) -> None:
    number = desk.ask("who signs the tag?")
    desk.answer(number, ANSWER)
    desk.deliver()
    desk.write("stop")
    desk.deliver()
    (reply, post) = desk.posts()
    assert (reply.state, post.reply_to, post.inbound_id) == ("skipped", None, None)


def test_posts_wait_for_an_open_hour_and_three_become_a_round_up(desk: Desk) -> None:
    desk.pass_time(hours=9)  # Monday 19:00: quiet hours
    asked = [desk.ask(text, mentions_us=False) for text in ("who signs tags?", "where are keys?", "how many hasps?")]
    for number, answer in zip(asked, ("The shift lead.", "In the red box.", "One a machine."), strict=True):
        desk.answer(number, answer)
    assert desk.deliver().waiting == 3
    desk.pass_time(hours=12, minutes=30)
    (item,) = desk.deliver().planned
    assert item.text == "Your questions, answered:\n\n→ The shift lead.\n\n→ In the red box.\n\n→ One a machine."
    desk.send()
    assert desk.deliver().delivered == 3


def test_two_that_wait_are_two_posts(desk: Desk) -> None:
    desk.pass_time(hours=9)
    for text, answer in (("who signs tags?", "The shift lead."), ("where are keys?", "In the red box.")):
        desk.answer(desk.ask(text, mentions_us=False), answer)
    desk.pass_time(hours=12, minutes=30)
    assert [item.text for item in desk.deliver().planned] == ["The shift lead.", "In the red box."]


def test_answers_too_long_for_one_round_up_go_out_each_by_itself_within_the_promise(desk: Desk) -> None:
    for place, words in enumerate(("locks", "tags", "keys", "hasps")):
        desk.answer(desk.ask(f"where are {words} kept?", mentions_us=False), f"{place} " + "very long " * 20, only=True)
    # Two posts a day are the cadence's cap: the others wait for tomorrow only if the promise bears it.
    assert len(desk.deliver().planned) == 4
    assert all(item.due_at == desk.now for item in desk.posts())


def test_a_promise_that_bears_waiting_keeps_to_the_caps(desk: Desk) -> None:
    desk.set_cohort(respond_hours=30)
    for place, words in enumerate(("locks", "tags", "keys", "hasps")):
        desk.answer(desk.ask(f"where are {words} kept?", mentions_us=False), f"{place} " + "very long " * 20, only=True)
    assert len(desk.deliver().planned) == 2
    desk.send()
    desk.deliver()
    desk.pass_time(days=1)
    assert len(desk.deliver().planned) == 2


def test_the_learners_words_are_quoted_only_with_a_live_opt_in(desk: Desk) -> None:
    number = desk.ask("@acme_learn who signs the tag?", mentions_us=False)
    desk.answer(number, ANSWER, quote=True)
    assert desk.deliver().planned[0].text == ANSWER
    with desk.database.write() as connection:
        people.give_consent(connection, desk.learners["kim"], ConsentKind.NAMING, "test", desk.now)
    other = desk.ask("@acme_learn who keeps the key?", "kim", mentions_us=False)
    desk.answer(other, "The one who hung the lock.", quote=True)
    assert desk.deliver().planned[0].text == "“who keeps the key?”\n→ The one who hung the lock."


def test_questions_alike_are_grouped_and_answered_together_each_by_a_reply_of_its_own(desk: Desk) -> None:
    first = desk.ask("who signs the tag?")
    second = desk.ask("Who has to sign the tags, please?", "kim")
    third = desk.ask("who has the keys?", "lou")
    assert desk.inquiry(second).similar_to == first
    assert desk.inquiry(third).similar_to is None
    assert [one.id for one in desk.answer(second, ANSWER)] == [second, first]
    planned = desk.deliver().planned
    assert [item.text for item in planned] == [ANSWER, f"To your question: {ANSWER}"]


def test_an_answer_that_names_somebody_or_is_too_long_is_refused(desk: Desk) -> None:
    number = desk.ask("who signs the tag?")
    for text in ("Ask Kim Lee.", "Ask @kim.", "x" * 281, ""):
        with pytest.raises(NotAllowed):
            desk.answer(number, text)
    with pytest.raises(NotAllowed):
        desk.answer(number, ANSWER, about="What Kim Lee asked")
    assert desk.inquiry(number).state == "open"


def test_an_answer_can_be_given_anew_or_taken_back_until_it_has_left(desk: Desk) -> None:
    number = desk.ask("who signs the tag?")
    desk.answer(number, ANSWER)
    desk.deliver()
    desk.answer(number, "The foreman signs it.")
    desk.deliver()
    assert [(item.state.value, item.text) for item in desk.posts()] == [
        ("cancelled", ANSWER),
        ("planned", "The foreman signs it."),
    ]
    assert reopen(desk.database, number, actor="test", now=desk.now).state == "open"
    desk.answer(number, ANSWER)
    desk.deliver()
    desk.send()
    desk.deliver()
    with pytest.raises(Conflict):
        reopen(desk.database, number, actor="test", now=desk.now)
    with pytest.raises(Conflict):
        desk.answer(number, "Somebody else.")


def test_a_closed_question_can_be_opened_again(desk: Desk) -> None:
    number = desk.ask("who signs the tag?")
    close(desk.database, number, "on the shop floor", actor="test", now=desk.now)
    assert desk.inquiry(number).outcome == "on the shop floor"
    assert reopen(desk.database, number, actor="test", now=desk.now).state == "open"


def test_questions_are_their_cohorts_facilitators_until_somebody_takes_them(desk: Desk) -> None:
    anna, ben = desk.add_facilitator("anna"), desk.add_facilitator("ben")
    desk.set_cohort(facilitator_id=anna)
    number = desk.ask("who signs the tag?")
    assert desk.inquiry(number).facilitator_id == anna
    assign(desk.database, number, "ben", actor="test", now=desk.now)
    desk.answer(number, ANSWER)
    assert (desk.inquiry(number).facilitator_id, desk.inquiry(number).initials) == (ben, "BE")


def test_somebody_looks_into_it_is_said_once_a_person_and_day_and_the_answer_goes_out_as_a_post(desk: Desk) -> None:
    desk.set_cohort(acknowledge=True)
    first = desk.ask("who signs the tag?")
    second = desk.ask("who has the keys?")
    (item,) = desk.posts()
    assert (item.form, item.text) == (
        "acknowledgement",
        f"Question {first}: we are looking into it. You hear from us by 18:00.",
    )
    desk.send()
    desk.answer(first, ANSWER)
    desk.answer(second, "In the red box.")
    assert [(one.reply_to is None, one.text) for one in desk.deliver().planned] == [
        (False, "In the red box."),
        (True, ANSWER),
    ]
    desk.pass_time(hours=15)  # Tuesday 01:00 local
    third = desk.ask("how many hasps are there?")
    assert desk.texts()[-1] == f"Question {third}: we are looking into it. You hear from us by 15:00."


def test_overdue_questions_are_counted(desk: Desk) -> None:
    number = desk.ask("who signs the tag?")
    for passed, late in ((7, 0), (1, 1)):
        desk.pass_time(hours=passed)
        with desk.database.read() as connection:
            assert inquiries.counts(connection, desk.now)["overdue"] == late
    assert desk.inquiry(number).overdue(desk.now)


def test_suggestions_come_from_the_procedure_and_from_earlier_answers(desk: Desk) -> None:
    first = desk.ask("who signs the red tag?")
    desk.answer(first, "The red tag is signed by the shift lead.")
    desk.deliver()
    desk.send()
    desk.deliver()
    later = desk.ask("red tag: who signs?", "kim")
    with desk.database.read() as connection:
        found = suggestions(connection, desk.inquiry(later))
        general = suggestions(connection, desk.inquiry(desk.ask("may I take off a colleague's lock?", "lou")))
    assert (found[0].source, found[0].text) == (f"question {first}", "The red tag is signed by the shift lead.")
    assert any(one.source.startswith("lockout/") for one in general)


def test_an_answer_becomes_a_nugget_in_one_step_through_the_checks_of_a_load(desk: Desk) -> None:
    number = desk.ask("who signs the red tag?")
    values = {"title": "Who signs the red tag", "topic": "red tags", "confidentiality": "public"}
    with pytest.raises(NotAllowed):
        make_nugget(desk.database, number, "lockout", values, actor="test", now=desk.now)
    desk.answer(number, ANSWER)
    with pytest.raises(ContentRefused):
        make_nugget(desk.database, number, "lockout", {**values, "wordings": ["x" * 300]}, actor="test", now=desk.now)
    made = make_nugget(desk.database, number, "lockout", values, actor="test", now=desk.now)
    assert [one.text for one in made.wordings] == [ANSWER]
    with pytest.raises(Conflict):
        make_nugget(desk.database, number, "lockout", {**values, "title": "Again"}, actor="test", now=desk.now)
    looked_up = desk.inquiry(desk.ask("how red tags", "kim"))
    assert (looked_up.nugget_id, looked_up.state) == (made.id, "answered")


def test_a_look_up_is_answered_at_once_by_the_nugget_that_fits(desk: Desk) -> None:
    number = desk.ask("@acme_learn how group lockout")
    one = desk.inquiry(number)
    (item,) = desk.posts()
    assert (one.state, item.form, item.reply_to, item.nugget_id) == ("answered", "lookup", one.remote_id, one.nugget_id)
    desk.send()
    desk.deliver()
    assert desk.inquiry(number).state == "delivered"


def test_the_same_look_up_by_another_is_answered_in_other_words(desk: Desk) -> None:
    desk.ask("how group lockout")
    desk.ask("how group lockout", "kim")
    first, second = desk.posts()
    assert first.nugget_id == second.nugget_id
    assert first.text != second.text


def test_a_look_up_that_misses_is_a_gap_and_a_question_for_a_person(desk: Desk) -> None:
    for who in ("dana", "kim"):
        desk.ask("how forklifts", who)
    one = desk.inquiry(desk.ask("how canteen menu", "lou"))
    assert (one.state, one.missed) == ("open", True)
    assert desk.posts() == []
    with desk.database.read() as connection:
        found = gaps.gaps(connection, cohort_id=desk.cohort_id)
    assert [(row["topic"], row["times"]) for row in found] == [("forklifts", 2), ("canteen menu", 1)]


def test_an_internal_nugget_never_answers_on_a_public_account(desk: Desk) -> None:
    with desk.database.write() as connection:
        connection.execute(update(t.nugget).values(confidentiality="internal"))
    desk.set_account(confidentiality="public", protected=False)
    one = desk.inquiry(desk.ask("how group lockout"))
    assert (one.state, one.missed) == ("open", True)
    assert one.outcome == "what fits is internal, and the account acme is public"
    assert desk.posts() == []


def test_a_retired_nugget_is_found_no_more(desk: Desk) -> None:
    with desk.database.write() as connection:
        connection.execute(update(t.nugget).values(retired_at=desk.now))
        for nugget_id in range(1, 40):
            if connection.execute(t.nugget.select().where(t.nugget.c.id == nugget_id)).first():
                passages.keep_nugget(connection, nugget_id)
        found = passages.found(connection, "group lockout", account_id=1, cohort_id=None, least=0.1)
    assert found == ()


def test_a_question_deleted_on_x_is_closed(desk: Desk) -> None:
    number = desk.ask("who signs the tag?")
    with desk.database.write() as connection:
        connection.execute(update(t.inbound).values(gone_at=desk.now))
    desk.take_up()
    assert desk.inquiry(number).state == "closed"


def test_a_stranger_is_promised_a_plain_day_where_no_cohort_can_be_told(desk: Desk) -> None:
    desk.set_cohort(state="finished")
    one = desk.inquiry(desk.ask("who signs the tag?", "stranger"))
    assert (one.cohort_id, one.due_at) == (None, desk.now + timedelta(days=1))
    desk.answer(one.id, ANSWER)
    assert desk.deliver().planned[0].reply_to == one.remote_id


def test_the_same_answer_given_twice_is_one_answer(desk: Desk) -> None:
    number = desk.ask("who signs the tag?")
    standing = desk.inquiry(number).standing
    desk.answer(number, ANSWER, standing=standing)
    desk.deliver()
    planned = desk.inquiry(number)
    assert desk.answer(number, ANSWER, standing=standing) == (planned,)
    assert [item.state for item in desk.posts()] == ["planned"]
    desk.send()
    desk.deliver()
    assert desk.answer(number, ANSWER, standing=standing)[0].state == "delivered"


def test_who_answers_what_a_colleague_has_dealt_with_is_told(desk: Desk) -> None:
    number = desk.ask("who signs the tag?")
    standing = desk.inquiry(number).standing
    desk.answer(number, ANSWER)
    with pytest.raises(Conflict, match="somebody else dealt with question"):
        desk.answer(number, "Ask the fitter.", standing=standing)
    reopen(desk.database, number, actor="test", now=desk.now)
    close(desk.database, number, "said aloud", actor="test", now=desk.now)
    with pytest.raises(Conflict, match="closed"):
        desk.answer(number, ANSWER, standing=standing)
    assert desk.answer(number, ANSWER, standing=desk.inquiry(number).standing)[0].state == "answered"


def test_a_question_that_is_taken_up_or_given_away_stands_as_before(desk: Desk) -> None:
    desk.add_facilitator()
    number = desk.number(desk.write("who signs the tag?"))
    standing = desk.inquiry(number).standing
    desk.take_up()
    assign(desk.database, number, "anna", actor="test", now=desk.now)
    assert desk.answer(number, ANSWER, standing=standing)[0].state == "answered"


def test_an_answer_is_looked_at_as_it_will_go_out(desk: Desk) -> None:
    number, unheard = desk.ask("who signs the tag?"), desk.ask("how many hasps?", mentions_us=False)
    look = desk.look(number, ANSWER, initials="AB")
    assert (look.way, look.text, look.length, look.problem) == ("reply", f"{ANSWER}\n\n^AB", len(ANSWER), "")
    post = desk.look(unheard, "One a machine.", about="How many?")
    assert (post.way, post.text) == ("post", "“How many?”\n→ One a machine.")
    assert post.price_micros > look.price_micros
    desk.answer(number, ANSWER, initials="AB")
    desk.deliver()
    assert desk.texts() == [look.text]
    assert desk.look(number, ANSWER, initials="AB") == look  # its own post does not stand in its way
    assert desk.look(number, "").problem == ""
    desk.send()
    assert desk.look(unheard, f"{ANSWER}\n\n^AB").problem == "each way to say it was posted lately"


def test_what_can_not_be_said_is_told_before_it_is_sent(desk: Desk) -> None:
    number = desk.ask("who signs the tag?")
    assert "250 fit" in desk.look(number, "x" * 251).problem
    assert "names somebody" in desk.look(number, "Ask Dana Example.").problem
    assert "mentions @bob" in desk.look(number, ANSWER, about="Does @bob sign?").problem
    same = desk.ask("who signs the tag then?", "erik")
    assert (same in desk.look(number, ANSWER).others) == (desk.inquiry(same).similar_to == number)


def test_initials_are_letters(desk: Desk) -> None:
    number = desk.ask("who signs the tag?")
    with pytest.raises(ReinforceError, match="can't be initials"):
        desk.answer(number, ANSWER, initials="12")
    assert desk.answer(number, ANSWER, initials="ab")[0].initials == "AB"
