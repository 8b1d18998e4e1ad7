"""Log lines: only what is allowed, and no person whatever anybody logs."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway import logs

ID, NAME = "229901201206011035", "测试子"


@contextmanager
def configured(kind: str) -> Iterator[io.StringIO]:
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    out = io.StringIO()
    logs.configure(kind, out)
    try:
        yield out
    finally:
        structlog.configure(**before)
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)


def test_an_event_is_one_json_object_of_allowed_fields():
    with configured("json") as out:
        structlog.get_logger("x").warning("check.failed", authority="registry", status="timeout", name_of=NAME, body=ID)
    (line,) = out.getvalue().splitlines()
    event = json.loads(line)
    assert event.pop("timestamp").endswith("Z")
    assert event == {"event": "check.failed", "level": "warning", "authority": "registry", "status": "timeout"}


def test_an_exception_is_never_written_out():
    with configured("json") as out:
        try:
            raise ValueError(ID)
        except ValueError:
            structlog.get_logger("x").exception("check.broke", stack_info=True)
    assert ID not in out.getvalue()
    assert "Traceback" not in out.getvalue()


@pytest.mark.parametrize("number", [ID, "22990120120601103x", "229901120601103", "1" * 30])
def test_a_long_number_is_masked_even_where_a_text_is_allowed(number):
    with configured("text") as out:
        structlog.get_logger("x").error("check.broke", why=f"theirs: {number}!")
    assert number not in out.getvalue()
    assert "theirs: [number]!" in out.getvalue()


@given(st.dictionaries(st.text(min_size=1, max_size=12), st.text(max_size=20) | st.integers(), max_size=6))
def test_no_other_field_than_the_listed_ones(event):
    assert set(logs.only_allowed(None, "info", dict(event))) == set(event) & logs.ALLOWED


def test_the_allow_list_holds_nothing_that_names_a_person():
    assert not {"citizen_id", "subject", "guardian", "person", "body", "path", "exception", "exc_info"} & logs.ALLOWED


def test_info_is_written_and_debug_is_not():
    with configured("json") as out:
        structlog.get_logger("x").info("gateway.started")
        structlog.get_logger("x").debug("gateway.detail")
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["gateway.started"]


def test_libraries_say_who_and_how_bad_and_never_what():
    with configured("json") as out:
        logging.getLogger("aiohttp.server").error("request of %s for %s", NAME, ID)
        try:
            raise KeyError(ID)
        except KeyError:
            logging.getLogger("asyncio").exception("task of %s", NAME)
        logging.getLogger("asyncio").info(NAME)
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert first == {"event": "library.logged", "name": "aiohttp.server", "level": "error", "error": "-"}
    assert second == {"event": "library.logged", "name": "asyncio", "level": "error", "error": "KeyError"}


def test_none_is_silent():
    with configured("none") as out:
        structlog.get_logger("x").error("check.broke")
        logging.getLogger("asyncio").error(NAME)
    assert out.getvalue() == ""


class Full(io.StringIO):
    """A disk without room, or a reader that went away."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise BrokenPipeError


def test_a_line_that_cannot_be_written_costs_nothing_but_itself():
    with configured("json"):
        logs.configure("json", Full())
        before = logs.lost.count
        structlog.get_logger("x").error("check.failed", status="timeout")
        logging.getLogger("library").warning("anything")
        assert logs.lost.count >= before + 2
