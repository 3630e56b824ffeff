"""No public text names a learner who has not said yes to it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reinforce.domain.texts.naming_guard import Finding, Mark, NamingGuard, PersonMarks, find_names

EVA = PersonMarks(1, "Eva Maria Roth", "eva_r", "E-1042")
PEOPLE = (
    EVA,
    PersonMarks(2, "Will", "@joy", "17"),
    PersonMarks(3, "Müller, Jörg", "joergm", "PAY"),
    PersonMarks(4, "山田太郎", "", "0042"),
    PersonMarks(5, "Dr. Anna Schmidt-Meyer"),
    PersonMarks(6, "María de la Cruz López"),
    PersonMarks(7, "Иван Петров"),
    PersonMarks(8, "김수"),
    PersonMarks(9, "O. Brien"),
)
GUARD = NamingGuard(PEOPLE)


def named(text: str) -> set[tuple[int, Mark]]:
    return {(finding.learner_id, finding.mark) for finding in GUARD.find(text)}


@pytest.mark.parametrize(("text", "learner"), [
    ("Ask Eva Maria Roth.", 1),
    ("Ask eva roth, she knows", 1),
    ("ROTH, EVA", 1),
    ("Roth Eva Maria", 1),
    ("Eva Roth's tip", 1),
    ("Eva Roth’s tip", 1),
    ("Eva Roths Tipp", 1),
    ("#EvaRoth is not it, but Eva-Roth is", 1),
    ("éva  rôth", 1),
    ("Eva\nRoth", 1),
    ("Will knows", 2),
    ("Jörg Müller", 3),
    ("Joerg Mueller", 3),
    ("Jorg Muller", 3),
    ("MÜLLER JÖRG", 3),
    ("Mu\u0308ller, Jo\u0308rg", 3),
    ("昨日山田太郎さんが", 4),
    ("Anna Schmidt-Meyer", 5),
    ("Anna Meyer", 5),
    ("Schmidt, Anna", 5),
    ("Maria Cruz", 6),
    ("María López", 6),
    ("ИВАН ПЕТРОВ", 7),
    ("김수는", 8),
    ("O. Brien", 9),
])  # fmt: skip
def test_a_name_is_found_in_every_usual_form(text: str, learner: int) -> None:
    assert (learner, Mark.NAME) in named(text)


@pytest.mark.parametrize("text", [
    "E\u200bva R\u200co\u200dth",
    "E\u00adva Ro\u2060th",
    "Eva\u202e Roth",
    "Ｅｖａ Ｒｏｔｈ",
    "𝐄𝐯𝐚 𝑹𝒐𝒕𝒉",
    "Ⓔⓥⓐ Ⓡⓞⓣⓗ",
    "Еvа Rоth",
    "Evα Rοth",
    "E\u0336v\u0336a\u0336 R\u0336o\u0336t\u0336h\u0336",
    "Eva·Roth",
    "Eva_Roth".replace("_", "\u3000"),
])  # fmt: skip
def test_disguised_letters_do_not_hide_a_name(text: str) -> None:
    assert (1, Mark.NAME) in named(text)


@pytest.mark.parametrize("text", ["@eva_r", "＠Eva_R", "thanks eva_r!", "x.com/eva_r", "(eva_r's)", "@eva\u200b_r"])
def test_a_handle_is_found_with_and_without_its_at(text: str) -> None:
    assert (1, Mark.HANDLE) in named(text)


def test_a_handle_that_is_a_short_word_counts_with_its_at_only() -> None:
    assert named("it is a joy") == set()
    assert named("thank you @joy") == {(2, Mark.HANDLE)}


@pytest.mark.parametrize("text", ["E-1042", "(e-1042)", "id E‑1042.", "Ｅ－１０４２"])
def test_an_employee_id_is_found_as_a_whole_token(text: str) -> None:
    assert (1, Mark.EMPLOYEE_ID) in named(text)


@pytest.mark.parametrize("text", [
    "", "Lock it, tag it, try it.", "Eva knows", "the Roth valve", "Maria de compras", "you will see", "17 locks",
    "E-10423", "XE-1042", "pay attention", "eva_rx", "Evaroth", "Ivan Petrov writes", "김순", "a Roth, an Eva",
])  # fmt: skip
def test_what_names_nobody_may_go_out(text: str) -> None:
    assert named(text) == set()


def test_an_ordinary_word_names_nobody_unless_it_is_addressed() -> None:
    hostile = [PersonMarks(1, "Lockout", "lockout", "LOCKOUT")]
    guard = NamingGuard(hostile, ordinary=["Lockout"])
    assert guard.find("Lockout comes before tagout; lockout always.") == ()
    assert [finding.mark for finding in guard.find("thanks @LockOut")] == [Mark.HANDLE]
    assert {finding.mark for finding in find_names("Lockout first", hostile)} == set(Mark)


def test_a_finding_shows_what_gave_the_person_away() -> None:
    assert GUARD.find("Ask Eva Roth (E-1042).") == (
        Finding(1, Mark.EMPLOYEE_ID, "E-1042"),
        Finding(1, Mark.NAME, "Eva Roth"),
    )


def test_everyone_of_a_name_is_found_and_each_once() -> None:
    guard = NamingGuard([PersonMarks(1, "Eva Roth"), PersonMarks(2, "Eva Roth")])
    assert [finding.learner_id for finding in guard.find("Eva Roth and Eva Roth")] == [1, 2]


def test_a_person_without_marks_is_never_found() -> None:
    guard = NamingGuard([PersonMarks(1, "", "", ""), PersonMarks(2, " . ", "@", "--")])
    assert guard.find("nobody . -- @ here") == ()


LETTERS = st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F)
WORD = st.text(LETTERS, min_size=2, max_size=10)
SURROUNDINGS = st.sampled_from(["", " ", "(", "“", "! ", "🔒", "施錠", "\n", "… "])


@given(WORD, WORD, SURROUNDINGS, SURROUNDINGS, st.sampled_from([str, str.upper, str.lower, str.title]))
def test_whoever_is_on_the_list_is_found_wherever_the_name_stands(
    given_name: str, family: str, before: str, after: str, change: type[str]
) -> None:
    name = f"{given_name} {family}"
    # Upper-casing "ŉ" or "ǰ" makes two letters of one; a name's own spelling is what is promised.
    assume(change(name).casefold() == name.casefold())
    found = find_names(f"{before}{change(name)}{after}", [PersonMarks(1, name)])
    assert found


@given(WORD, WORD)
def test_text_without_any_word_of_a_name_never_names_anyone(given_name: str, family: str) -> None:
    assert find_names("1 2 3 — 4.", [PersonMarks(1, f"{given_name} {family}", given_name + "_x", family + "-9")]) == ()


@given(st.text(max_size=80))
def test_the_guard_reads_any_text(text: str) -> None:
    assert isinstance(GUARD.find(text), tuple)


@given(
    st.lists(
        st.sampled_from(
            [
                "Eva",
                "Roths",
                "Roth",
                "Will",
                "will",
                "@joy",
                "eva_r",
                "E-1042",
                "山田",
                "太郎",
                "Mueller",
                "Jörg",
                "ＥＶＡ",
            ]
        )
    )
)
def test_one_text_is_read_as_the_index_reads_it(words: list[str]) -> None:
    text = " ".join(words)
    assert find_names(text, PEOPLE) == GUARD.find(text)
