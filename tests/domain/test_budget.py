"""What posts cost: exact money, links that raise the price, and a month."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.accounts.tariff import read_tariff
from reinforce.domain.errors import ReinforceError
from reinforce.domain.nugget import Form
from reinforce.domain.sending.budget import MICROS, ListedLimit, dollars, holds_link, monthly_cost, price_micros

TARIFF = read_tariff()


@pytest.mark.parametrize(
    ("text", "form", "reply", "price"),
    [
        ("Isolate before you reach in.", Form.REMINDER, False, 15_000),
        ("Isolate before you reach in.", Form.QUESTION, False, 15_000),
        ("Which valve?", Form.POLL, False, 15_000),
        ("B. Why: it is fed twice.", "reveal", True, 10_000),
        ("More at https://example.com/a", Form.REMINDER, False, 200_000),
        ("More at example.com", Form.REMINDER, False, 200_000),
        ("More at https://example.com/a", "reveal", True, 200_000),
        ("Step 3.Close the valve", Form.REMINDER, False, 15_000),
    ],
)
def test_a_post_has_the_price_of_what_it_is(text: str, form: str, reply: bool, price: int) -> None:
    assert price_micros(text, form=form, tariff=TARIFF, reply=reply) == price


def test_an_address_needs_no_scheme_to_be_one() -> None:
    assert holds_link("see example.com")
    assert not holds_link("see the manual")


def test_a_month_of_two_posts_a_day() -> None:
    """2 × $0.015 × 30.436875 days = $0.91310625."""
    cost = monthly_cost(TARIFF, posts_per_day=2)
    assert (cost.posts, cost.replies, cost.reads) == (913_106, 0, 0)
    assert cost.total == 913_106


def test_links_replies_and_readings_are_counted() -> None:
    cost = monthly_cost(TARIFF, posts_per_day=1, replies_per_day=10, reads_per_day=100, link_share=0.5)
    assert cost.posts == round(30.436875 * (15_000 + 200_000) / 2)
    assert cost.replies == round(30.436875 * 10 * 10_000)
    assert cost.total == cost.posts + cost.replies + cost.reads


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 1))
def test_a_month_never_costs_less_for_more(posts: float, more: float, share: float) -> None:
    less = monthly_cost(TARIFF, posts_per_day=posts, link_share=share)
    assert monthly_cost(TARIFF, posts_per_day=posts + more, link_share=share).total >= less.total >= 0


@pytest.mark.parametrize("rates", [{"posts_per_day": -1}, {"posts_per_day": 1, "link_share": 1.1}])
def test_impossible_rates_are_refused(rates: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="share"):
        monthly_cost(TARIFF, **rates)


@pytest.mark.parametrize(
    ("micros", "shown"),
    [(0, "$0.00"), (15_000, "$0.015"), (200_000, "$0.20"), (12 * MICROS, "$12.00"), (1, "$0.000001"),
     (-1_500_000, "-$1.50"), (1_234_567 * MICROS, "$1,234,567.00")],
)  # fmt: skip
def test_money_is_shown_with_no_digit_that_is_not_needed(micros: int, shown: str) -> None:
    assert dollars(micros) == shown


def test_the_tariff_that_ships_is_dated_and_names_its_source() -> None:
    assert TARIFF.as_of == date(2026, 8, 22)
    assert "X" in TARIFF.source
    assert TARIFF.limits["POST /2/tweets"] == ListedLimit(100, 900, 10_000, 86_400)
    assert TARIFF.daily["posts_unverified"] == 50


GOOD = """
as_of: 2027-01-01
source: here
prices:
  {post: "0.02", post_with_link: "0.3", poll: "0.02", reply: "0.01", own_read: "0.001", read: "0.005",
   user_read: "0.01", media_metadata: "0.005", deletion: "0.01"}
limits: {}
daily: {}
"""


def test_a_tariff_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x-2027-01-01.yaml"
    path.write_text(GOOD)
    assert read_tariff(path).post_with_link == 300_000


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "[",
        "- 1",
        GOOD.replace("0.02", "0.00000001"),
        GOOD.replace("0.02", "cheap"),
        GOOD.replace("0.02", "-1"),
        GOOD.replace("2027-01-01", "soon"),
        GOOD.replace("source: here", ""),
        GOOD.replace("limits: {}", 'limits: {"POST /2/tweets": {per_year: 3}}'),
        GOOD.replace("daily: {}", "daily: {posts: many}"),
    ],
)
def test_a_tariff_that_can_not_be_read_is_refused(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(bad)
    with pytest.raises(ReinforceError, match=r"x\.yaml"):
        read_tariff(path)
