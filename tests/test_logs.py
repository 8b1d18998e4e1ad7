"""Logs: what is allowed gets out, what is not does not, and libraries' words never do."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from gateway import logs
from tests.paths.margins import listen

NUMBER = "229901201206011035"


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.configure("json", stream)
    yield stream
    listen()


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_its_time(out: io.StringIO):
    structlog.get_logger("x").warning("check.failed", authority="a", channel="b", status="timeout", why="no reply")
    (line,) = lines(out)
    assert line.pop("timestamp")
    assert line == {
        "event": "check.failed", "level": "warning", "authority": "a", "channel": "b", "status": "timeout", "why": "no reply",
    }  # fmt: skip


def test_a_field_that_is_not_allowed_is_dropped(out: io.StringIO):
    structlog.get_logger("x").info("check.answered", name="n", subject=NUMBER, person="测试子", body=b"secret")
    (line,) = lines(out)
    assert line.keys() == {"event", "level", "timestamp", "name"}


@pytest.mark.parametrize(
    "text", [NUMBER, f"about {NUMBER}!", "22990120030502104X", "22990120030502104x", "229901880512101"]
)
def test_a_number_as_long_as_an_identity_number_is_masked(out: io.StringIO, text: str):
    structlog.get_logger("x").info("check.broke", why=text, error=f"KeyError: {text}")
    (line,) = lines(out)
    assert "[number]" in str(line["why"])
    assert "2299" not in out.getvalue()


def test_debug_is_not_written(out: io.StringIO):
    structlog.get_logger("x").debug("check.answered")
    assert out.getvalue() == ""


def test_a_library_is_named_and_not_quoted(out: io.StringIO):
    try:
        raise ValueError(NUMBER)
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling request about %s", NUMBER)
    logging.getLogger("asyncio").warning("slow callback %s", NUMBER)
    logging.getLogger("asyncio").info("not worth it")
    first, second = lines(out)
    assert first == {"event": "library.logged", "name": "aiohttp.server", "level": "error", "error": "ValueError"}
    assert second == {"event": "library.logged", "name": "asyncio", "level": "warning", "error": "-"}


def test_text_is_for_people(out: io.StringIO):
    logs.configure("text", out)
    structlog.get_logger("x").info("gateway.started", url="http://127.0.0.1:1", secret=NUMBER)
    assert "gateway.started" in out.getvalue()
    assert "url=http://127.0.0.1:1" in out.getvalue()
    assert "2299" not in out.getvalue()


def test_none_is_silent(out: io.StringIO):
    logs.configure("none", out)
    structlog.get_logger("x").error("request.broke")
    logging.getLogger("asyncio").error("broken")
    assert out.getvalue() == ""
