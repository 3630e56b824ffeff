"""From where somebody asks, as little of it as is needed."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

# What one subscriber has to themselves, and what is written down for good: enough to tell where it came from.
_SUBSCRIBER = {4: 32, 6: 64}
_WRITTEN = {4: 24, 6: 48}


def one_subscriber(address: str) -> str:
    """The addresses that one subscriber may have; what is no address stands for itself."""
    return _network(address, _SUBSCRIBER) or address


def written_network(address: str) -> str:
    """The network of an address, as it is written into the audit log; "unknown" for what is no address."""
    return _network(address, _WRITTEN) or "unknown"


def _network(address: str, lengths: dict[int, int]) -> str:
    try:
        there = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(there, "ipv4_mapped", None) or there
    return str(ip_network((mapped, lengths[mapped.version]), strict=False))
