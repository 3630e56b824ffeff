"""How long a post is for X: the weighted length of configuration v3, of which 280 are allowed.

The text is counted in NFC. An address counts 23 whatever its length, an emoji sequence (joined by ZWJ, with a skin
tone, a flag, a keycap) counts 2, a character of the ranges below 1, and any other character 2. © and ® are emoji
only when U+FE0F asks for the picture; bare they count 1.
"""

from __future__ import annotations

import regex

from reinforce.domain.texts.canonical_text import nfc
from reinforce.domain.texts.web_addresses import find_addresses

LIMIT = 280
_ADDRESS_WEIGHT = 23
_EMOJI_WEIGHT = 2

# The flags there are (ISO 3166-1 and Unicode's few additions). Any other pair of regional letters shows as two
# letters, and counts as two characters.
_FLAGS = (
    "AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY "
    "BZ CA CC CD CF CG CH CI CK CL CM CN CO CP CQ CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET "
    "EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM "
    "IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF "
    "MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK "
    "PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC "
    "TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
_PARTS_OF_BRITAIN = ("gbeng", "gbsct", "gbwls")


def _regional(code: str) -> str:
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in code)


def _tagged(code: str) -> str:
    return "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in code) + "\U000e007f"


def _emoji_pattern() -> str:
    flags = "|".join(map(_regional, _FLAGS.split()))
    tagged = "|".join(map(_tagged, _PARTS_OF_BRITAIN))
    keycap = r"[0-9#*]\ufe0f?\u20e3"
    # © and ® show as text unless told otherwise, and only they would weigh less than an emoji then.
    one = r"(?:\p{Emoji_Modifier_Base}[\U0001f3fb-\U0001f3ff]|[\p{Extended_Pictographic}--[©®]]|[©®](?=\ufe0f))\ufe0f?"
    tone = r"[\U0001f3fb-\U0001f3ff]"
    return rf"(?V1:(?=[\U0001f1e6-\U0001f1ff])(?:{flags})|{tagged}|{keycap}|{one}(?:\u200d{one})*+|{tone})"


_EMOJI = regex.compile(_emoji_pattern())
# Any run of characters that weigh 1 each; the others weigh 2.
_LIGHT = regex.compile(r"[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")


def weighted_length(text: str) -> int:
    """The length X counts for `text`, in weighted characters; linear in its size."""
    text = nfc(text)
    total = position = 0
    for address in find_addresses(text):
        total += _plain_length(text[position : address.start]) + _ADDRESS_WEIGHT
        position = address.end
    return total + _plain_length(text[position:])


def _plain_length(text: str) -> int:
    """The length of a text that holds no address."""
    rest, emoji = _EMOJI.subn("", text)
    return emoji * _EMOJI_WEIGHT + 2 * len(rest) - len(_LIGHT.findall(rest))
