"""Words as they are searched: folded, without what every sentence holds, cut to their stems.

Both databases get these stems and do no stemming of their own, so that the same question finds the same nugget on
either. The stemmer is light and the same for all four languages: it takes endings of inflection off, never a syllable
of meaning, and only where three letters stay.
"""

from __future__ import annotations

import unicodedata

import regex

_WORD = regex.compile(r"[\p{L}\p{N}]+(?:['’][\p{L}]+)?")
_HANDLE_OR_LINK = regex.compile(r"@\w+|https?://\S+")
_MARKS = regex.compile(r"[\p{M}\p{Cf}]+")
_ENDINGS = (
    *("ations", "ation", "ungen", "iones"), *("ings", "ung", "ing", "ion"),
    *("ers", "ed", "es", "en", "er", "em"), *("e", "s", "n"),
)  # fmt: skip
_SHORTEST = 3
MOST = 40  # a longer question is not searched for more words than these

# Words of everyday grammar in English, German, French and Spanish, folded. They say nothing of a subject.
_EMPTY = frozenset(
    """
    a about after all also am an and any anybody anyone are as at be been before but by can could did do does doing don't
    for from get got had has have how i if in into is it it's its just may me might more must my need no not of off on or
    our out over please shall she should so some somebody someone than that the their them then there these they thing
    this those to too us was we were what what's when where which who whom whose why will with would yes you your he his
    her know tell help still really
    aber alle als also am an auch auf aus bei bin bis bitte da damit dann das dass dein dem den denn der des die dies
    diese dieser doch du durch ein eine einem einen einer er es etwas fur haben hat hier ich ihm ihn ihr im immer in ist
    ja jemand kann konnen man mein mich mir mit muss mussen nach nicht noch nur oder ob schon sein sich sie sind so soll
    uber um und uns unser vom von vor wann warum was weiss welche wem wen wenn wer werden wie wir wird wo woher zu zum zur
    alors au aussi aux avec c'est ce cela ces cet cette chez comment dans de des dois doit donc du elle en encore est et
    etre eux faire fait faut il ils j'ai je l la le les leur lui ma mais me meme mes moi mon ne nos notre nous on ou par
    pas peut peux plus pour pourquoi qu'est quand que quel quelle qui quoi sa sans se ses si son sont sur ta te tes toi
    ton tu un une va vos votre vous y
    al algo alguien antes asi cada como con cual cuando de debe debo del desde donde el ella ellos en entre es esa ese eso
    esta este esto estos fue ha hacer hacia han hasta hay la las le les lo los mas me mi mis muy ni nos nosotros o para
    pero por porque puede puedo que quien se ser si sin sobre son su sus tambien te tengo tiene tu un una uno unos y ya yo
    """.split()  # noqa: SIM905
)


def stems(text: str) -> tuple[str, ...]:
    """The stems of the words in `text` that say something, in order, each as often as it comes."""
    plain = unicodedata.normalize("NFKC", _HANDLE_OR_LINK.sub(" ", text[:4_000])).casefold().replace("ß", "ss")
    folded = _MARKS.sub("", unicodedata.normalize("NFKD", plain)).replace("’", "'")
    words = (found[0] for found in _WORD.finditer(folded))
    return tuple(_stem(word.split("'")[-1] if "'" in word else word) for word in words if _says_something(word))


def _says_something(word: str) -> bool:
    bare = word.rsplit("'", maxsplit=1)[-1]
    return word not in _EMPTY and bare not in _EMPTY and (len(bare) > 1 or bare.isdigit())


def _stem(word: str) -> str:
    if any(letter.isdigit() for letter in word):
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return _single(word[: -len(ending)])
    return word


def _single(stem: str) -> str:
    """ "tagg" of "tagging" is "tag"."""
    doubled = len(stem) > _SHORTEST and stem[-1] == stem[-2] and stem[-1] not in "aeiouls"
    return stem[:-1] if doubled else stem
