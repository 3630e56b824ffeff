"""What may be a password. Length is what counts (NIST SP 800-63B, 3.1.1): no rules about kinds of characters."""

from __future__ import annotations

import unicodedata

from reinforce.domain.errors import NotAllowed

SHORTEST, LONGEST = 12, 200
_ADVICE = f"Take {SHORTEST} characters or more: four words that don't belong together will do."


def checked_password(password: str, name: str) -> str:
    """A new password in the form it is kept in (NFKC, so that each keyboard writes the same). Raises NotAllowed for one
    that is too short, too long, all of one character, or the name."""
    plain = normal(password)
    if len(plain) < SHORTEST:
        raise NotAllowed(f"that password is shorter than {SHORTEST} characters", _ADVICE)
    if len(plain) > LONGEST:
        raise NotAllowed(f"that password is longer than {LONGEST} characters", "Take a shorter one.")
    if len(set(plain)) < 4 or not plain.casefold().replace(name.casefold(), ""):
        raise NotAllowed("that password is too easy to guess", _ADVICE)
    return plain


def normal(password: str) -> str:
    """A password as it is compared."""
    return unicodedata.normalize("NFKC", password)
