"""Logs: structured, to standard error, for people or as JSON lines; and never with a secret in them.

Three nets, each of which would do: the libraries that print tokens at DEBUG are kept above it; what stands under a
name such as "token" or "authorization" is concealed; every known secret value, and whatever looks like a header that
carries one, is struck out of the finished line, tracebacks included.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TextIO, cast

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.types import Processor, WrappedLogger

CONCEALED = "[concealed]"
# These print bearer tokens and signatures at DEBUG.
WIRE_LOGGERS = ("tweepy", "requests", "urllib3", "requests_oauthlib", "oauthlib")

_SECRET_NAME = re.compile(
    r"(?i)(secret|token|passw(or)?d|authorization|cookie|credential|bearer|api_?key|signature|verifier"
    r"|consumer_key|cipher)"
)
# Names that hold such a word and are no secrets: X's paging tokens, counts of tokens and the like.
_HARMLESS_NAME = re.compile(r"(?i)^(next_token|previous_token|pagination_token|token_type|.*_count|.*_expires_at)$")
_SECRET_SHAPE = re.compile(
    r"""(?ix)
    (?P<kept>
        \b(?:bearer|basic)[ ]+ (?=\S{8})
      | \boauth_(?:token|signature|consumer_key|verifier|token_secret)["']?\s*[=:]\s*["']?
      | \b(?:access_token|refresh_token|client_secret|code_verifier|consumer_secret|access_token_secret)
        ["']?\s*[=:]\s*["']?
    )
    [^\s"'&,;]+
    """
)
_SHORTEST_SECRET = 6

# Renewed tokens add two every two hours; one that is a week old has long ended.
_MOST_KNOWN = 200

_known: dict[str, None] = {}
_lock = threading.Lock()


def conceal_values(values: Iterable[str]) -> None:
    """From now on strike these values out of every line that is logged. Values under 6 characters are passed over.

    The 200 that were named last are known.
    """
    with _lock:
        for value in values:
            if len(value) >= _SHORTEST_SECRET:
                _known.pop(value, None)
                _known[value] = None
        for value in list(_known)[:-_MOST_KNOWN]:
            del _known[value]


def concealed(text: str) -> str:
    """`text` without known secrets and without what looks like one in a header or a form."""
    with _lock:
        known = sorted(_known, key=len, reverse=True)  # a secret that holds another goes first
    for value in known:
        if value in text:
            text = text.replace(value, CONCEALED)
    return _SECRET_SHAPE.sub(lambda found: found["kept"] + CONCEALED, text)


def conceal_fields(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """structlog processor: conceal whatever stands under a secret's name, however deep."""
    return {name: _field(name, value) for name, value in event.items()}


def _field(name: object, value: Any) -> Any:
    if isinstance(name, str) and _SECRET_NAME.search(name) and not _HARMLESS_NAME.match(name) and value:
        return value if isinstance(value, bool | int | float) else CONCEALED
    if isinstance(value, Mapping):
        return {key: _field(key, inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_field(None, inner) for inner in value]
    return value


class _ConcealingFormatter(ProcessorFormatter):
    """The last net: works on the line as it will be written."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without secrets."""
        return concealed(super().format(record))


def configure_logging(
    level: str = "info",
    format: Literal["console", "json"] = "console",  # noqa: A002
    stream: TextIO | None = None,
) -> None:
    """Send all logs, structlog's and the standard library's, to `stream` (default: standard error).

    May be called again: the last call counts.
    """
    stream = sys.stderr if stream is None else stream
    shared: Sequence[Processor] = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        # Plain tracebacks: the pretty ones print local variables, and those hold tokens.
        structlog.processors.format_exc_info,
        cast("Processor", conceal_fields),
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        _ConcealingFormatter(
            foreign_pre_chain=shared,
            processors=[ProcessorFormatter.remove_processors_meta, _renderer(format, stream)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    quiet_wire_loggers()


def _renderer(format: str, stream: TextIO) -> Processor:  # noqa: A002
    if format == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback, sort_keys=False
    )


def quiet_wire_loggers() -> None:
    """Keep the loggers that print tokens at DEBUG at INFO or above, whatever the root's level is."""
    for name in WIRE_LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.INFO))


@contextmanager
def own_context() -> Iterator[None]:
    """What is said with `about` inside the block is forgotten at its end, and what was said before holds again."""
    before = structlog.contextvars.get_contextvars()
    try:
        yield
    finally:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(**before)


def about(**fields: int | str | None) -> None:
    """Put these fields on every line that this thread logs from now on, whoever logs it; those that are None are left
    out. A line's own field of the same name wins."""
    given = {name: value for name, value in fields.items() if value is not None}
    structlog.contextvars.unbind_contextvars(*fields)
    structlog.contextvars.bind_contextvars(**given)


def get_logger(name: str) -> BoundLogger:
    """A logger: `log.info("posted", outbox=7)` writes an event with its fields. Works before `configure_logging`."""
    logger: BoundLogger = structlog.stdlib.get_logger(name)
    return logger
