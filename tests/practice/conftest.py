"""A practice account on a stepped clock, and clients that reach it as the product does: tweepy and plain HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import tweepy  # type: ignore[import-untyped]
from requests.adapters import HTTPAdapter

from reinforce.clock import Clock
from reinforce.practice.config import Config
from reinforce.practice.running import PracticeThread

MONDAY = datetime(2026, 11, 23, 8, 55, tzinfo=UTC)
# X's own descriptions and cases stand beside the repository; what needs them is left out where they are absent.
_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
collect_ignore = [
    name
    for name, needed in (("test_official_texts.py", "twitter-text"), ("test_described_answers.py", "x"))
    if not (_DATA / needed).is_dir()
]

SIGNED_FOR = "https://api.twitter.com"


class Redirected(HTTPAdapter):
    """Sends requests for X's address to the practice account, with a time-out; signatures stay as computed for X."""

    def __init__(self, base: str, timeout: float = 10.0) -> None:
        super().__init__()
        self._base = base
        self.timeout = timeout

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        assert request.url is not None
        request.url = self._base + request.url.removeprefix(SIGNED_FOR)
        options["timeout"] = self.timeout
        return super().send(request, **options)


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    """Programme time stands at Monday 08:55 until a test steps it."""
    clock = Clock(tmp_path / "clock.json")
    clock.step_to(MONDAY)
    return clock


@pytest.fixture
def start(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., PracticeThread]]:
    """Starts practice accounts in tmp_path/practice with what `Config` is given; ends them."""
    started: list[PracticeThread] = []

    def begin(**options: Any) -> PracticeThread:
        practice = PracticeThread(tmp_path / "practice", clock, config=Config(**{"learners": False, **options}))
        started.append(practice.start())
        return practice

    yield begin
    for practice in started:
        practice.stop()


@pytest.fixture
def practice(start: Callable[..., PracticeThread]) -> PracticeThread:
    """A practice account without scripted learners."""
    return start()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeThread]:
    """One practice account for a whole file, for tests that don't mind what others left there."""
    folder = tmp_path_factory.mktemp("standing")
    clock = Clock(folder / "clock.json")
    clock.step_to(MONDAY)
    with PracticeThread(folder / "practice", clock) as practice:
        yield practice


@pytest.fixture
def connect() -> Iterator[Callable[..., tweepy.Client]]:
    """Makes tweepy clients with OAuth 1.0a keys, or (oauth2=True) the OAuth 2 user token, or (app=True) the bearer."""
    clients: list[tweepy.Client] = []

    def make(practice: PracticeThread, *, oauth2: bool = False, app: bool = False, **options: Any) -> tweepy.Client:
        credentials = practice.credentials
        if oauth2 or app:
            token = credentials["bearer"] if app else credentials["oauth2"]["access_token"]
            client = tweepy.Client(bearer_token=token, **options)
        else:
            client = tweepy.Client(**{**credentials["oauth1"], **options})
        client.session.mount(SIGNED_FOR, Redirected(practice.url))
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.session.close()


@pytest.fixture
def client(practice: PracticeThread, connect: Callable[..., tweepy.Client]) -> tweepy.Client:
    """The company's account through tweepy with OAuth 1.0a."""
    return connect(practice)


@pytest.fixture
def standing_client(standing: PracticeThread, connect: Callable[..., tweepy.Client]) -> tweepy.Client:
    """The standing practice account through tweepy with OAuth 1.0a."""
    return connect(standing)


class Person:
    """A learner with a phone: posts through the same API with a token of their own."""

    def __init__(self, practice: PracticeThread, entry: dict[str, str]) -> None:
        self._practice = practice
        self.handle = entry["handle"]
        self.user_id = entry["user_id"]
        self.token = entry["token"]

    def post(self, text: str, *, reply_to: Any = None, quote: Any = None) -> str:
        """Post `text`; returns the id."""
        body: dict[str, Any] = {"text": text}
        if reply_to is not None:
            body["reply"] = {"in_reply_to_tweet_id": str(reply_to)}
        if quote is not None:
            body["quote_tweet_id"] = str(quote)
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.post(f"{self._practice.url}/2/tweets", json=body, headers=headers, timeout=10)
        assert answer.status_code == 201, answer.text
        made: str = answer.json()["data"]["id"]
        return made


@pytest.fixture
def person(practice: PracticeThread) -> Callable[..., Person]:
    """Makes people by handle."""
    return _maker_of_people(practice)


@pytest.fixture
def standing_person(standing: PracticeThread) -> Callable[..., Person]:
    """Makes people by handle on the standing practice account."""
    return _maker_of_people(standing)


def _maker_of_people(practice: PracticeThread) -> Callable[..., Person]:
    def make(handle: str = "kim_r", **more: Any) -> Person:
        entry = {"handle": handle, "name": handle.title(), **more}
        return Person(practice, practice.control("POST", "/people", [entry])["people"][0])

    return make


@pytest.fixture
def ask(practice: PracticeThread) -> Callable[..., requests.Response]:
    """Plain HTTP with the company's OAuth 2 token: `ask("GET", "/2/tweets", ids="1")`."""
    return _asker_of(practice)


@pytest.fixture
def ask_standing(standing: PracticeThread) -> Callable[..., requests.Response]:
    """The same of the standing practice account."""
    return _asker_of(standing)


def _asker_of(practice: PracticeThread) -> Callable[..., requests.Response]:
    def call(method: str, path: str, body: Any = None, *, token: str | None = None, **query: Any) -> requests.Response:
        bearer = practice.credentials["oauth2"]["access_token"] if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return requests.request(
            method, practice.url + path, params=query, json=body, headers=headers, timeout=10, allow_redirects=False
        )

    return call
