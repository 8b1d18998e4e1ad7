"""Captures as tools write them: raw with either line end, chunked, cut short, and curl's hex trace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.doctor import captures
from gateway.security.doctor.captures import Unreadable
from gateway.security.doctor.diagnosis import diagnose
from tests.security.doctor.cases import BODY, asked, case, only, trace


def test_either_line_end_and_an_editors_last_one_are_read() -> None:
    raw = asked().bytes()
    head, _, body = raw.partition(b"\r\n\r\n")
    unix = head.replace(b"\r\n", b"\n") + b"\n\n" + body
    for data in (raw, unix, unix + b"\n", b"\xef\xbb\xbf\r\n" + raw):
        assert captures.read(data).request.body == BODY
        assert diagnose(case(data)).code == ""


def test_header_names_are_read_in_any_case_and_values_kept() -> None:
    message = captures.read(b"POST /x HTTP/1.1\r\nX-A:  b \r\nx-a: c\r\n\r\n").request
    assert (message.method, message.target, message.header("x-a")) == ("POST", "/x", ["b", "c"])


def test_chunks_are_put_together() -> None:
    chunked = asked(sent={"Content-Length": None, "Transfer-Encoding": "chunked"})
    whole = chunked.head() + b"4\r\n" + BODY[:4] + b"\r\n%x;x=1\r\n" % (len(BODY) - 4) + BODY[4:] + b"\r\n0\r\n\r\n"
    assert captures.read(whole).request.body == BODY
    assert captures.read(chunked.head() + BODY).request.body == BODY, "a tool has put it together already"


def test_a_capture_that_was_cut_short_says_so() -> None:
    found = diagnose(case(asked().bytes()[:-3]))
    cause = only(found)
    assert (found.code, cause.word, cause.facts["bytes"], cause.is_proved) == ("digest", "capture_short", "3", True)
    assert found.is_explained, "the signature is right"


def test_a_trace_of_curl_holds_the_answer_as_well() -> None:
    raw = asked().bytes()
    found = captures.read(trace(raw, b"HTTP/1.1 401 Unauthorized\r\nDate: x\r\n\r\n{}"))
    assert (found.request.body, diagnose(case(trace(raw))).code) == (BODY, "")
    assert found.answer is not None
    assert (found.answer.start, found.answer.body) == ("HTTP/1.1 401 Unauthorized", b"{}")
    assert captures.read_answer(trace(raw, b"HTTP/1.1 401 x\r\n\r\n{}")).body == b"{}"
    assert captures.read(trace(raw)).answer is None


@given(st.binary(max_size=200))
def test_any_bytes_survive_a_trace(body: bytes) -> None:
    raw = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    assert captures.read(trace(raw)).request.body == body


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "line 1"),
        (b"{}", "line 1"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "line 1 is not a request line"),
        (b"POST / HTTP/1.1\r\nHost: x", "empty line"),
        (b"POST / HTTP/1.1\r\nno header\r\n\r\n", "line 2"),
        (b"=> Send header, 3 bytes\n0000: POST / HTTP/1.1\n", "--trace-ascii"),
        (b"x" * (captures.MAX_BYTES + 1), "larger than"),
    ],
)
def test_what_is_no_capture_is_refused_without_being_quoted(data: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says) as refused:
        captures.read(data)
    assert "no header" not in str(refused.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_unreadable(data: bytes) -> None:
    for read in (captures.read, captures.read_answer):
        try:
            read(data)  # type: ignore[operator]
        except Unreadable:
            continue
