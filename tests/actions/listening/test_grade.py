"""What follows from a reply, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from reinforce.actions.listening.grade import regrade
from reinforce.domain.errors import NotAllowed, NotFound
from reinforce.domain.listening.inbound import Correction, oldest_id_at
from reinforce.domain.listening.reading import Intent
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.answering import inquiries
from reinforce.store.operating import audit
from reinforce.store.people import people
from reinforce.store.sending import outbox
from tests.actions.listening.conftest import NOW, Scene


def test_a_right_answer_is_scored_good_with_its_chance_of_guessing(scene: Scene) -> None:
    row = scene.say("B, because nobody else can open it", scene.choice)
    assert (row.intents, row.rating, row.learner_id) == ((Intent.ANSWER,), 3, scene.dana)
    assert scene.reviews() == [("answer", 3)]
    with scene.database.read() as connection:
        review = connection.execute(select(t.review)).one()
    assert review.guess == pytest.approx(1 / 3)
    assert (review.nugget_revision, review.outbox_id, review.at) == (3, scene.choice, row.created_at)


def test_a_wrong_answer_is_scored_again(scene: Scene) -> None:
    assert scene.say("A", scene.choice).rating == 1
    assert scene.reviews() == [("answer", 1)]


def test_an_options_words_count_as_its_letter(scene: Scene) -> None:
    assert scene.say("my own lock!", scene.choice).rating == 3


@pytest.mark.parametrize(("text", "rating"), [("grup lock box", 3), ("a padlock", 1)])
def test_a_short_answer_is_scored_by_its_accepted_texts(scene: Scene, text: str, rating: int) -> None:
    assert scene.say(text, scene.short).rating == rating


@pytest.mark.parametrize(("text", "rating"), [("a quarter of an hour, so 16 min?", 3), ("20 minutes", 1)])
def test_a_number_is_scored_within_its_tolerance(scene: Scene, text: str, rating: int) -> None:
    assert scene.say(text, scene.number).rating == rating


def test_the_first_gradable_answer_counts_and_later_ones_are_kept_unscored(scene: Scene) -> None:
    scene.say("A or B?", scene.choice)
    first = scene.say("A", scene.choice)
    second = scene.say("sorry, B", scene.choice)
    assert scene.reviews() == [("not_sure", 1), ("answer", 1)]
    assert (scene.inbound(first.id).rating, second.rating) == (1, None)
    assert second.intents == (Intent.ANSWER,)


def test_the_first_answer_is_the_first_written_even_if_it_arrives_late(scene: Scene) -> None:
    scene.say("B", scene.choice)
    scene.say("A", scene.choice, remote_id=oldest_id_at(NOW) + 77, created_at=NOW + timedelta(seconds=1))
    assert scene.reviews() == [("answer", 1)]
    assert scene.reviews(voided=True) == [("answer", 3)]


def test_an_answer_after_the_reveal_is_not_scored(scene: Scene) -> None:
    reveal = scene.post("reveal", oldest_id_at(NOW) + 9, reply_to_outbox_id=scene.choice)
    with scene.database.write() as connection:
        posted = update(t.outbox).where(t.outbox.c.id == reveal).values(posted_at=NOW + timedelta(seconds=5))
        connection.execute(posted)
    assert scene.say("B", scene.choice).rating is None
    assert scene.reviews() == []


def test_got_it_is_weak_evidence_once_a_post(scene: Scene) -> None:
    scene.say("got it", scene.reminder)
    scene.say("👍", scene.reminder)
    assert scene.reviews() == [("acknowledgement", 3)]


def test_not_sure_and_a_question_are_one_lapse(scene: Scene) -> None:
    scene.say("no idea", scene.reminder)
    row = scene.say("who signs the tag?", scene.reminder)
    assert scene.reviews() == [("not_sure", 1)]
    assert scene.asked(row.id) == ("question", "new")


def test_a_question_about_a_nugget_is_a_lapse_and_goes_to_the_list_of_questions(scene: Scene) -> None:
    row = scene.say("where are the locks kept?", scene.reminder)
    assert scene.reviews() == [("question", 1)]
    assert (row.rating, row.needs_person) == (1, False)
    assert scene.asked(row.id) == ("question", "new")


def test_a_look_up_keeps_what_it_asks_for(scene: Scene) -> None:
    row = scene.say("how lockout")
    assert (row.needs_person, scene.asked(row.id)) == (False, ("lookup", "new"))


def test_a_question_that_was_none_leaves_the_list_and_comes_back_with_the_reading(scene: Scene) -> None:
    row = scene.say("where are the locks kept?", scene.reminder)
    _correct(scene, row.id, Intent.COMMENT)
    assert scene.asked(row.id) == ("question", "closed")
    _correct(scene, row.id, Intent.QUESTION)
    assert scene.asked(row.id) == ("question", "new")


def test_a_comment_changes_nothing_but_is_kept_with_whom_it_is_from(scene: Scene) -> None:
    row = scene.say("we painted ours yellow", scene.reminder)
    assert (row.intents, row.rating, row.learner_id, row.outbox_id) == (
        (Intent.COMMENT,),
        None,
        scene.dana,
        scene.reminder,
    )
    assert scene.reviews() == []


@pytest.mark.parametrize("text", ["B", "A", "A or C", "what does B mean?"])
def test_nothing_public_follows_from_an_answer_right_or_wrong(scene: Scene, text: str) -> None:
    before = scene.outgoing()
    scene.say(text, scene.choice)
    assert scene.outgoing() == before


def test_each_reply_raises_the_version_of_its_learners_cohort(scene: Scene) -> None:
    before = scene.version()
    scene.say("B", scene.choice)
    assert scene.version() > before


def test_a_reply_in_our_thread_counts_for_the_post_it_began_with(scene: Scene) -> None:
    row = scene.say("B", in_reply_to=123, conversation_id=scene.remote_id(scene.choice))
    assert (row.outbox_id, row.rating) == (scene.choice, 3)


def test_an_answer_to_nothing_goes_to_a_person(scene: Scene) -> None:
    scene.say("C", scene.choice)
    row = scene.say("B", scene.reminder)
    assert row.needs_person
    assert scene.reviews() == [("answer", 1)]


def test_a_reply_read_before_its_post_was_known_is_read_again(scene: Scene) -> None:
    later = scene.post("question", None, question_id=_question_of(scene, scene.choice))
    row = scene.say("B", in_reply_to=4_000)
    assert row.outbox_id is None
    with scene.database.write() as connection:
        values = {"state": State.POSTED.value, "remote_id": 4_000, "posted_at": NOW}
        connection.execute(update(t.outbox).where(t.outbox.c.id == later).values(**values))
    scene.grade()
    assert (scene.inbound(row.id).outbox_id, scene.inbound(row.id).rating) == (later, 3)


def test_grading_twice_changes_nothing(scene: Scene) -> None:
    scene.say("B", scene.choice)
    assert scene.grade().read == 0
    assert scene.reviews() == [("answer", 3)]


def test_a_post_that_cannot_be_dealt_with_keeps_no_other_waiting(scene: Scene) -> None:
    bad = scene.write("B", scene.choice)
    with scene.database.write() as connection:
        connection.execute(update(t.question).values(kind="of another age"))
    stop = scene.write("stop", scene.reminder)
    with pytest.raises(ValueError, match="of another age"):
        scene.grade()
    assert scene.inbound(bad).graded_at is None
    assert scene.inbound(stop).intents == (Intent.STOP,)


# --- stop, start, snooze, pause -------------------------------------------------------------------------------------


def test_stop_holds_at_once_and_takes_back_replies_that_wait(scene: Scene) -> None:
    question = scene.say("who signs?", scene.reminder)
    reply = scene.post("answer", None, inbound_id=question.id)
    row = scene.say("@acme_learn Stop, please 🙏", scene.reminder)
    assert row.intents == (Intent.STOP,)
    assert scene.learner(scene.dana).stopped_at is not None
    with scene.database.read() as connection:
        assert outbox.item(connection, reply).state is State.SKIPPED
        assert not people.may_be_replied_to(connection, scene.dana, NOW + timedelta(days=300))


def test_stop_is_obeyed_in_every_language_whatever_the_cohorts(scene: Scene) -> None:
    scene.say("désabonnez-moi svp", scene.reminder)
    assert scene.learner(scene.dana).stopped_at is not None


def test_a_learner_who_said_stop_is_not_graded(scene: Scene) -> None:
    scene.say("stop")
    assert scene.say("B", scene.choice).rating is None
    assert scene.reviews() == []


def test_stop_is_not_confirmed(scene: Scene) -> None:
    before = scene.outgoing()
    scene.say("STOP", scene.choice)
    assert scene.outgoing() == before


def test_a_stop_from_a_handle_of_the_roster_counts_before_it_is_linked(scene: Scene) -> None:
    scene.say("stop", author=777, handle="Kim_Lee")
    assert scene.learner(scene.kim).stopped_at is not None


def test_a_stop_from_a_strangers_account_under_a_linked_handle_stops_nobody_but_goes_to_a_person(scene: Scene) -> None:
    row = scene.say("stop", author=778, handle="dana")
    assert scene.learner(scene.dana).stopped_at is None
    assert row.needs_person


def test_start_ends_a_stop(scene: Scene) -> None:
    scene.say("stop")
    scene.say("start again please")
    assert scene.learner(scene.dana).stopped_at is None
    assert scene.say("B", scene.choice).rating == 3


def test_a_stop_that_is_also_the_answer_is_obeyed_and_asked_about(scene: Scene) -> None:
    with scene.database.write() as connection:
        connection.execute(update(t.question).where(t.question.c.kind == "short").values(accepted=["stop"]))
    row = scene.say("Stop", scene.short)
    assert scene.learner(scene.dana).stopped_at is not None
    assert row.needs_person


def test_a_stop_word_in_other_words_pauses_replies_and_goes_to_a_person(scene: Scene) -> None:
    row = scene.say("where is the emergency stop button?", scene.reminder)
    assert row.intents == (Intent.PAUSE, Intent.QUESTION)
    assert row.needs_person
    assert scene.learner(scene.dana).stopped_at is None
    assert scene.learner(scene.dana).replies_paused_at is not None
    assert scene.reviews() == [("question", 1)]


def test_snooze_is_obeyed_for_as_long_as_it_says(scene: Scene) -> None:
    row = scene.say("snooze 3d", scene.reminder)
    assert scene.learner(scene.dana).snoozed_until == NOW + timedelta(hours=2, days=3)
    assert "quiet until 2026-03-05 11:00 UTC" in row.why


def test_a_snooze_until_a_weekday_ends_on_that_morning_of_the_cohorts_zone(scene: Scene) -> None:
    scene.say("pause until Friday", scene.reminder)
    assert scene.learner(scene.dana).snoozed_until == datetime(2026, 3, 6, 5, 0, tzinfo=UTC)


# --- joining --------------------------------------------------------------------------------------------------------


def test_join_links_the_account_to_the_person_with_consent_on_record(scene: Scene) -> None:
    scene.invitation(scene.kim)
    row = scene.say("join 7kq2-m9xd", author=777, handle="kim_lee")
    assert row.learner_id == scene.kim
    assert scene.learner(scene.kim).remote_user_id == 777
    with scene.database.read() as connection:
        consent = connection.execute(select(t.consent).where(t.consent.c.learner_id == scene.kim)).one()
        assert [entry.verb for entry in audit.entries(connection, subject=f"learner/{scene.kim}")] == ["learner.linked"]
    assert (consent.kind, consent.source) == ("linking", f"post/{row.remote_id}")


def test_the_code_alone_joins(scene: Scene) -> None:
    scene.invitation(scene.kim)
    assert scene.say("7KQ2M9XD", author=777, handle="kim_lee").learner_id == scene.kim


def test_a_code_works_once(scene: Scene) -> None:
    scene.invitation(scene.kim)
    scene.say("join 7KQ2M9XD", author=777, handle="kim_lee")
    row = scene.say("join 7KQ2M9XD", author=888, handle="somebody")
    assert (row.learner_id, row.needs_person) == (None, True)


def test_an_expired_code_goes_to_a_person(scene: Scene) -> None:
    scene.invitation(scene.kim, days=-1)
    row = scene.say("join 7KQ2M9XD", author=777, handle="kim_lee")
    assert (row.learner_id, row.needs_person) == (None, True)


def test_somebody_elses_handle_goes_to_a_person_and_leaves_the_code_unused(scene: Scene) -> None:
    scene.invitation(scene.kim)
    mix_up = scene.say("join 7KQ2M9XD", author=779, handle="dana")
    assert (mix_up.learner_id, mix_up.needs_person) == (None, True)
    assert scene.say("join 7KQ2M9XD", author=777, handle="kim_lee").learner_id == scene.kim


def test_a_learner_linked_to_another_account_is_not_linked_again(scene: Scene) -> None:
    scene.invitation(scene.dana)
    row = scene.say("join 7KQ2M9XD", author=999, handle="dana_private")
    assert (row.learner_id, row.needs_person) == (None, True)
    assert scene.learner(scene.dana).remote_user_id == Scene.DANA_USER_ID


def test_joining_twice_is_no_trouble_for_anybody(scene: Scene) -> None:
    scene.invitation(scene.kim)
    scene.say("join 7KQ2M9XD", author=777, handle="kim_lee")
    assert not scene.say("join 7KQ2M9XD", author=777, handle="kim_lee").needs_person


def test_a_second_enrollment_does_not_lift_a_stop(scene: Scene) -> None:
    scene.say("stop", author=777, handle="kim_lee")
    scene.invitation(scene.kim)
    scene.say("join 7KQ2M9XD", author=777, handle="kim_lee")
    assert scene.learner(scene.kim).stopped_at is not None


def test_a_stop_said_before_joining_still_holds(scene: Scene) -> None:
    scene.say("stop", author=777, handle="not_on_the_roster")
    scene.invitation(scene.kim)
    row = scene.say("join 7KQ2M9XD", author=777, handle="not_on_the_roster")
    assert row.needs_person
    assert scene.learner(scene.kim).stopped_at is not None


def test_a_start_that_comes_in_after_a_later_stop_lifts_nothing(scene: Scene) -> None:
    scene.say("stop")
    scene.say("start", remote_id=oldest_id_at(NOW) + 77, created_at=NOW + timedelta(seconds=1))
    assert scene.learner(scene.dana).stopped_at is not None


def test_a_stop_that_comes_in_after_a_later_start_was_taken_back(scene: Scene) -> None:
    scene.say("start")
    scene.say("stop", remote_id=oldest_id_at(NOW) + 77, created_at=NOW + timedelta(seconds=1))
    assert scene.learner(scene.dana).stopped_at is None


def test_a_linked_learner_who_takes_anothers_handle_goes_to_a_person(scene: Scene) -> None:
    row = scene.say("B", scene.choice, handle="kim_lee")
    assert (row.rating, row.needs_person) == (3, True)
    assert scene.learner(scene.dana).handle == "dana"


def test_a_strangers_answer_is_kept_and_scored_for_nobody(scene: Scene) -> None:
    row = scene.say("B", scene.choice, author=12345, handle="stranger")
    assert (row.intents, row.learner_id, row.rating) == ((Intent.ANSWER,), None, None)


def test_a_renamed_learner_keeps_their_place_and_gets_the_new_handle(scene: Scene) -> None:
    row = scene.say("B", scene.choice, handle="dana_new")
    assert row.rating == 3
    assert scene.learner(scene.dana).handle == "dana_new"


# --- corrections ----------------------------------------------------------------------------------------------------


def test_a_correction_voids_the_review_and_lets_the_next_answer_count(scene: Scene) -> None:
    first = scene.say("A", scene.choice)
    second = scene.say("B", scene.choice)
    _correct(scene, first.id, Intent.COMMENT)
    assert scene.reviews() == [("answer", 3)]
    assert scene.reviews(voided=True) == [("answer", 1)]
    assert (scene.inbound(first.id).rating, scene.inbound(second.id).rating) == (None, 3)


def test_a_correction_says_who_made_it_and_names_nobody(scene: Scene) -> None:
    row = scene.say("A", scene.choice)
    _correct(scene, row.id, Intent.GOT_IT, Intent.QUESTION)
    assert scene.inbound(row.id).intents == (Intent.QUESTION, Intent.GOT_IT)
    with scene.database.read() as connection:
        entry = next(iter(audit.entries(connection, subject=f"inbound/{row.id}")))
        assert audit.verify(connection).whole
    assert (entry.actor, entry.detail) == ("facilitator:1", {"was": ["answer"], "is": ["question", "got_it"]})


def test_a_stop_that_was_none_is_lifted_unless_said_again(scene: Scene) -> None:
    first = scene.say("quit")
    second = scene.say("stop")
    _correct(scene, second.id, Intent.COMMENT)
    assert scene.learner(scene.dana).stopped_at is not None
    _correct(scene, first.id, Intent.COMMENT)
    assert scene.learner(scene.dana).stopped_at is None


def test_a_pause_looked_at_by_a_person_is_lifted(scene: Scene) -> None:
    row = scene.say("the stop button is red", scene.reminder)
    _correct(scene, row.id, Intent.COMMENT)
    assert scene.learner(scene.dana).replies_paused_at is None
    assert not scene.inbound(row.id).needs_person


def test_what_a_person_calls_a_stop_is_one(scene: Scene) -> None:
    row = scene.say("ugh, enough of your quizzes", scene.choice)
    _correct(scene, row.id, Intent.STOP)
    assert scene.learner(scene.dana).stopped_at is not None


def test_a_correction_needs_a_reply_that_was_read_and_a_meaning(scene: Scene) -> None:
    unread = scene.write("B", scene.choice)
    with pytest.raises(NotAllowed):
        _correct(scene, unread, Intent.COMMENT)
    with pytest.raises(NotFound):
        _correct(scene, 10_000, Intent.COMMENT)


def _correct(scene: Scene, inbound_id: int, *intents: Intent, **more: Any) -> None:
    correction = Correction(intents, **more)
    regrade(scene.database, scene.lexicon, inbound_id, correction, actor="facilitator:1", now=NOW + timedelta(hours=3))


def _question_of(scene: Scene, outbox_id: int) -> int | None:
    with scene.database.read() as connection:
        return outbox.item(connection, outbox_id).question_id


# --- the wrong place, the wrong person, another version -----------------------------------------------------------


def test_an_answer_under_a_reminder_counts_for_the_one_question_that_is_open(scene: Scene) -> None:
    row = scene.say("B", scene.reminder)
    assert (row.outbox_id, row.rating, row.right, row.needs_person) == (scene.choice, 3, True, False)
    assert f"under post {scene.reminder}, which asks nothing" in row.why


def test_an_answer_under_nothing_counts_for_the_one_question_that_is_open(scene: Scene) -> None:
    assert scene.say("it's B").outbox_id == scene.choice


def test_a_letter_that_belongs_to_another_word_is_no_answer_to_the_question_that_is_open(scene: Scene) -> None:
    assert scene.say("greetings from hall B").outbox_id is None
    assert scene.say("B, it lies open").outbox_id == scene.choice


def test_an_answer_in_the_wrong_place_is_left_to_a_person_where_two_questions_could_be_meant(scene: Scene) -> None:
    other = scene.post("question", 7_001, question_id=_question_of(scene, scene.choice))
    row = scene.say("B", scene.reminder)
    assert row.needs_person
    assert row.outbox_id not in (other, scene.choice)


def test_words_in_the_wrong_place_answer_a_question_only_if_they_are_right(scene: Scene) -> None:
    assert scene.say("somewhere on the wall", scene.reminder).outbox_id == scene.reminder


def test_more_than_a_few_words_under_a_reminder_answer_nothing_else(scene: Scene) -> None:
    row = scene.say("we hung ours near B last year and it fell off again", scene.reminder)
    assert row.outbox_id == scene.reminder


def test_nothing_is_taken_for_an_answer_to_a_question_whose_window_has_closed(scene: Scene) -> None:
    late = NOW + timedelta(days=3)
    row = scene.say("B", scene.reminder, remote_id=oldest_id_at(late), created_at=late)
    assert row.outbox_id == scene.reminder
    assert row.needs_person


def test_what_is_said_to_a_colleague_in_our_thread_is_no_acknowledgement(scene: Scene) -> None:
    _known_as(scene, 900)
    aside = {"in_reply_to": 77, "conversation_id": scene.remote_id(scene.reminder), "reply_to_user": 502}
    row = scene.say("got it, thanks", **aside)
    assert (row.intents, row.outbox_id) == ((Intent.COMMENT,), scene.reminder)
    assert "said to somebody else in the thread" in row.why
    assert scene.reviews() == []
    assert scene.say("stop", **aside).intents == (Intent.STOP,)


def test_who_answers_themselves_under_our_post_answers_us(scene: Scene) -> None:
    _known_as(scene, 900)
    first = scene.say("hmm, tricky one", scene.choice)
    thread = {"in_reply_to": first.remote_id, "conversation_id": scene.remote_id(scene.choice), "reply_to_user": 501}
    row = scene.say("B", **thread)
    assert (row.outbox_id, row.rating) == (scene.choice, 3)


def test_a_quote_of_a_question_answers_it(scene: Scene) -> None:
    row = scene.say("B! https://t.co/abc", quote_of=scene.remote_id(scene.choice))
    assert (row.outbox_id, row.rating) == (scene.choice, 3)


def test_an_edited_answer_is_kept_and_the_first_one_counts(scene: Scene) -> None:
    first = scene.say("C", scene.choice)
    second = scene.say("B", scene.choice, edit_of=first.remote_id, earlier=(first.remote_id,))
    was = scene.inbound(first.id)
    assert (was.replaced_by, was.gone_at is not None, was.right) == (second.remote_id, True, False)
    assert (second.edit_of, second.right, scene.reviews()) == (first.remote_id, True, [("answer", 1)])


def test_an_answer_keeps_its_grade_when_its_text_is_taken_out(scene: Scene) -> None:
    first = scene.say("B", scene.choice)
    with scene.database.write() as connection:
        connection.execute(update(t.inbound).where(t.inbound.c.id == first.id).values(text=""))
    scene.say("thanks for asking", scene.choice)
    assert scene.reviews() == [("answer", 3)]


def test_an_edit_into_a_stop_is_obeyed_and_an_edit_of_a_stop_ends_nothing(scene: Scene) -> None:
    first = scene.say("got it", scene.reminder)
    scene.say("stop", scene.reminder, edit_of=first.remote_id, earlier=(first.remote_id,))
    assert scene.learner(scene.dana).stopped_at is not None
    stop = scene.say("stop", scene.reminder)
    scene.say("got it", scene.reminder, edit_of=stop.remote_id, earlier=(stop.remote_id,))
    assert scene.learner(scene.dana).stopped_at is not None


def test_a_question_that_was_edited_waits_once(scene: Scene) -> None:
    first = scene.say("who has the kee?", scene.reminder)
    second = scene.say("who has the key?", scene.reminder, edit_of=first.remote_id, earlier=(first.remote_id,))
    with scene.database.write() as connection:
        assert inquiries.close_gone(connection) == 1
    assert (scene.asked(first.id), scene.asked(second.id)) == (("question", "closed"), ("question", "new"))


def test_a_person_says_which_question_a_reply_answers_and_whether_it_is_right(scene: Scene) -> None:
    row = scene.say("the thing that goes through the hole", scene.reminder)
    _correct(scene, row.id, Intent.ANSWER, outbox_id=scene.short, right=True)
    now = scene.inbound(row.id)
    assert (now.outbox_id, now.right, now.judged, now.rating) == (scene.short, True, True, 3)
    assert scene.reviews() == [("answer", 3)]
    _correct(scene, row.id, Intent.ANSWER, right=False)
    assert scene.reviews() == [("answer", 1)]
    _correct(scene, row.id, Intent.COMMENT)
    assert scene.reviews() == []
    assert not scene.inbound(row.id).judged


def test_only_an_answer_can_be_right_and_only_a_post_of_ours_can_be_answered(scene: Scene) -> None:
    row = scene.say("hm", scene.reminder)
    with pytest.raises(NotAllowed):
        _correct(scene, row.id, Intent.COMMENT, right=True)
    with pytest.raises(NotFound):
        _correct(scene, row.id, Intent.ANSWER, outbox_id=10_000)


def _known_as(scene: Scene, user_id: int) -> None:
    with scene.database.write() as connection:
        connection.execute(update(t.account).values(remote_user_id=user_id))
