"""Forms of the console sent as a browser would: with the cookie, and with the token that a page of it carries."""

from __future__ import annotations

import html
import re
from typing import Any

import requests

from tests.web.people import Town

_HIDDEN = r'name="{}" value="([^"]*)"'


def signed_in(town: Town, name: str) -> requests.Session:
    """A browser in which somebody of the town is signed in."""
    session = requests.Session()
    session.cookies.update(town.people[name].cookies)
    return session


def send(session: requests.Session, url: str, path: str, *, page: str = "/me", **fields: Any) -> requests.Response:
    """Send a form with the token of a page; the page that comes after it."""
    token = hidden(session.get(url + page, timeout=10).text, "token")
    files = fields.pop("files", None)
    return session.post(url + path, data={"token": token, **fields}, files=files, timeout=30)


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(_HIDDEN.format(name), page)
    assert found is not None, f"no field {name}"
    return html.unescape(found[1])


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden fields of a page, by name."""
    return {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    }
