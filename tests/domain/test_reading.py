"""What replies are read as: the labelled set, and rules that hold for any text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading import LABELS, load, measure
from reinforce.content.lexicon_file import read_lexicons
from reinforce.domain.listening.intents import Asked, Context, Intent, parse_context
from reinforce.domain.listening.lexicon import spell_out
from reinforce.domain.listening.reading import read
from reinforce.domain.listening.snoozing import LONGEST, SHORTEST, Snooze
from reinforce.domain.nugget import Option, Question, QuestionKind
from reinforce.shipped import shipped

LEXICON = read_lexicons(shipped("templates") / "lexicon")
NUGGET = Context(Asked.NUGGET)
READINGS = Path(__file__).with_name("readings.csv")

# The same form again without what a person would not type twice.
_WHOLE = sorted(" ".join(phrase) for name in ("stop", "stop_alone") for phrase in LEXICON[name] if phrase[0].isalpha())
_WITHIN = sorted(" ".join(phrase) for phrase in LEXICON["stop"])
_POLITE = sorted(" ".join(phrase) for phrase in LEXICON["politeness"])
_NOISE = st.sampled_from(["", " ", "!", "...", " 🙏", " 😡😡", "\u200b", "\u200f", " !!", "\ufe0f", "  "])
_DRESSED = st.sampled_from([str, str.upper, str.title, str.swapcase])


def first(text: str, context: str = "nugget") -> str:
    return read(text, parse_context(context), LEXICON).first.value


# --- the labelled set -----------------------------------------------------------------------------------------------


def test_the_labelled_set_is_read_as_labelled() -> None:
    result = measure(load(READINGS))
    assert sum(figures["count"] for figures in result["classes"].values()) >= 400
    for label in LABELS:
        figures = result["classes"][label]
        assert figures["count"] >= 20, label
        assert figures["precision"] >= 0.95, label
        assert figures["recall"] >= 0.9, label


# --- stop -----------------------------------------------------------------------------------------------------------


@given(st.sampled_from(_WHOLE), st.sampled_from([*_POLITE, ""]), st.booleans(), _DRESSED, _NOISE, _NOISE)
def test_a_stop_form_in_any_dress_is_a_stop(form: str, polite: str, before: bool, dress, left: str, right: str) -> None:  # type: ignore[no-untyped-def]
    words = f"{polite}, {form}" if before else f"{form}, {polite}"
    text = f"@acme_learn {left}{dress(words)}{right}"
    assert read(text, NUGGET, LEXICON).intents == (Intent.STOP,)


@given(st.sampled_from(_WITHIN), st.sampled_from(["the green cupboard", "Gabelstapler {}", "le cadenas", "la válvula"]))
def test_any_other_text_with_a_stop_word_in_it_pauses_and_is_no_stop(form: str, rest: str) -> None:
    text = rest.format(form) if "{}" in rest else f"{rest} {form} {rest}"
    intents = read(text, NUGGET, LEXICON).intents
    assert intents[0] is Intent.PAUSE


@given(
    st.text(max_size=200), st.sampled_from(["nugget", "prompt", "none", "question:mc:ABCD", "question:short:padlock"])
)
def test_any_text_is_read_as_something_in_the_order_of_binding(text: str, context: str) -> None:
    reading = read(text, parse_context(context), LEXICON)
    order = list(Intent)
    assert reading.intents
    assert list(reading.intents) == sorted(set(reading.intents), key=order.index)
    assert reading.why
    assert (Intent.COMMENT not in reading.intents) or reading.intents == (Intent.COMMENT,)


@pytest.mark.parametrize(
    "text",
    ["ＳＴＯＰ", "𝗦𝗧𝗢𝗣", "s t o p", "S.T.O.P.",
     "sto\u200bp", "\u202estop\u202c", "stooooop", "#stop", "Stop 👩🏽‍🔧", "STOP\ufe0f"],
)  # fmt: skip
def test_a_stop_is_seen_through_any_alphabet_form(text: str) -> None:
    assert first(text) == "stop"


@pytest.mark.parametrize("text", ["stop it.", "Arrêt !", "ARRET", "arre\u0302t", "Aufhören", "aufhoeren", "¡Basta!"])
def test_accents_and_umlauts_may_be_left_out(text: str) -> None:
    assert first(text) == "stop"


@pytest.mark.parametrize("context", ["nugget", "prompt", "none", "question:mc:ABCD", "question:short:stop"])
def test_a_stop_is_a_stop_whatever_was_asked(context: str) -> None:
    assert read("Stop", parse_context(context), LEXICON).intents == (Intent.STOP,)


@given(
    st.sampled_from(["I want you to", "please", "can you", "ich will", "je veux", "quiero", ""]),
    st.sampled_from(["stop", "unsubscribe me", "abmelden", "désabonner", "darme de baja", "STOP"]),
    st.sampled_from(["", "all these reminders now", "von diesen Nachrichten", "de ces messages", "de estos mensajes"]),
)
def test_a_stop_may_say_who_wants_it_and_what_is_to_stop(before: str, form: str, behind: str) -> None:
    assert read(f"{before} {form} {behind}", NUGGET, LEXICON).intents == (Intent.STOP,)


@pytest.mark.parametrize("context", ["nugget", "none", "question:mc:ABCD", "question:short:press start"])
@pytest.mark.parametrize(
    "text",
    ["the stop", "don't stop", "stop the pump", "stop the service", "stop by", "stop here", "I need a stop",
     "we should stop the line now", "please don't mention me again in public", "how do I stop these", "I can't stop"],
)  # fmt: skip
def test_a_stop_form_among_other_words_is_no_stop(text: str, context: str) -> None:
    assert first(text, context) != "stop"


@pytest.mark.parametrize("text", ["reported as spam", "fed up with these tweets", "I never signed up for this"])
def test_who_objects_to_being_contacted_pauses_without_a_stop_word(text: str) -> None:
    assert first(text) == "pause"


@pytest.mark.parametrize("text", ["I get these again and again", "I put it back again", "here we go again"])
def test_an_again_alone_does_not_start_what_was_stopped(text: str) -> None:
    assert Intent.START not in read(text, Context(), LEXICON).intents


def test_a_question_with_a_stop_word_is_both() -> None:
    assert read("where is the stop button?", NUGGET, LEXICON).intents == (Intent.PAUSE, Intent.QUESTION)


def test_an_accepted_answer_with_a_stop_word_is_graded_and_pauses() -> None:
    context = parse_context("question:short:emergency stop")
    assert read("the emergency stop", context, LEXICON).intents == (Intent.PAUSE, Intent.ANSWER)


# --- several intents, and what belongs to them ----------------------------------------------------------------------


def test_several_intents_stand_in_the_order_of_binding() -> None:
    assert read("Got it! But who keeps the key?", NUGGET, LEXICON).intents == (Intent.QUESTION, Intent.GOT_IT)


@pytest.mark.parametrize(
    ("text", "hours"),
    [("snooze 3d", 72), ("pause for a week", 168), ("später 2 tage", 48), ("pausa 1 semana", 168), ("snooze 48h", 48),
     ("remind me tomorrow", 24), ("en congé pendant 2 semaines", 336), ("mute for ten days please", 240)],
)  # fmt: skip
def test_a_snoozes_length_is_understood(text: str, hours: int) -> None:
    assert read(text, NUGGET, LEXICON).snooze == Snooze(timedelta(hours=hours))


def test_a_snooze_without_a_length_lasts_a_week() -> None:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert Snooze().until(now, "UTC") == now + timedelta(days=7)


@pytest.mark.parametrize(("days", "until"), [(9_000, LONGEST), (0, SHORTEST)])
def test_a_snooze_has_its_bounds(days: int, until: timedelta) -> None:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    found = read(f"snooze {days} days", NUGGET, LEXICON).snooze
    assert found is not None
    assert found.until(now, "UTC") == now + until


def test_a_weekday_is_the_next_of_its_name_even_today() -> None:
    monday = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert Snooze(weekday=1).until(monday, "Europe/Berlin") == datetime(2026, 3, 9, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [("join 7KQ2-M9XD", "7KQ2-M9XD"), ("hi, JOIN 7kq2m9xd please", "7kq2m9xd"), ("join red", "red"), ("join", ""),
     ("7KQ2 M9XD", "7KQ2 M9XD"), ("my code is BCDF-GHJK", "BCDF-GHJK")],
)  # fmt: skip
def test_the_code_of_a_join_is_found(text: str, code: str) -> None:
    reading = read(text, Context(), LEXICON)
    assert (reading.first, reading.code) == (Intent.JOIN, code)


def test_what_is_looked_up_is_found() -> None:
    assert read("@acme how group lockout?", Context(), LEXICON).topic == "group lockout"


def test_a_short_form_of_context_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="is no context"):
        parse_context("question:mc")


# --- answers --------------------------------------------------------------------------------------------------------

_LETTER_FORMS = ("{}", "{})", "({})", "[{}]", "{}.", "Answer: {}", "it's {}", "I think {}", "{} 👍",
                 "{}!", "{}?", "ok {}", "option {}",
                 "Antwort {}", "ich glaube {}", "réponse {}", "c'est {}", "creo que {}",
                 "la {}", "{} because it is", "@acme {}")  # fmt: skip


@given(st.sampled_from("ABCD"), st.booleans(), st.sampled_from(_LETTER_FORMS))
def test_a_letter_is_an_answer_in_whatever_form(letter: str, capital: bool, form: str) -> None:
    if "because" in form and letter == "A":
        capital = True  # "a because it is" is not written
    reading = read(form.format(letter if capital else letter.lower()), parse_context("question:mc:ABCD"), LEXICON)
    assert reading.intents == (Intent.ANSWER,)
    assert reading.grade is not None
    assert reading.grade.choice == letter


@pytest.mark.parametrize(
    "text", ["A lot of people forget", "a tag?!", "c'est parti", "I had a D in maths lol", "y a quelqu'un"]
)
def test_a_letter_that_is_a_word_is_no_answer(text: str) -> None:
    assert Intent.ANSWER not in read(text, parse_context("question:mc:ABCD"), LEXICON).intents


@pytest.mark.parametrize(
    "text",
    ["the boss", "read manual", "20 mins", "nobody", "no", "everyone", "le chef", "der Meister", "el jefe",
     "no idea, yellow?", "between 2 and 6", "manual", "all of us", "your supervisor I'd say", "a padlock?"],
)  # fmt: skip
def test_whatever_is_brief_below_a_short_question_answers_it(text: str) -> None:
    assert first(text, "question:short:read the manual") == "answer"


@pytest.mark.parametrize(
    ("text", "read_as"),
    [("got it, thanks", "got_it"), ("👍", "got_it"), ("will check mine tonight", "got_it"), ("idk", "not_sure"),
     ("who keeps the key?", "question"), ("does that include trainees?", "question"), ("haha", "comment"),
     ("help", "lookup"), ("next week please", "snooze")],
)  # fmt: skip
def test_what_is_plainly_something_else_is_no_answer(text: str, read_as: str) -> None:
    assert first(text, "question:short:a padlock") == read_as


def test_a_length_of_time_answers_where_one_was_asked_for() -> None:
    assert first("after the holidays", "question:short:2 weeks") == "answer"


@pytest.mark.parametrize(
    ("text", "read_as"),
    [("couldn't quite follow this part", "not_sure"), ("das hab ich noch nicht so ganz kapiert", "not_sure"),
     ("je n'ai pas bien saisi", "not_sure"), ("no termino de entenderlo", "not_sure"),
     ("our customers don't understand it", "comment"), ("don't forget to make sure of it", "comment"),
     ("will tape this to the cabinet", "got_it"), ("j'y penserai lundi", "got_it"), ("printed it", "got_it"),
     ("no problem, I understand", "got_it")],
)  # fmt: skip
def test_what_is_grasped_or_promised_is_put_together_from_words(text: str, read_as: str) -> None:
    assert first(text) == read_as


def test_a_form_is_looked_up_where_it_is_named_and_a_case_is_asked_about() -> None:
    assert first("where is the handover form") == "lookup"
    assert first("how do I reset the valve", "none") == "lookup"
    assert first("how do I reset the valve if the pump is off", "none") == "question"


def test_an_options_own_words_are_an_answer() -> None:
    options = (Option("A", "A tag alone", correct=False), Option("B", "Your own lock", correct=True))
    context = Context(Asked.QUESTION, Question(QuestionKind.MULTIPLE_CHOICE, "?", options))
    assert read("my own lock", context, LEXICON).intents == (Intent.ANSWER,)


# --- any text at all ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unit",
    ["a", "stop ", "I'", "l'", "? ", "e\u0301", "\u0301",
      "ﷺ", ":D ", "@a ", "#A", "1,", "http://",
     " - ", "so ", "and ", "snooze for ", "B ", "&amp;", "👍", "\u200d", "until "],
)  # fmt: skip
def test_a_hostile_text_is_read_as_its_beginning_is(unit: str) -> None:
    """What lies beyond any post's length is not looked at, so it costs nothing (benchmarks/text_time.py times it)."""
    text = unit * (32_000 // len(unit))
    context = parse_context("question:mc:ABCD")
    assert read(text, context, LEXICON).intents == read(text[:26_000], context, LEXICON).intents


def test_forms_are_spelled_out() -> None:
    assert set(spell_out("(do not|don't) stop [now]")) == {
        ("do", "not", "stop"), ("dont", "stop"), ("do", "not", "stop", "now"), ("dont", "stop", "now"),
    }  # fmt: skip
    assert set(spell_out("hört auf")) == {("hort", "auf"), ("hoert", "auf")}
