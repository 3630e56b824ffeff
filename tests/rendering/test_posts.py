"""Templates and values in, the text of a post out."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.authoring.post_rules import AROUND_A_QUESTION, AROUND_AN_EXPLANATION
from reinforce.domain.errors import ReinforceError
from reinforce.domain.nugget import Option, Question, QuestionKind
from reinforce.domain.texts.wording import LIMIT, text_hash, weighted_length
from reinforce.rendering.phrases import read_phrases
from reinforce.rendering.posts import PostForm, PostRenderer, PostValues
from reinforce.shipped import shipped

POSTS = shipped("templates") / "posts"
LANGUAGES = ("en", "de", "fr", "es")
RENDERER = PostRenderer(POSTS)
CHOICE = Question(
    QuestionKind.MULTIPLE_CHOICE,
    "What comes first?",
    (Option("A", "Cut the power", False), Option("B", "Tell the people affected", True)),
    explanation="nobody is to be surprised by a machine that stops.",
)
SHORT = Question(
    QuestionKind.SHORT, "Who removes the lock?", accepted=("its owner",), explanation="the lock is theirs."
)
NUMBER = Question(QuestionKind.NUMBER, "How many locks for three people?", accepted=("3",), tolerance=0.0)
FULL = PostValues(
    text="Every lock has one key.",
    question=CHOICE,
    title="Lockout",
    time="16:00",
    date="3 May",
    days=3,
    about="May I lend my key?",
    answered=(("May I lend my key?", "No."),),
    step="4.2",
    link="https://example.com/stream",
    number=3,
    total=10,
    ask="answer_by_letter",
    span=("minutes", 10),
    teams=("red", "blue"),
    standings=((1, "red", 7), (2, "blue", 1)),
)

# What no shipped wording says, in any of its languages.
UNKIND = {
    "en": ("wrong", "fail", "forgot", "still haven't", "still have not", "mistake", "incorrect", "you should have"),
    "de": ("falsch", "versagt", "vergessen", "immer noch nicht", "fehler", "durchgefallen", "hättet"),
    "fr": ("faux", "échou", "échec", "oubli", "toujours pas", "erreur", "incorrect", "raté"),
    "es": ("incorrect", "fall", "olvid", "todavía no", "aún no", "error", "equivoc", "mal "),
}


def test_a_question_shows_its_options_and_says_how_to_answer() -> None:
    assert RENDERER.render(PostForm.QUESTION, PostValues(question=CHOICE)) == (
        "What comes first?\nA) Cut the power\nB) Tell the people affected\n\nReply with the letter."
    )


def test_a_question_without_options_asks_for_words_or_a_number() -> None:
    assert RENDERER.render(PostForm.QUESTION, PostValues(question=SHORT)).endswith("\n\nReply in a few words.")
    assert RENDERER.render(PostForm.QUESTION, PostValues(question=NUMBER)).endswith("\n\nReply with a number.")


def test_a_reveal_gives_the_letter_and_the_reason() -> None:
    text = RENDERER.render(PostForm.REVEAL, PostValues(question=CHOICE))
    assert text == "B. Why: nobody is to be surprised by a machine that stops."


def test_a_reveal_of_an_open_question_gives_the_answer_itself() -> None:
    assert RENDERER.render(PostForm.REVEAL, PostValues(question=SHORT)) == "its owner. Why: the lock is theirs."
    assert RENDERER.render(PostForm.REVEAL, PostValues(question=NUMBER)) == "The answer: 3."


def test_a_receipt_is_the_same_for_all() -> None:
    assert RENDERER.render(PostForm.RECEIPT, PostValues(time="16:00")) == "Noted, answer at 16:00."


def test_a_poll_leaves_its_options_to_x() -> None:
    assert RENDERER.render(PostForm.POLL, PostValues(question=CHOICE)) == "What comes first?\n\nVote below."


def test_a_lookup_names_the_step_of_the_procedure() -> None:
    text = RENDERER.render(PostForm.LOOKUP, PostValues(text="Every lock has one key.", step="4.2"))
    assert text == "Every lock has one key.\n(Step 4.2)"


def test_a_round_up_pairs_questions_with_answers() -> None:
    values = PostValues(answered=(("May I lend my key?", "No."), ("Who removes a lock?", "Its owner.")))
    assert RENDERER.render(PostForm.ROUND_UP, values) == (
        "Your questions, answered:\n\n“May I lend my key?”\n→ No.\n\n“Who removes a lock?”\n→ Its owner."
    )


def test_a_hashtag_and_initials_end_a_post() -> None:
    values = PostValues(text="Every lock has one key.", hashtag="Lockout", initials="ER")
    assert RENDERER.render(PostForm.REMINDER, values) == "Every lock has one key.\n\n#Lockout ^ER"


@pytest.mark.parametrize(("language", "days", "text"), [
    ("en", 1, "Lockout: one day left to join."),
    ("en", 3, "Lockout: 3 days left to join."),
    ("fr", 0, "Lockout : encore 0 jour pour s’inscrire."),
    ("de", 0, "Lockout: noch 0 Tage zum Anmelden."),
])  # fmt: skip
def test_days_are_counted_as_the_language_counts(language: str, days: int, text: str) -> None:
    values = PostValues(language=language, title="Lockout", days=days)
    assert RENDERER.render(PostForm.UPDATE_DAYS_LEFT, values) == text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", PostForm)
def test_every_form_renders_in_every_language_and_leaves_room(form: PostForm, language: str) -> None:
    text = RENDERER.render(form, replace(FULL, language=language))
    assert text == unicodedata.normalize("NFC", text).strip()
    assert "{" not in text
    assert weighted_length(text) <= LIMIT // 2 + 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_shipped_phrase_is_unkind(language: str) -> None:
    phrases = read_phrases([POSTS / "phrases"])[language]
    said = "\n".join(phrases.all()).lower()
    assert [word for word in UNKIND[language] if word in said] == []


def test_no_shipped_template_is_unkind_or_speaks_one_language() -> None:
    for template in POSTS.glob("*.j2"):
        source = template.read_text("utf-8").lower()
        assert [word for words in UNKIND.values() for word in words if word in source] == [], template.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_phrase_in_as_many_ways(language: str) -> None:
    phrases = read_phrases([POSTS / "phrases"])
    english = phrases["en"]
    assert phrases[language].names() == english.names()
    assert {key: phrases[language].variants(key) for key in english.names()} == {
        key: english.variants(key) for key in english.names()
    }


def test_variants_of_a_phrase_make_texts_that_are_not_duplicates() -> None:
    count = RENDERER.variants("answer_by_letter", "en")
    texts = [RENDERER.render(PostForm.QUESTION, PostValues(question=CHOICE, variant=i)) for i in range(count + 1)]
    assert len({text_hash(text) for text in texts}) == count
    assert texts[0] == texts[count]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_room_that_authors_are_told_of_holds_every_phrase(language: str) -> None:
    shortest = Question(QuestionKind.MULTIPLE_CHOICE, "?", (Option("A", "x", True),), explanation="y")
    for key, form, alone, room in [
        ("answer_by_letter", PostForm.QUESTION, "?\nA) x", AROUND_A_QUESTION),
        ("reveal", PostForm.REVEAL, "Ay", AROUND_AN_EXPLANATION),
    ]:
        for variant in range(RENDERER.variants(key, language)):
            text = RENDERER.render(form, PostValues(language, question=shortest, variant=variant))
            assert weighted_length(text) - weighted_length(alone) <= room, text


def test_braces_of_an_author_are_text() -> None:
    hostile = "{{ 7 * 7 }} {% for x in range(9) %} {number} {{ self.__class__ }} {# gone? #}"
    assert RENDERER.render(PostForm.REMINDER, PostValues(text=hostile)) == hostile
    question = Question(QuestionKind.SHORT, hostile, accepted=(hostile,), explanation=hostile)
    assert hostile in RENDERER.render(PostForm.QUESTION, PostValues(question=question))
    assert RENDERER.render(PostForm.REVEAL, PostValues(question=question)) == f"{hostile}. Why: {hostile}"
    assert hostile in RENDERER.render(PostForm.UPDATE_START, PostValues(title=hostile))


@given(st.text(alphabet="{}%# \n<>&'\"ab_.", max_size=60))
def test_no_text_of_an_author_is_ever_evaluated(text: str) -> None:
    lines = [line.rstrip(" ") for line in text.split("\n")]
    if not text:
        return
    rendered = RENDERER.render(PostForm.REMINDER, PostValues(text=text))
    assert rendered.split() == "\n".join(lines).split()


def test_an_ampersand_stays_an_ampersand() -> None:
    assert RENDERER.render(PostForm.REMINDER, PostValues(text="Lock & tag <first>")) == "Lock & tag <first>"


def test_a_form_without_its_values_says_what_is_missing() -> None:
    with pytest.raises(ReinforceError, match=r"question\.j2 needs question"):
        RENDERER.render(PostForm.QUESTION, PostValues(text="x"))
    with pytest.raises(ReinforceError, match=r"update_opening\.j2 needs date"):
        RENDERER.render(PostForm.UPDATE_OPENING, PostValues(title="Lockout"))


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ReinforceError, match="only in de, en, es, fr") as caught:
        RENDERER.render(PostForm.RECEIPT, PostValues(language="it", time="16:00"))
    assert "it.yaml" in caught.value.advice


def test_a_regional_language_uses_its_mother() -> None:
    assert RENDERER.render(PostForm.RECEIPT, PostValues(language="de-AT", time="16:00")) == "Notiert, Antwort um 16:00."


def test_a_workspace_template_wins_and_the_rest_still_ships(tmp_path: Path) -> None:
    (tmp_path / "reminder.j2").write_text("Today: {{ text }}", "utf-8")
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "en.yaml").write_text("receipt: Got it, back at {time}.\n", "utf-8")
    renderer = PostRenderer(POSTS, tmp_path)
    assert renderer.render(PostForm.REMINDER, PostValues(text="lock it")) == "Today: lock it"
    assert renderer.render(PostForm.RECEIPT, PostValues(time="16:00")) == "Got it, back at 16:00."
    assert renderer.render(PostForm.POLL, PostValues(question=CHOICE)).endswith("Vote below.")


@pytest.mark.parametrize(("template", "message"), [
    ("{{ nothing }}", "'nothing' is undefined"),
    ("\n{% if %}", "line 2"),
    ("{{ text.__class__.__mro__ }}", "unsafe"),
])  # fmt: skip
def test_a_broken_workspace_template_says_where(tmp_path: Path, template: str, message: str) -> None:
    (tmp_path / "reminder.j2").write_text(template, "utf-8")
    with pytest.raises(ReinforceError, match=message) as caught:
        PostRenderer(POSTS, tmp_path).render(PostForm.REMINDER, PostValues(text="x"))
    assert "reminder.j2" in caught.value.message


@pytest.mark.parametrize(("phrases", "message"), [
    ("receipt: Back at {hour}.", "wants {hour}"),
    ("receipt: [", "en.yaml"),
    ("- receipt", "holds no phrases"),
    ("receipt: 4", "neither a text nor a list"),
])  # fmt: skip
def test_a_broken_phrase_file_says_what_to_mend(tmp_path: Path, phrases: str, message: str) -> None:
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "en.yaml").write_text(phrases, "utf-8")
    with pytest.raises(ReinforceError, match=message):
        PostRenderer(POSTS, tmp_path).render(PostForm.RECEIPT, PostValues(time="16:00"))
