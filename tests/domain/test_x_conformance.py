"""X's own cases for its text library, where a checkout has them beside it.

They are not part of this repository, and without the folder this file is left out (conftest.py); the other tests of
this room state the same rules with cases of their own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from reinforce.domain.texts.canonical_text import nfc
from reinforce.domain.texts.web_addresses import find_addresses
from reinforce.domain.texts.weighted_length import weighted_length
from reinforce.domain.texts.wording import cashtags, hashtags, mentions

OFFICIAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "twitter-text"


@cache
def _tests(file: str) -> dict[str, Any]:
    tests: dict[str, Any] = YAML(typ="safe").load((OFFICIAL / file).read_text("utf-8"))["tests"]
    return tests


def cases(file: str, *sections: str) -> list[Any]:
    tests = _tests(file)
    return [pytest.param(case, id=case["description"][:60]) for section in sections for case in tests[section]]


def urls(text: str) -> list[str]:
    return [address.url for address in find_addresses(nfc(text))]


@pytest.mark.parametrize(
    "case",
    cases("validate.yml", "WeightedTweetsWithDiscountedEmojiCounterTest", "UnicodeDirectionalMarkerCounterTest"),
)
def test_weighted_lengths_are_the_official_ones(case: dict[str, Any]) -> None:
    assert weighted_length(case["text"]) == case["expected"]["weightedLength"]


@pytest.mark.parametrize("case", cases("extract.yml", "urls", "tco_urls_with_params"))
def test_addresses_are_the_official_ones(case: dict[str, Any]) -> None:
    assert urls(case["text"]) == case["expected"]


@pytest.mark.parametrize("case", cases("extract.yml", "urls_with_indices", "urls_with_directional_markers"))
def test_addresses_stand_where_the_official_ones_do(case: dict[str, Any]) -> None:
    found = [(one.url, [one.start, one.end]) for one in find_addresses(case["text"])]
    assert found == [(one["url"], one["indices"]) for one in case["expected"]]


@pytest.mark.parametrize("case", cases("validate.yml", "urls_without_protocol"))
def test_addresses_without_a_scheme_are_the_official_ones(case: dict[str, Any]) -> None:
    assert (urls(case["text"]) == [case["text"]]) == case["expected"]


@pytest.mark.parametrize("section", ["country", "generic"])
def test_top_level_domains_are_at_least_the_official_ones(section: str) -> None:
    missing = [case.values[0]["text"] for case in cases("tlds.yml", section) if not _is_found(case.values[0])]
    assert missing == []


def _is_found(case: dict[str, Any]) -> bool:
    return urls(case["text"]) == list(case["expected"])


@pytest.mark.parametrize("case", cases("extract.yml", "mentions"))
def test_mentions_are_the_official_ones(case: dict[str, Any]) -> None:
    assert list(mentions(case["text"])) == case["expected"]


@pytest.mark.parametrize("case", cases("extract.yml", "hashtags", "hashtags_from_astral"))
def test_hashtags_are_the_official_ones(case: dict[str, Any]) -> None:
    assert list(hashtags(case["text"])) == case["expected"]


@pytest.mark.parametrize("case", cases("extract.yml", "cashtags"))
def test_cashtags_are_the_official_ones(case: dict[str, Any]) -> None:
    assert list(cashtags(case["text"])) == case["expected"]
