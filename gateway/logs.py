"""Structured logs with an allow-list: a field that is not listed here is dropped, so no person can reach a log line.

One JSON object (or one line of text) per event on standard error. Log events are dotted and in the past tense.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Literal, TextIO

import structlog

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "authority", "channel", "status", "why", "error", "where", "url", "admin_url",
        "code", "name", "count", "seconds", "signal", "consumer", "entry_id",
    }
)  # fmt: skip
"""Every field a log line may have. Adding one is a decision about personal data: say in the commit what it can hold."""

_LONG_NUMBER = re.compile(r"[0-9]{14}[0-9]*[0-9Xx]?")


def only_allowed(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drops what is not allowed; and, should a number as long as an identity number still be in a text, masks it."""
    return {key: _masked(value) for key, value in event.items() if key in ALLOWED}


def _masked(value: Any) -> Any:
    return _LONG_NUMBER.sub("[number]", value) if isinstance(value, str) else value


class _NoMessage(logging.Formatter):
    """For libraries' own log lines: who and how bad, never the message, which may hold what somebody sent."""

    def format(self, record: logging.LogRecord) -> str:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else "-"
        return (
            f'{{"event":"library.logged","name":"{record.name}","level":"{record.levelname.lower()}","error":"{kind}"}}'
        )


class _Unfailing:
    """A stream whose reader may be gone or whose disk may be full: a line that cannot be written is lost, and counted.

    What happens must not depend on whether it can be told: an exception here would end a watch, or cost an answer.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        self._try(self._stream.write, text)

    def flush(self) -> None:
        self._try(self._stream.flush)

    def _try(self, act: Callable[..., object], *given: str) -> None:
        try:
            act(*given)
        except (OSError, ValueError):  # ValueError: the stream is closed
            lost.count += 1


@dataclass
class Lost:
    """How many times this process could not write to its log."""

    count: int = 0


lost = Lost()


def place_of(error: Exception) -> str:
    """The kind of an unexpected error and where it came from; never its text, which may hold what somebody sent."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    return f"{type(error).__name__} in {trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"


def configure(kind: Literal["json", "text", "none"], stream: TextIO | None = None) -> None:
    """Sets up structlog and the standard library's logging for this process."""
    out: Any = _Unfailing(stream or sys.stderr)
    handler: logging.Handler = logging.NullHandler() if kind == "none" else logging.StreamHandler(out)
    handler.setFormatter(_NoMessage())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=False) if kind == "text" else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            only_allowed,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL if kind == "none" else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
