"""Where an account may answer: X, or this machine; never in the clear elsewhere."""

from __future__ import annotations

import pytest

from reinforce.domain.accounts.base_url import X, checked_base_url, is_on_loopback
from reinforce.domain.errors import ReinforceError


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8401", "http://127.9.9.9:1/", "http://localhost:8401", "http://[::1]:8401", "https://localhost"],
)
def test_this_machine_may_be_reached_without_tls(address: str) -> None:
    assert checked_base_url(address) == address.rstrip("/")
    assert is_on_loopback(address)


@pytest.mark.parametrize("address", ["https://api.twitter.com", "https://api.x.com", "https://API.X.com/"])
def test_both_of_xs_addresses_are_the_one_that_signatures_are_made_for(address: str) -> None:
    assert checked_base_url(address) == X
    assert not is_on_loopback(address)


@pytest.mark.parametrize("address", ["http://api.x.com", "http://example.com", "http://127.0.0.1.example.com"])
def test_tokens_do_not_travel_in_the_clear(address: str) -> None:
    with pytest.raises(ReinforceError, match="unencrypted"):
        checked_base_url(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "api.x.com",
        "ftp://127.0.0.1",
        "https://",
        "https://user:word@example.com",
        "https://example.com?a=b",
        "https://example.com#a",
        "http://127.0.0.1:port",
        "http://[::1",
        "https://exam ple.com",
        "https://xn--ü.com",
    ],
)
def test_what_is_no_address_of_an_api_is_refused_with_advice(address: str) -> None:
    with pytest.raises(ReinforceError) as caught:
        checked_base_url(address)
    assert "http://127.0.0.1:8401" in caught.value.advice
