"""The practice account's own count of a text against X's official cases (left out where they are absent)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from reinforce.practice.entities import find_cashtags, find_hashtags, find_mentions, find_urls
from reinforce.practice.texts import fault_of, weight

OFFICIAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "twitter-text"

# What the official cases ask for that this finder does not do; none of it changes whether a real post fits.
KNOWN_DIFFERENCES = {
    "http://xn--はじめよう.com/index.html",
    "ELPAÍS.com",
    "example.comてすとですtwitter.みんなです",
}


@cache
def _tests(file: str) -> dict[str, Any]:
    tests: dict[str, Any] = YAML(typ="safe").load(OFFICIAL / file)["tests"]
    return tests


def official(file: str, *sections: str) -> list[Any]:
    """Cases of X's own test files, which are not part of this repository."""
    tests = _tests(file)
    return [pytest.param(case, id=case["description"]) for section in sections for case in tests[section]]


@pytest.mark.parametrize(
    "case",
    official("validate.yml", "WeightedTweetsWithDiscountedEmojiCounterTest", "UnicodeDirectionalMarkerCounterTest"),
)
def test_an_official_text_weighs_what_x_says(case: dict[str, Any]) -> None:
    assert weight(case["text"]) == case["expected"]["weightedLength"]
    assert (fault_of(case["text"]) is None) is case["expected"]["valid"]


@pytest.mark.parametrize("case", official("validate.yml", "tweets"))
def test_an_official_text_that_x_takes_is_taken(case: dict[str, Any]) -> None:
    """These cases are older than 280 characters: those too long then fit now."""
    if case["expected"]:
        assert fault_of(case["text"]) is None


@pytest.mark.parametrize("case", official("extract.yml", "urls"))
def test_the_links_of_an_official_text_are_found(case: dict[str, Any]) -> None:
    if not any(known in case["text"] for known in KNOWN_DIFFERENCES):
        assert [span.value for span in find_urls(case["text"])] == case["expected"]


@pytest.mark.parametrize("case", official("extract.yml", "mentions"))
def test_the_mentions_of_an_official_text_are_found(case: dict[str, Any]) -> None:
    assert [span.value for span in find_mentions(case["text"])] == case["expected"]


@pytest.mark.parametrize("case", official("extract.yml", "hashtags", "hashtags_from_astral"))
def test_the_hashtags_of_an_official_text_are_found(case: dict[str, Any]) -> None:
    assert [span.value for span in find_hashtags(case["text"])] == case["expected"]


@pytest.mark.parametrize("case", official("extract.yml", "cashtags"))
def test_the_cashtags_of_an_official_text_are_found(case: dict[str, Any]) -> None:
    assert [span.value for span in find_cashtags(case["text"])] == case["expected"]
