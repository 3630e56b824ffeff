"""Grading a learner's reply against a question: right, wrong, or nothing that can be graded.

A letter counts where it can only be meant as one ("B", "b)", "it's B", "B because …"); "A lot of people …" is none.
An option's own words count, and close spelling does where no other answer is about as close. A short answer is held to
a stricter measure, since one letter can make another word. Two different answers in one reply are not graded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from reinforce.domain.listening.amounts import Amount, amounts
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.listening.remarks import begins_question
from reinforce.domain.listening.reply_text import Clause, ReplyText, Word, fold_words
from reinforce.domain.nugget import Option, Question, QuestionKind

# An option's text has several words, so a share of agreement says enough. 85 of 100 lets one typo through in a phrase
# of two words; the margin keeps two options that differ by a word apart.
CLOSE = 85.0
MARGIN = 8.0
# Typos allowed in a short answer by its length: about the rates of one slip in five letters at most, none in a word so
# short that one letter makes another word of the trade (lock/look, tag/bag).
_SLIPS = ((9, 2), (5, 1))
_MOST_EXTRA_WORDS = 14
_MOST_AROUND_A_NUMBER = 4
# In so short a clause a capital letter of an option is one wherever it stands ("ich würde C nehmen").
_FEW_WORDS = 6
_LONGEST_LEAD = 6


class Verdict(StrEnum):
    """SEVERAL: more than one answer was given. NOTHING: there was no answer in it."""

    RIGHT = "right"
    WRONG = "wrong"
    SEVERAL = "several"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Grade:
    """`confidence` is 0 to 1: how sure it is that this is what the learner meant. `choice` is an option's key or ""."""

    verdict: Verdict
    why: str
    confidence: float = 1.0
    choice: str = ""

    @property
    def gradable(self) -> bool:
        """True if it can be scored."""
        return self.verdict in (Verdict.RIGHT, Verdict.WRONG)


_NOTHING = Grade(Verdict.NOTHING, "no answer in it")


def grade(reply: ReplyText, question: Question, lexicon: Lexicon, language: str = "en") -> Grade:
    """How `reply` answers `question`. `language` (ISO 639-1) decides what "1,500" means first."""
    if question.kind is QuestionKind.MULTIPLE_CHOICE:
        return _choice(reply, question.options, lexicon)
    if question.kind is QuestionKind.NUMBER:
        return _number(reply, question, lexicon, language)
    return _short(reply, question.accepted, lexicon, language)


def is_brief(reply: ReplyText, lexicon: Lexicon, most: int) -> bool:
    """Whether at most `most` words are left without courtesy and lead-ins: what an answer to a short question is."""
    return 0 < len(_core(reply.spoken, lexicon)) <= most


def leads_with(reply: ReplyText, key: str, lexicon: Lexicon) -> bool:
    """Whether a clause of `reply` begins with the letter `key`, once what may stand around a letter is left out: "I'd
    say B, it lies open", but not "greetings from hall B". True as well where the letter is not in it at all."""
    letter = key.casefold()
    said = [tuple(word.folded for word in clause.words if not word.emoji) for clause in reply.clauses]
    holding = [words for words in said if letter in words]
    return not holding or any(_essence(words, lexicon)[:1] == (letter,) for words in holding)


# --- multiple choice ----------------------------------------------------------------------------------------------


def _choice(reply: ReplyText, options: Sequence[Option], lexicon: Lexicon) -> Grade:
    keys = {option.key.casefold(): option for option in options}
    chosen: dict[str, None] = {}
    for clause in reply.clauses:
        chosen.update(dict.fromkeys(_letters(clause, keys, lexicon)))
    if not chosen:
        return _option_text(reply, options, lexicon)
    settled = _settled_on(reply, keys, lexicon) if len(chosen) > 1 else ""
    if len(chosen) > 1 and not settled:
        return Grade(Verdict.SEVERAL, f"several answers: {', '.join(key.upper() for key in chosen)}")
    option = keys[settled or next(iter(chosen))]
    return _graded(option, f"the letter {option.key}", 1.0)


def _settled_on(reply: ReplyText, keys: Iterable[str], lexicon: Lexicon) -> str:
    """The letter that somebody who weighed several comes to in the last clause ("A or B? I'd say B"); "" if none."""
    if len(reply.clauses) < 2 or reply.clauses[-1].asks:
        return ""
    last = [word.folded for word in reply.clauses[-1].words if not word.emoji]
    found = _letters(reply.clauses[-1], keys, lexicon)
    if len(found) != 1:
        return ""
    place = last.index(found[0])
    return found[0] if _ends_with_lead(tuple(last[max(place - _LONGEST_LEAD, 0) : place]), lexicon) else ""


def _graded(option: Option, why: str, confidence: float) -> Grade:
    return Grade(Verdict.RIGHT if option.correct else Verdict.WRONG, why, confidence, option.key)


def _letters(clause: Clause, keys: Iterable[str], lexicon: Lexicon) -> list[str]:
    """The option letters meant in `clause`, without those it denies ("not A")."""
    words = [word for word in clause.words if not word.emoji]
    folded = tuple(word.folded for word in words)
    essence = _essence(folded, lexicon)
    alone = set(essence) if len(set(essence)) == 1 else set()
    if begins_question(clause, lexicon):
        return []
    found = []
    for place, word in enumerate(words):
        if word.folded not in keys or (len(word.written) > 1 and word.written[-1] == "'"):
            continue
        if _denied(folded, place, lexicon):
            continue
        if word.folded in alone or _stands_out(words, folded, place, lexicon):
            found.append(word.folded)
    return found


def _essence(words: tuple[str, ...], lexicon: Lexicon) -> tuple[str, ...]:
    """`words` less everything that may stand around a letter: "ok B then", "hmm, I think B"."""
    words = lexicon.without_courtesy(words)
    for name in ("answer_lead", "got_it_alone", "fillers", "openers", "intensifiers"):
        words = lexicon[name].without(words)
    return words


def _stands_out(words: Sequence[Word], folded: tuple[str, ...], place: int, lexicon: Lexicon) -> bool:
    """Whether the letter at `place` can only be an option: led in, or a capital at an edge, or given a reason."""
    reasons, others = lexicon["reason"], lexicon["alternatives"]
    if place and words[place - 1].written[-1:].isdigit():  # "3 d" is a length of time
        return False
    first, last = place == 0, place == len(folded) - 1
    led = _ends_with_lead(folded[max(place - _LONGEST_LEAD, 0) : place], lexicon)
    capital = words[place].written.isupper()
    reasoned = first and reasons.at(folded, place + 1) > 0
    either = others.at(folded, place + 1) > 0 or (not first and others.at(folded[place - 1 : place], 0) > 0)
    if words[place].folded in _ARTICLE_LETTERS:  # "a", "à", "A lot of us", "y"
        return (led and last) or (capital and (reasoned or either or last or led))
    edge = first or last or len(folded) <= _FEW_WORDS
    return led or (capital and (edge or either)) or reasoned or either


# Letters that are words of their own in a shipped language.
_ARTICLE_LETTERS = frozenset("aeiouy")


def _ends_with_lead(before: tuple[str, ...], lexicon: Lexicon) -> bool:
    leads = lexicon["answer_lead"]
    return any(leads.at(before, start) == len(before) - start for start in range(len(before)))


def _denied(folded: tuple[str, ...], place: int, lexicon: Lexicon) -> bool:
    """Whether a negation stands within the two words before `place` ("not A", "isn't it C")."""
    near = folded[max(place - 2, 0) : place]
    return any(lexicon["negation"].at(near, start) for start in range(len(near)))


def _option_text(reply: ReplyText, options: Sequence[Option], lexicon: Lexicon) -> Grade:
    if not any(option.text for option in options):
        return _by_place(reply, options, lexicon)
    said = lexicon["not_sure"].without(_core(reply.spoken, lexicon))  # "no clue" is not the option "No"
    if not said or len(said) > _MOST_EXTRA_WORDS + max(len(fold_words(option.text)) for option in options):
        return _NOTHING
    scores = sorted(
        ((_likeness(said, _plain(option.text, lexicon)), option) for option in options), key=lambda s: -s[0]
    )
    best, option = scores[0]
    runner_up = scores[1][0] if len(scores) > 1 else 0.0
    if best < CLOSE:
        return _by_place(reply, options, lexicon)
    if best - runner_up < MARGIN:
        return Grade(Verdict.SEVERAL, f"as near to option {scores[1][1].key} as to option {option.key}")
    words = _plain(option.text, lexicon)
    if _find(said, words) > 0 and _denied(said, _find(said, words), lexicon):
        return Grade(Verdict.NOTHING, f"says that it is not option {option.key}")
    return _graded(option, f"the words of option {option.key}", best / 100)


def _likeness(said: tuple[str, ...], option: tuple[str, ...]) -> float:
    """0 to 100: how much `said` is `option`'s words. Containing all of them counts as nearly the same."""
    if not option:
        return 0.0
    whole = fuzz.ratio(" ".join(said), " ".join(option))
    if whole < 100 and _find_nearly(said, option) >= 0:
        return max(whole, 95.0)
    # A telling part of a longer option, as people shorten: at least half of its words and two of them.
    if len(said) >= 2 and 2 * len(said) >= len(option) and _find(option, said) >= 0:
        return max(whole, 90.0)
    return float(whole)


def _by_place(reply: ReplyText, options: Sequence[Option], lexicon: Lexicon) -> Grade:
    """ "The second one", "2": the place of an option in the list, if no option holds such a number itself."""
    said = _core(reply.spoken, lexicon, articles=False)
    place = lexicon.tables["ordinals"].get(said) or lexicon.tables["ordinals"].get(_core(reply.spoken, lexicon))
    if place is None and len(said) == 1 and said[0].isdigit():
        place = float(said[0])
        if any(said[0] in fold_words(option.text) for option in options):
            return _NOTHING
    if place is None or not 1 <= place <= len(options):
        return _NOTHING
    option = options[int(place) - 1]
    return _graded(option, f"option {option.key} by its place", 0.8)


# --- numbers ------------------------------------------------------------------------------------------------------


def _number(reply: ReplyText, question: Question, lexicon: Lexicon, language: str) -> Grade:
    given = amounts(_counted(reply.spoken, lexicon), lexicon, language)
    if not given:
        return _NOTHING
    wanted = [one for accepted in question.accepted for one in amounts(fold_words(accepted), lexicon, language)[:1]]
    hits = [_within(one, wanted, question.tolerance or 0.0) for one in given]
    if len({(one.value, one.unit) for one in given}) > 1 and not all(hits):
        return Grade(Verdict.SEVERAL, "several numbers")
    if _denies(reply.spoken, lexicon):
        return Grade(Verdict.NOTHING, "says what it is not")
    number = f"{given[0].value:g} {given[0].unit}".strip()
    return Grade(Verdict.RIGHT if hits[0] else Verdict.WRONG, f"the number {number}", 1.0 if len(given) == 1 else 0.8)


def _within(given: Amount, wanted: Sequence[Amount], tolerance: float) -> bool:
    """Whether it is one of the accepted amounts, give or take `tolerance` of their unit (and rounding in the tenth
    digit: tenths are not exact in binary)."""
    for amount in wanted:
        values = given.in_unit(amount.unit) or ()
        slack = tolerance + 1e-9 * max(1.0, abs(amount.value))
        if any(abs(value - amount.value) <= slack for value in values):
            return True
    return False


def _denies(words: tuple[str, ...], lexicon: Lexicon) -> bool:
    return bool(lexicon["negation"].at(lexicon.without_courtesy(words), 0))


def _counted(words: tuple[str, ...], lexicon: Lexicon) -> tuple[str, ...]:
    """`words` less articles that count nothing: "an hour" is one hour, "a padlock" is not the number one."""
    kept = []
    for place, word in enumerate(words):
        article = (word,) in lexicon["articles"] and (word,) in lexicon.tables["numbers"]
        if not article or lexicon.number_at("durations", words, place + 1) is not None:
            kept.append(word)
    return tuple(kept)


# --- short answers ------------------------------------------------------------------------------------------------


def _short(reply: ReplyText, accepted: Sequence[str], lexicon: Lexicon, language: str) -> Grade:
    said = _core(reply.spoken, lexicon) or lexicon["politeness"].without(reply.spoken)
    wanted = [plain for text in accepted if (plain := _plain(text, lexicon))]
    for answer in wanted:
        found = _holds(said, answer, lexicon)
        if found is not None:
            return found
    if any("".join(said) == "".join(answer) for answer in wanted):
        return Grade(Verdict.RIGHT, "an accepted answer, spaced otherwise", 0.9)
    # "Form 12c" holds a number and is none.
    numbers = [one for answer in wanted if len(answer) <= 2 for one in amounts(answer, lexicon, language)[:1]]
    given = amounts(said, lexicon, language)
    if len(given) == 1 and len(said) <= _MOST_AROUND_A_NUMBER and _within(given[0], numbers, 0.0):
        return Grade(Verdict.RIGHT, "an accepted amount", 0.9)
    return Grade(Verdict.WRONG, "none of the accepted answers", 0.6) if said else _NOTHING


def _holds(said: tuple[str, ...], answer: tuple[str, ...], lexicon: Lexicon) -> Grade | None:
    """The grade if `answer` stands in `said`, rightly spelled or nearly; None if it doesn't, or in a long tale."""
    place = _find_nearly(said, answer)
    if place < 0 or len(said) > len(answer) + _MOST_EXTRA_WORDS:
        return None
    if _denied(said, place, lexicon):
        return Grade(Verdict.NOTHING, f'says that it is not "{" ".join(answer)}"')
    behind = place + len(answer)
    if _either(said[:place][-1:], lexicon) or _either(said[behind:][:1], lexicon):
        return Grade(Verdict.SEVERAL, "more than one answer")
    if said[place : place + len(answer)] == answer:
        return Grade(Verdict.RIGHT, "an accepted answer")
    return Grade(Verdict.RIGHT, "an accepted answer, misspelt", 0.8)


def _either(word: tuple[str, ...], lexicon: Lexicon) -> bool:
    """Whether `word` leaves two answers to choose from; "gloves and a hard hat" leaves nothing open."""
    return word in lexicon["alternatives"] and word not in lexicon["ands"]


def _find_nearly(said: tuple[str, ...], answer: tuple[str, ...]) -> int:
    """Where `answer` stands in `said`, misspelt at most as `_SLIPS` allows word by word; -1 if nowhere."""
    for start in range(len(said) - len(answer) + 1):
        if all(_same_word(a, b) for a, b in zip(said[start:], answer, strict=False)):
            return start
    return -1


def _same_word(said: str, wanted: str) -> bool:
    if said == wanted:
        return True
    if said.isdigit() or wanted.isdigit() or said[0] != wanted[0]:
        return False
    if len(wanted) >= 4 and (said == wanted + "s" or wanted == said + "s"):
        return True
    allowed = next((slips for length, slips in _SLIPS if len(wanted) >= length), 0)
    return allowed > 0 and OSA.distance(said, wanted, score_cutoff=allowed) <= allowed


def _find(words: tuple[str, ...], part: tuple[str, ...]) -> int:
    return next((i for i in range(len(words) - len(part) + 1) if words[i : i + len(part)] == part), -1)


def _plain(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The words of a text of ours, less articles (all of them, if it is nothing but articles)."""
    words = fold_words(text)
    return lexicon["articles"].without(words) or words


def _core(words: tuple[str, ...], lexicon: Lexicon, *, articles: bool = True) -> tuple[str, ...]:
    """What is left of a reply without courtesy, lead-ins and, unless they matter, articles."""
    words = lexicon.without_courtesy(words)
    for name in ("answer_lead", *(("articles",) if articles else ())):
        words = lexicon[name].without(words)
    return words
