"""The words of pages that are printed or mailed, in the cohort's language; in English where there is none of it."""

from __future__ import annotations

from pathlib import Path

from reinforce.rendering.phrases import Phrases, read_phrases

_SPOKEN_ELSEWHERE = "en"


def print_words(templates: Path, language: str) -> tuple[Phrases, str]:
    """The words for a language, from the folder `templates` of printed pages, and the language that they are in."""
    known = read_phrases([templates / "words"])
    spoken = language.lower().split("-")[0]
    chosen = spoken if spoken in known else _SPOKEN_ELSEWHERE
    return known[chosen], chosen
