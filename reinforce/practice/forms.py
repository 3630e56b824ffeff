"""Forms of the pages are taken from these pages only."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import Request


class FormRefused(Exception):
    """The form did not come from a page of ours, or asks for something that can't be; `words` says which."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def check_form(request: Request, form: Mapping[str, str], expected: str) -> None:
    """Raises FormRefused unless the form was sent from a page of this server and carries its token."""
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        raise FormRefused("This form was sent from another site. Open the practice account itself and try again.")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise FormRefused("This form was sent from another site. Open the practice account itself and try again.")
    if not hmac.compare_digest(form.get("form_token", "").encode(), expected.encode()):
        raise FormRefused("This form is out of date. Go back, reload the page and try again.")
