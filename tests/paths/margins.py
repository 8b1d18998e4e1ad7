"""What leaves the gateway besides answers (log lines, metrics, errors), collected over the whole run, and the search in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
import structlog

from gateway import logs
from tests.system import METRICS_SEEN, told
from tests.wire import PROBLEMS_SEEN

LINES: list[str] = []
"""Everything that structlog and the standard library's logging wrote, as it would have reached a log file."""

_SWEEP = "tests/paths/test_margins.py"


class Ear(io.TextIOBase):
    """A stream that keeps what is written to it."""

    def write(self, text: str) -> int:
        LINES.append(text)
        return len(text)


_EAR = Ear()


def listen() -> None:
    """Sets up the gateway's own logging towards us, where it is not so already."""
    factory = structlog.get_config()["logger_factory"]
    root = logging.getLogger().handlers
    heard = any(isinstance(each, logging.StreamHandler) and each.stream is _EAR for each in root)
    if not heard or getattr(factory, "_file", None) is not _EAR:
        logs.configure("json", _EAR)


def is_last(item: pytest.Item) -> bool:
    return item.nodeid.startswith(_SWEEP)


def margins() -> dict[str, list[str]]:
    """Everything collected so far, by kind."""
    return {"logs": LINES, "metrics": METRICS_SEEN, "problems": PROBLEMS_SEEN}


def people() -> Iterator[tuple[str, str, str]]:
    """Key, number and name of everybody in `contracts/people.yaml`, those whom the gateway refuses too."""
    _, cast, _ = told()
    yield from ((key, member.citizen_id, member.name) for key, member in cast.people.items())
    yield from ((key, refused.number, refused.name) for key, refused in cast.refused.items())


def needles() -> dict[str, str]:
    """What must not be found, in every spelling that a log, a URL or a repr gives it -> whose it is.

    A number counts without its last character (x and X are the same person); a name counts whole. The names are made-up
    words (`测试父`), of which a test says that no static text of ours holds one.
    """
    return {spelled: key for key, number, name in people() for spelled in (number[:-1], *_spellings(name))}


def _spellings(name: str) -> Iterable[str]:
    data = name.encode()
    return {
        name,
        name.encode("ascii", "backslashreplace").decode(),  # a Python repr
        json.dumps(name)[1:-1],  # JSON with ASCII only: a rare character is two halves there
        quote(name),
        quote(name).lower(),
        repr(data)[2:-1],
        repr(name.encode("gb18030"))[2:-1],
    }


def found(texts: Iterable[str]) -> dict[str, Any]:
    """Whose number or name stands in which of the texts: by key, so that the report does not spread them further."""
    wanted = needles()
    return {key: number for number, text in enumerate(texts) for needle, key in wanted.items() if needle in text}
