"""JSON without its traps, and the place of every value, held against an independent computation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.strict_json import MAX_DEPTH, MAX_NUMBER_CHARACTERS, NotJson, places, read


def refusal(data: bytes) -> tuple[str, int | None, int | None]:
    with pytest.raises(NotJson) as refused:
        read(data)
    assert str(refused.value) == refused.value.code
    return refused.value.code, refused.value.line, refused.value.column


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "json_malformed"),
        (b"{", "json_malformed"),
        (b"{'a': 1}", "json_malformed"),
        (b'{"a": 1} x', "json_malformed"),
        (b'{"a": 1}{"a": 1}', "json_malformed"),
        (b'{"a": 01}', "json_malformed"),
        (b'{"a": "tab\there"}', "json_malformed"),
        (b'[1, 2, ]', "json_malformed"),
        (b'"' + b"[" * 40, "json_malformed"),
        (b"[" * 33 + b'"' + b'\\"' * 30_000, "json_malformed"),
        (b"[" * 33 + b'"' * 60_000, "json_malformed"),
        (b'{"a": 1, "a": 2}', "json_duplicate_key"),
        (b'{"a": 1, "\\u0061": 2}', "json_duplicate_key"),
        (b'[{"b": {"a": 1, "a": 1}}]', "json_duplicate_key"),
        (b"NaN", "json_number"),
        (b"[Infinity]", "json_number"),
        (b'{"a": -Infinity}', "json_number"),
        (b"1e400", "json_number"),
        (b"-1e400", "json_number"),
        (b"9" * 5000, "json_number"),
        (b"0." + b"1" * 5000, "json_number"),
        (b"[" * 33 + b"]" * 33, "json_depth"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "json_depth"),
        (b"[" * 100_000, "json_depth"),
        (b"\xef\xbb\xbf{}", "json_encoding"),
        (b'"\xff"', "json_encoding"),
        ("测试".encode("gbk"), "json_encoding"),
        ('{"a": 1}'.encode("utf-16"), "json_encoding"),
        (rb'"\ud800"', "json_encoding"),
        (rb'{"a": ["\udc00\ud800"]}', "json_encoding"),
        (rb'{"\ud83d": 1}', "json_encoding"),
    ],
)  # fmt: skip
def test_refused(data, code):
    assert refusal(data)[0] == code


@pytest.mark.parametrize("depth", [1, 2, 31, 32, 33, 34, 500])
@pytest.mark.parametrize("more", ["", "[], {}, ", '"]]]]", "{", "\\\\\\"[", '])
def test_the_depth_is_counted_to_the_level(depth, more):
    data = ('{"a": [' + more) * (depth // 2) + "[" * (depth % 2) + "1" + "]" * (depth % 2) + "]}" * (depth // 2)
    if depth + (more.startswith("[") and depth % 2 == 0) <= MAX_DEPTH:
        read(data.encode())
    else:
        assert refusal(data.encode())[0] == "json_depth"


def test_malformed_json_has_a_place():
    assert refusal(b'{"a": 1,\n "b": }') == ("json_malformed", 2, 7)
    assert refusal(b"\xef\xbb\xbf{}") == ("json_encoding", 1, 1)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b" {} ", {}),
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, None),
        (b'"' + b"[" * 100 + b'"', "[" * 100),
        (b'"\\"' + b"{" * 100 + b'"', '"' + "{" * 100),
        (b"9" * MAX_NUMBER_CHARACTERS, int("9" * MAX_NUMBER_CHARACTERS)),
        (b"-0.5e1", -5.0),
        (rb'"\ud83d\ude00"', "😀"),
        ("{\"a\": \"测试\\u4e00\"}".encode(), {"a": "测试一"}),
    ],
)  # fmt: skip
def test_taken(data, value):
    found = read(data)
    assert value is None or found == value


TEXT = st.text(alphabet=st.sampled_from('ab{}[]",:\\\n\r\t /测😀\x7f'), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
SPACE = st.text(alphabet=" \t\r\n", max_size=3)


@given(VALUES)
def test_what_json_writes_is_read_back(value):
    assert read(json.dumps(value, ensure_ascii=False).encode()) == value
    assert read(json.dumps(value).encode()) == value


class Writer:
    """Writes a value token by token and notes where each pointer's name (or value) begins."""

    def __init__(self, spaces: Any) -> None:
        self.text = ""
        self.spaces = spaces
        self.starts: dict[tuple[str | int, ...], int] = {}

    def put(self, token: str, pointer: tuple[str | int, ...] | None = None) -> None:
        self.text += self.spaces()
        if pointer is not None:
            self.starts.setdefault(pointer, len(self.text))
        self.text += token

    def value(self, value: Any, pointer: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            self.put("{", pointer)
            for index, (name, inner) in enumerate(value.items()):
                if index:
                    self.put(",")
                self.put(json.dumps(name, ensure_ascii=False), (*pointer, name))
                self.put(":")
                self.value(inner, (*pointer, name))
            self.put("}")
        elif isinstance(value, list):
            self.put("[", pointer)
            for index, inner in enumerate(value):
                if index:
                    self.put(",")
                self.value(inner, (*pointer, index))
            self.put("]")
        else:
            self.put(json.dumps(value), pointer)


def line_and_column(text: str, start: int) -> tuple[int, int]:
    before = text[:start].split("\n")
    return len(before), len(before[-1]) + 1


@given(VALUES, st.data())
def test_the_place_of_every_pointer(value, data):
    writer = Writer(lambda: data.draw(SPACE))
    writer.value(value, ())
    assert json.loads(writer.text) == value
    right = {pointer: line_and_column(writer.text, start) for pointer, start in writer.starts.items()}
    assert places(writer.text, set(right)) == right


def test_only_what_is_wanted_is_found():
    text = '{"a": [1, {"b": 2}],\n "c": 3}'
    assert places(text, {("a", 1, "b"), ("c",), ("z",)}) == {("a", 1, "b"): (1, 12), ("c",): (2, 2)}
    assert places(text, set()) == {}
