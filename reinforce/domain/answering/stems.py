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
    *("ers", "ed", "es", "en", "er", "em"), *("e", "s"),
)  # fmt: skip
_SHORTEST = 3
MOST = 40  # a longer question is not searched for more words than these

# Words of everyday grammar in English, German, French and Spanish, folded, by the alphabet. They say nothing of a
# subject.
_EMPTY = frozenset(
    """
    a aber about after al algo alguien all alle alors als also am an and antes any anybody anyone are as asi at
    au auch auf aus aussi aux avec be been before bei bin bis bitte but by c'est cada can ce cela ces cet cette
    chez comment como con could cual cuando da damit dann dans das dass de debe debo dein del dem den denn der
    des desde did die dies diese dieser do doch does doing dois doit don't donc donde du durch ein eine einem
    einen einer el ella elle ellos en encore entre er es esa ese eso est esta este esto estos et etre etwas eux
    faire fait faut for from fue fur get got ha haben hacer hacia had han has hasta hat have hay he help her
    hier his how i ich if ihm ihn ihr il ils im immer in into is ist it it's its j'ai ja je jemand just kann
    know konnen l la las le les leur lo los lui ma mais man mas may me mein meme mes mi mich might mir mis mit
    moi mon more muss mussen must muy my nach ne need ni nicht no noch nos nosotros not notre nous nur o ob oder
    of off on or ou our out over par para pas pero peut peux please plus por porque pour pourquoi puede puedo
    qu'est quand que quel quelle qui quien quoi really sa sans schon se sein ser ses shall she should si sich
    sie sin sind so sobre soll some somebody someone son sont still su sur sus ta tambien te tell tengo tes than
    that the their them then there these they thing this those tiene to toi ton too tu uber um un una und une
    uno unos uns unser us va vom von vor vos votre vous wann warum was we weiss welche wem wen wenn wer werden
    were what what's when where which who whom whose why wie will wir wird with wo woher would y ya yes yo you
    your zu zum zur
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
    while (shorter := _without_ending(word)) != word:  # until nothing goes: "sign" and "signs" end alike
        word = shorter
    return word


def _without_ending(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and not word.endswith("ss") and len(word) - len(ending) >= _SHORTEST:
            return _single(word[: -len(ending)])
    return word


def _single(stem: str) -> str:
    """ "tagg" of "tagging" is "tag"."""
    doubled = len(stem) > _SHORTEST and stem[-1] == stem[-2] and stem[-1] not in "aeiouls"
    return stem[:-1] if doubled else stem
