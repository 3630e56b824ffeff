"""Reads X's prices and limits from the dated file that ships beside this module (`x-<date>.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from reinforce.domain.errors import ReinforceError
from reinforce.domain.sending.budget import MICROS, ListedLimit, Tariff

_PRICES = ("post", "post_with_link", "poll", "reply", "own_read", "read", "user_read", "media_metadata", "deletion")


def read_tariff(path: Path | None = None) -> Tariff:
    """The tariff in `path`; without one, the newest that ships. Raises ReinforceError for a file it can't read."""
    source: Path | Traversable = path or _newest()
    try:
        content = YAML(typ="safe", pure=True).load(source.read_text("utf-8"))
        return _tariff(content)
    except (OSError, YAMLError, KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        raise ReinforceError(
            f"the tariff {source.name} can't be read: {type(error).__name__}: {error}",
            "Write it like the x-<date>.yaml file that ships with reinforce (docs/explanation/prices.md).",
        ) from error


def _newest() -> Traversable:
    folder = resources.files("reinforce.accounts")
    dated = [entry for entry in folder.iterdir() if entry.name.startswith("x-") and entry.name.endswith(".yaml")]
    return max(dated, key=lambda entry: entry.name)


def _tariff(content: Mapping[str, Any]) -> Tariff:
    as_of = content["as_of"]
    if not isinstance(as_of, date):
        raise TypeError("as_of must be a date")
    prices = {name: _micros(content["prices"][name]) for name in _PRICES}
    limits = {str(endpoint): ListedLimit(**_whole(limit)) for endpoint, limit in content["limits"].items()}
    return Tariff(as_of=as_of, source=str(content["source"]), limits=limits, daily=_whole(content["daily"]), **prices)


def _micros(price: object) -> int:
    """Dollars, written as text, as micro-dollars."""
    micros = Decimal(str(price)) * MICROS
    if micros < 0 or micros != micros.to_integral_value():
        raise ValueError(f"{price!r} is no price in dollars with at most six decimals")
    return int(micros)


def _whole(numbers: Mapping[str, Any]) -> dict[str, int]:
    for name, number in numbers.items():
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise ValueError(f"{name}: {number!r} is not a whole number")
    return {str(name): int(number) for name, number in numbers.items()}
