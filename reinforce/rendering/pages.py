"""Jinja2 as pages need it: everything an author or a learner wrote is escaped, and a missing name is an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_NO_FILTERS: Mapping[str, Callable[..., Any]] = {}


def page_environment(folder: Path, filters: Mapping[str, Callable[..., Any]] = _NO_FILTERS) -> Environment:
    """The environment of the templates in `folder`, with `filters` beside Jinja2's own.

    Whatever a template's name, its values are escaped; a blank where a name is missing would hide a fault.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters)
    return environment
