"""JSON (RFC 8259) without its traps: no duplicate names, no NaN, no huge numbers, no deep nesting, UTF-8 without a mark.

The same reader serves requests from consumers and replies from authorities. A failure has a stable code and a place, and
never holds a part of the input.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

MAX_DEPTH = 32
MAX_NUMBER_CHARACTERS = 40

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"')
_ALIKE = bytes.maketrans(b"{}", b"[]")
_OPENS = ord("[")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class NotJson(ValueError):
    """The bytes are no JSON that we read. `code` is stable; line and column count from 1 and may be unknown."""

    def __init__(self, code: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        self.column = column


class _Duplicate(Exception):
    """A name that stands twice in one object."""


def read(data: bytes) -> Any:
    """The value.

    Raises:
        NotJson: json_malformed, json_duplicate_key, json_number, json_depth or json_encoding.
    """
    text = _text(data)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson("json_malformed", error.lineno, error.colno) from error
    except _Duplicate as error:
        raise NotJson("json_duplicate_key") from error
    except RecursionError as error:
        raise NotJson("json_depth") from error
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH and _is_too_deep(data):
        raise NotJson("json_depth")
    if "\\u" in text:
        _require_unicode(value)
    return value


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJson("json_encoding") from error
    if text.startswith("\ufeff"):
        raise NotJson("json_encoding", 1, 1)
    return text


def _require_unicode(value: Any) -> None:
    """An escaped half of a surrogate pair is JSON by its grammar, and text that nothing behind us could write down."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise NotJson("json_encoding") from error


def _is_too_deep(data: bytes) -> bool:
    """Whether the brackets of well-formed JSON nest deeper than MAX_DEPTH. Python's decoder itself ends near 1000."""
    brackets = _STRING.sub(b"", data).translate(_ALIKE, _NO_BRACKETS)
    level = 1  # the innermost brackets go at the speed of a copy: a long list of small things is mostly those
    for bracket in brackets.replace(b"[]", b""):
        level += 1 if bracket == _OPENS else -1
        if level > MAX_DEPTH:
            return True
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Duplicate
    return found


def _constant(_: str) -> NoReturn:
    raise NotJson("json_number")


def _integer(text: str) -> int:
    if len(text) > MAX_NUMBER_CHARACTERS:
        raise NotJson("json_number")
    return int(text)


def _decimal(text: str) -> float:
    value = float(text) if len(text) <= MAX_NUMBER_CHARACTERS else float("inf")
    if value in (float("inf"), float("-inf")):
        raise NotJson("json_number")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_decimal
)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)


def places(text: str, wanted: set[tuple[str | int, ...]]) -> dict[tuple[str | int, ...], tuple[int, int]]:
    """Line and column (from 1) of each wanted value of a well-formed text; for a member, where its name stands.

    One pass over the tokens, for error messages only.
    """
    found: dict[tuple[str | int, ...], tuple[int, int]] = {}
    walker = _Walker()
    for token in _TOKEN.finditer(text):
        pointer = walker.step(token[0])
        if pointer is not None and pointer in wanted and pointer not in found:
            start = token.start()
            found[pointer] = (text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))
    return found


class _Walker:
    """Follows the tokens of well-formed JSON and knows the pointer of each value and each member name."""

    def __init__(self) -> None:
        self.path: list[str | int] = []
        self.in_object: list[bool] = []
        self.expects_name = False

    def step(self, mark: str) -> tuple[str | int, ...] | None:
        if mark in "{[":
            here = tuple(self.path)
            self.in_object.append(mark == "{")
            self.path.append("" if mark == "{" else 0)
            self.expects_name = mark == "{"
            return here
        if mark in "}]":
            self.in_object.pop()
            self.path.pop()
            self.expects_name = False  # an empty object ends while one is expected
            return None
        if mark == ",":
            self._next()
            return None
        if mark == ":":
            return None
        if self.expects_name:
            self.path[-1] = json.loads(mark)
            self.expects_name = False
        return tuple(self.path)

    def _next(self) -> None:
        last = self.path[-1]
        if isinstance(last, int):
            self.path[-1] = last + 1
        else:
            self.expects_name = True
