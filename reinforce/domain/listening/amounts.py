"""Numbers as people write them, with their units: "15", "1,5 bar", "twenty minutes", "an hour", "3d"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from reinforce.domain.listening.lexicon import Lexicon

# Units that turn into one another: name → (what is measured, how much of its first unit). Times come from the lexicon.
_UNITS: dict[str, tuple[str, float]] = {
    "s": ("time", 1 / 3600), "sec": ("time", 1 / 3600), "secs": ("time", 1 / 3600), "sek": ("time", 1 / 3600),
    "seconds": ("time", 1 / 3600), "second": ("time", 1 / 3600), "sekunden": ("time", 1 / 3600),
    "sekunde": ("time", 1 / 3600), "secondes": ("time", 1 / 3600), "seconde": ("time", 1 / 3600),
    "segundos": ("time", 1 / 3600), "segundo": ("time", 1 / 3600),
    "m": ("length or time", 1.0), "min": ("time", 1 / 60), "mins": ("time", 1 / 60), "minute": ("time", 1 / 60),
    "minutes": ("time", 1 / 60), "minuten": ("time", 1 / 60), "minuto": ("time", 1 / 60), "minutos": ("time", 1 / 60),
    "mm": ("length", 0.001), "cm": ("length", 0.01), "km": ("length", 1000.0), "meter": ("length", 1.0),
    "meters": ("length", 1.0), "metres": ("length", 1.0), "metre": ("length", 1.0), "metros": ("length", 1.0),
    "ft": ("length", 0.3048), "feet": ("length", 0.3048),
    "mg": ("mass", 1e-6), "g": ("mass", 0.001), "kg": ("mass", 1.0), "kilo": ("mass", 1.0), "kilos": ("mass", 1.0),
    "mv": ("voltage", 0.001), "v": ("voltage", 1.0), "volt": ("voltage", 1.0), "volts": ("voltage", 1.0),
    "voltios": ("voltage", 1.0), "kv": ("voltage", 1000.0), "mbar": ("pressure", 0.001), "bar": ("pressure", 1.0),
    "bars": ("pressure", 1.0), "bares": ("pressure", 1.0), "psi": ("pressure", 0.0689476), "kpa": ("pressure", 0.01),
    "%": ("share", 1.0), "percent": ("share", 1.0), "prozent": ("share", 1.0), "ciento": ("share", 1.0),
}  # fmt: skip
_NUMBER = regex.compile(r"(-?\d+(?:[.,]\d+)*)(%?)")
_GROUPED = regex.compile(r"\d{1,3}(?:[.,]\d{3})+")
_COMMA_LANGUAGES = frozenset({"de", "fr", "es"})


@dataclass(frozen=True, slots=True)
class Amount:
    """A number and the unit behind it, "" if none is known. `other` is the second way to read "1,500", else None."""

    value: float
    unit: str = ""
    other: float | None = None

    def in_unit(self, unit: str) -> tuple[float, ...] | None:
        """The value or values in `unit`; None if the two units measure different things.

        An amount without a unit is taken to be in `unit`.
        """
        values = (self.value,) if self.other is None else (self.value, self.other)
        if not self.unit or not unit or self.unit == unit:
            return values
        factor = _conversion(self.unit, unit)
        return None if factor is None else tuple(value * factor for value in values)


def amounts(words: Sequence[str], lexicon: Lexicon, language: str) -> tuple[Amount, ...]:
    """Every amount in a row of folded words, in order. `language` decides what "1,500" means first."""
    found: list[Amount] = []
    position = 0
    while position < len(words):
        read = _number_at(words, position, lexicon, language)
        if read is None:
            position += 1
            continue
        (value, other, unit), position = read
        if not unit and position < len(words):
            unit, taken = _unit_at(words, position, lexicon)
            position += taken
        found.append(Amount(value, unit, other))
    return tuple(found)


def _number_at(
    words: Sequence[str], start: int, lexicon: Lexicon, language: str
) -> tuple[tuple[float, float | None, str], int] | None:
    digits = _NUMBER.fullmatch(words[start])
    if digits:
        value, other = _value(digits[1], language)
        position = start + 1
        # "1 500": a group of three after a space.
        if len(words[start]) <= 3 and position < len(words) and _is_group(words[position]):
            value, other, position = value * 1000 + float(words[position]), None, position + 1
        return (value, other, digits[2]), position
    spelled = lexicon.number_at("numbers", words, start)
    return None if spelled is None else ((spelled[0], None, ""), start + spelled[1])


def _is_group(word: str) -> bool:
    return len(word) == 3 and word.isascii() and word.isdigit()


def _value(digits: str, language: str) -> tuple[float, float | None]:
    """ "1.5" and "1,5" are one and a half; "1,500" is 1500 where people group with commas, and may be 1.5."""
    if _GROUPED.fullmatch(digits) and len(set(digits) & set(".,")) == 1:
        whole = float(regex.sub("[.,]", "", digits))
        if digits.count(".") + digits.count(",") > 1:
            return whole, None
        fraction = float(digits.replace(",", "."))
        decimal = "," if language in _COMMA_LANGUAGES else "."
        return (fraction, whole) if decimal in digits else (whole, fraction)
    plain = digits.replace(",", ".")
    head, _, tail = plain.rpartition(".")
    return float(f"{head.replace('.', '')}.{tail}" if head else plain), None


def _unit_at(words: Sequence[str], start: int, lexicon: Lexicon) -> tuple[str, int]:
    """The unit at `start` and how many words it takes; ("", 0) if none is known."""
    if words[start] in _UNITS:
        return words[start], 1
    hours = lexicon.number_at("durations", words, start)
    return ("", 0) if hours is None else (f"{hours[0]:g}h", hours[1])


def _conversion(have: str, want: str) -> float | None:
    (measure, factor), (wanted, by) = _measure(have), _measure(want)
    if measure != wanted and "length or time" not in (measure, wanted):
        return None
    if "length or time" in (measure, wanted):  # "15 m" is fifteen minutes to some
        factor = 1 / 60 if have == "m" and wanted == "time" else factor
        by = 1 / 60 if want == "m" and measure == "time" else by
        if {measure, wanted} - {"length or time", "time", "length"}:
            return None
    return factor / by


def _measure(unit: str) -> tuple[str, float]:
    return _UNITS[unit] if unit in _UNITS else ("time", float(unit.removesuffix("h")))
