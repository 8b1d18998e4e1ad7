"""Reading a question: JSON without its traps (hostile-inputs H41, H42), and any bytes whatever."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Refused
from gateway.web import questions
from gateway.web.problems import document
from tests.web.reading import GOOD, SECRET, body, fault, refused


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"", "json_malformed", (1, 1)),
        (b"{", "json_malformed", (1, 2)),
        (b'{"case_number": 1,\n "x" 2}', "json_malformed", (2, 6)),
        (b"{'case_number': 1}", "json_malformed", (1, 2)),
        (body() + b"x", "json_malformed", (1, len(body().decode()) + 1)),
        (body() + body(), "json_malformed", (1, len(body().decode()) + 1)),
        (b'{"a": 1, "a": 2}', "json_duplicate_key", None),
        (b'{"subject": {"citizen_id": "1", "citizen_id": "2"}}', "json_duplicate_key", None),
        (b'{"a": 1, "\\u0061": 2}', "json_duplicate_key", None),
        (b'{"a": NaN}', "json_number", None),
        (b'{"a": Infinity}', "json_number", None),
        (b'{"a": -Infinity}', "json_number", None),
        (b'{"a": 1e400}', "json_number", None),
        (b'{"a": ' + b"9" * 5000 + b"}", "json_number", None),
        (b'{"a": -' + b"9" * 5000 + b"}", "json_number", None),
        (b'{"a": 0.' + b"9" * 5000 + b"}", "json_number", None),
        (b"[" * 30_000, "json_depth", None),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "json_depth", None),
        (b"\xef\xbb\xbf" + body(), "json_encoding", (1, 1)),
        ("测试".encode("gbk"), "json_encoding", None),
        (body().decode().encode("utf-16"), "json_encoding", None),
    ],
)
def test_json_without_its_traps(data: bytes, code: str, place: tuple[int, int] | None):
    """H41, H42."""
    error = refused(data)
    assert error.code == code
    assert [(one.line, one.column) for one in error.faults] == ([place] if place else [])


def test_depth_is_counted_outside_of_strings():
    assert questions.read(body(case_number="JL-1")).case_number == "JL-1"
    assert fault(body(case_number="[" * 60)).pointer == "/case_number"


def test_a_lone_surrogate_is_no_character():
    data = body().replace("测试子".encode(), b"\\ud800")
    assert refused(data).code == "json_encoding"


_SPOTS = ["case_number", "application_date", "business_items", "purpose", "operator", "subject", "materials", SECRET]


@given(
    spots=st.lists(st.sampled_from(_SPOTS), min_size=1, unique=True),
    junk=st.sampled_from([SECRET, [SECRET], {SECRET: SECRET}, {"citizen_id": SECRET, "name": SECRET + "\n"}]),
)
def test_nothing_of_the_input_stands_in_a_refusal(spots: list[str], junk: Any):
    error = refused(body(**dict.fromkeys(spots, junk)))
    assert SECRET not in document(error).decode() + str(error) + repr(error.faults)


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(str.encode)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(list(GOOD)) | st.text(max_size=5), inner)
        ),
    ).map(lambda tree: json.dumps(tree).encode())
)
def test_any_bytes_are_a_question_or_refused(data: bytes):
    with suppress(Refused):
        questions.read(data)
