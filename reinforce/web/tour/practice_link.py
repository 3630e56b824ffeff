"""The practice account as the tour reaches it: over HTTP, with the credentials it wrote into the workspace."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from reinforce.domain.errors import ReinforceError

TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class PracticeLink:
    """Where the practice account is, and the token of its control interface."""

    url: str
    control_token: str

    @staticmethod
    def read(folder: Path) -> PracticeLink | None:
        """The link from the practice account's folder; None while there is none."""
        try:
            content = json.loads((folder / "credentials.json").read_text("utf-8"))
            return PracticeLink(content["base_url"].rstrip("/"), content["control_token"])
        except (OSError, ValueError, KeyError):
            return None

    def says(self, text: str) -> int:
        """How many live posts of the company say `text`."""
        return int(self._call("GET", "/practice/texts").get(text, 0))

    def write_as(self, handle: str, name: str, text: str, reply_to: int) -> int:
        """Reply to a post as a learner would from their phone; the id of the reply."""
        people = self._call("POST", "/practice/people", [{"handle": handle, "name": name}])["people"]
        body = {"text": text, "reply": {"in_reply_to_tweet_id": str(reply_to)}}
        answer = self._call("POST", "/2/tweets", body, token=people[0]["token"])
        return int(answer["data"]["id"])

    def slow_down(self, seconds: float) -> int:
        """From now on posts are made at once and answered `seconds` later; the fault's id."""
        fault = {"endpoint": "POST /2/tweets", "kind": "slow", "seconds": seconds, "count": None}
        return int(self._call("POST", "/practice/faults", fault)["id"])

    def mend(self, fault: int) -> None:
        """Switch a fault off."""
        self._call("DELETE", f"/practice/faults/{fault}")

    def _call(self, method: str, path: str, body: Any = None, *, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token or self.control_token}"}
        try:
            answer = requests.request(method, self.url + path, json=body, headers=headers, timeout=TIMEOUT)
        except requests.RequestException as error:
            raise ReinforceError(
                "the practice account does not answer.", "Start the rehearsal with `reinforce up`, then reload."
            ) from error
        if not answer.ok:
            raise ReinforceError(f"the practice account refused: {_words(answer)}", "Reload the page and try again.")
        return answer.json()


def _words(answer: requests.Response) -> str:
    try:
        content = answer.json()
    except ValueError:
        return f"status {answer.status_code}"
    return str(content.get("detail") or content.get("title") or answer.status_code)
