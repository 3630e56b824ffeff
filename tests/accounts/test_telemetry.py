"""Logs hold what happened and no secret, as lines for people and as JSON."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
import structlog

from reinforce.telemetry import CONCEALED, WIRE_LOGGERS, conceal_values, concealed, configure_logging, get_logger

SECRET = "s3cr3t-t0ken-value/with+signs="


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Put the process's logging back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


Configure = Callable[..., io.StringIO]


@pytest.fixture
def configure() -> Configure:
    """Configures logging; gives the stream it writes to."""

    def start(level: str = "info", format: Literal["console", "json"] = "json") -> io.StringIO:  # noqa: A002
        stream = io.StringIO()
        configure_logging(level, format, stream)
        return stream

    return start


def test_an_event_is_one_line_of_json_with_its_fields(configure: Configure) -> None:
    stream = configure()
    get_logger("reinforce.daemon").info("posted", outbox=7, text="Grüße")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["outbox"], line["text"]) == ("posted", 7, "Grüße")
    assert (line["level"], line["logger"]) == ("info", "reinforce.daemon")
    assert line["timestamp"].endswith("Z")


def test_a_line_for_people_holds_the_same(configure: Configure) -> None:
    stream = configure(format="console")
    get_logger("reinforce.daemon").warning("held", outbox=7)
    assert "held" in stream.getvalue()
    assert "outbox=7" in stream.getvalue()
    assert stream.getvalue().count("\n") == 1


def test_the_level_holds_for_ours_and_for_the_libraries(configure: Configure) -> None:
    stream = configure("warning")
    get_logger("a").info("quiet")
    logging.getLogger("uvicorn").info("quiet")
    logging.getLogger("uvicorn").warning("loud %s", "enough")
    assert json.loads(stream.getvalue())["event"] == "loud enough"


@pytest.mark.parametrize("name", WIRE_LOGGERS)
def test_libraries_that_print_tokens_stay_above_debug(configure: Configure, name: str) -> None:
    stream = configure("debug")
    logging.getLogger(f"{name}.client").debug("Authorization: Bearer %s", SECRET)
    assert stream.getvalue() == ""


@pytest.mark.parametrize("shape", ["console", "json"])
def test_a_known_secret_is_struck_out_wherever_it_stands(configure: Configure, shape: str) -> None:
    conceal_values([SECRET])
    stream = configure("debug", shape)
    log = get_logger("a")
    log.info(f"event {SECRET}", field=SECRET, deep={"list": [SECRET], SECRET: 1})
    log.info("said %s", SECRET)
    logging.getLogger("other").error("stdlib %s", SECRET)
    try:
        raise ValueError(f"broken by {SECRET}")
    except ValueError:
        log.exception("failed")
        logging.getLogger("other").exception("failed")
    assert SECRET not in stream.getvalue()
    assert stream.getvalue().count(CONCEALED) >= 7
    assert "ValueError: broken by" in stream.getvalue()


def test_a_traceback_shows_no_local_variables(configure: Configure) -> None:
    stream = configure(format="console")
    hidden_local = "value-that-only-a-variable-holds"
    try:
        raise ValueError(len(hidden_local))
    except ValueError:
        get_logger("a").exception("failed")
    assert "value-that-only" not in stream.getvalue().replace('hidden_local = "value-that-only', "")


def test_what_stands_under_a_secrets_name_is_concealed(configure: Configure) -> None:
    stream = configure()
    get_logger("a").info(
        "call",
        access_token="abc123xyz",
        headers={"Authorization": "Basic abc123xyz"},
        client_secret="abc123xyz",
        nested=[{"password": "abc123xyz"}],
        next_token="b26v89c",
        tokens=3,
    )
    line = json.loads(stream.getvalue())
    assert "abc123xyz" not in stream.getvalue()
    assert (line["next_token"], line["tokens"]) == ("b26v89c", 3)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefgh12345678",
        'OAuth oauth_consumer_key="abcdefgh12345678", oauth_signature="abcdefgh12345678"',
        "grant_type=refresh_token&refresh_token=abcdefgh12345678&client_id=c",
        '{"access_token": "abcdefgh12345678"}',
        "Basic abcdefgh12345678",
    ],
)
def test_what_looks_like_a_secret_is_struck_out(text: str) -> None:
    assert "abcdefgh12345678" not in concealed(text)
    assert CONCEALED in concealed(text)


@pytest.mark.parametrize("text", ["The basic idea of lockout", "a bearer of news", "Tokens were renewed."])
def test_plain_words_are_left_alone(text: str) -> None:
    assert concealed(text) == text


def test_configuring_twice_writes_each_line_once(configure: Configure) -> None:
    configure()
    stream = configure()
    get_logger("a").info("once")
    assert stream.getvalue().count("once") == 1
