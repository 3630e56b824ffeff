"""Somebody at the console without a browser: signed in, sending its forms with their tokens."""

from __future__ import annotations

import re
from typing import Any

import requests

from tests.web.people import Town


def signed_in(town: Town, name: str) -> requests.Session:
    """A session as one of the town's people."""
    session = requests.Session()
    session.cookies.update(town.people[name].cookies)
    return session


def press(
    session: requests.Session, url: str, page: str, path: str, *, files: Any = None, **fields: Any
) -> requests.Response:
    """Send a form to `path` with the token that `page` bears; what follows, redirects followed."""
    found = re.search(r'name="token" value="(\w+)"', session.get(url + page, timeout=10).text)
    assert found is not None, f"{page} has no form"
    return session.post(url + path, data={"token": found[1], **fields}, files=files, timeout=30)


def hidden_in(text: str) -> dict[str, str]:
    """The hidden fields of a page."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))
