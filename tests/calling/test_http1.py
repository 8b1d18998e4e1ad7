"""Replies as bytes: what is read, what is refused, and that an independent parser (llhttp) agrees."""

from __future__ import annotations

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from gateway.calling.http1 import MAX_FIELDS, MAX_HEAD_BYTES, MAX_INTERIM, Incoming, request
from gateway.errors import BadReply, Unreachable

LIMIT = 1000
OK = b"HTTP/1.1 200 OK\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def read(*pieces: bytes, limit: int = LIMIT) -> Incoming:
    incoming = Incoming(limit)
    for piece in pieces:
        incoming.feed(piece)
    return incoming


WHOLE = {
    "counted": (OK + b"Content-Length: 3\r\n\r\nabc", b"abc", True),
    "empty": (OK + b"Content-Length: 0\r\n\r\n", b"", True),
    "chunked": (CHUNKED + b"3\r\nabc\r\n2;a=b\r\nde\r\n0\r\n\r\n", b"abcde", True),
    "chunked, nothing in it": (CHUNKED + b"0\r\n\r\n", b"", True),
    "chunked, with a trailer": (CHUNKED + b"1\r\na\r\n000\r\nA: b\r\nC: d\r\n\r\n", b"a", True),
    "chunked, another case": (OK + b"transfer-encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n", b"0123456789", True),
    "no reason": (b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na", b"a", True),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", b"", True),
    "interim first": (INTERIM + OK + b"Content-Length: 1\r\n\r\na", b"a", True),
    "they close": (OK + b"Connection: close\r\nContent-Length: 1\r\n\r\na", b"a", False),
    "they close, in a list": (OK + b"Connection: x\r\nConnection: y , Close\r\nContent-Length: 1\r\n\r\na", b"a", False),
    "the old version": (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", b"a", False),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_reply_is_read_whether_it_comes_at_once_or_byte_by_byte(name):
    data, body, is_keepable = WHOLE[name]
    at_once, slowly = Incoming(LIMIT), Incoming(LIMIT)
    assert at_once.feed(data)
    assert [slowly.feed(bytes([byte])) for byte in data] == [False] * (len(data) - 1) + [True]
    for incoming in (at_once, slowly):
        assert incoming.reply is not None
        assert (incoming.reply.body, incoming.is_keepable) == (body, is_keepable)


@pytest.mark.parametrize("name", [name for name in WHOLE if WHOLE[name][2]])
@pytest.mark.parametrize("surplus", [b"\r\n", b"x", OK + b"Content-Length: 0\r\n\r\n"])
def test_bytes_after_the_end_are_nobodys_reply_and_end_the_connection(name, surplus):
    incoming = Incoming(LIMIT)
    assert incoming.feed(WHOLE[name][0] + surplus)
    assert incoming.reply is not None
    assert (incoming.reply.body, incoming.is_keepable) == (WHOLE[name][1], False)


def test_without_a_length_the_end_of_the_connection_is_the_end():
    incoming = read(OK + b"A: b\r\n\r\nab", b"cd")
    assert incoming.reply is None
    assert incoming.end().body == b"abcd"
    assert not incoming.is_keepable


def test_what_was_cut_short_is_unreachable_wherever_it_was_cut():
    for data, _, _ in WHOLE.values():
        for length in range(len(data)):
            with pytest.raises(Unreachable):
                read(data[:length]).end()


HEADERS = [
    b"A: b\r\n folded", b"A: b\r\n\tfolded", b"A: \x00", b"A: a\rb", b"A: a\nb: c", b"A : b", b" A: b", b"A", b": b",
    b"A\x00: b", b"\xc3\xa9: b", b"A: \x7f", b"(A): b",
    b"Content-Length: 1\r\nContent-Length: 2", b"Content-Length: 1\r\nContent-Length: 1", b"Content-Length: 1, 1",
    b"Content-Length: +1", b"Content-Length: -1", b"Content-Length: 0x1", b"Content-Length: 1 1", b"Content-Length:",
    b"Content-Length: \xb2", b"Content-Length: 9999999999999",
    b"Content-Length: 1\r\nTransfer-Encoding: chunked", b"Transfer-Encoding: chunked\r\nContent-Length: 1",
    b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: identity", b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"Transfer-Encoding: chunked, chunked",
    b"Transfer-Encoding : chunked", b"Transfer-Encoding: \x0bchunked",
]  # fmt: skip


@pytest.mark.parametrize("lines", HEADERS)
def test_a_head_that_two_readers_may_read_in_two_ways_is_refused(lines):
    with pytest.raises(BadReply, match="not HTTP"):
        read(OK + lines + b"\r\n\r\n1\r\na\r\n0\r\n\r\n")


FIRST = [
    b"HTTP/1.1 20 OK", b"HTTP/1.1 2000 OK", b"HTTP/1.1 099 OK", b"HTTP/1.1  200 OK", b"HTTP/1.1\t200 OK", b"HTTP/2 200 OK",
    b"HTTP/1.2 200 OK", b"HTTP/1.11 200 OK", b"http/1.1 200 OK", b"HTTP/1.1 200 O\x00K", b"\r\nHTTP/1.1 200 OK",
    b"HTTP/1.1 200 OK\n", b"HTTP/1.1 101 Switching Protocols", b"200 OK",
]  # fmt: skip


@pytest.mark.parametrize("line", FIRST)
def test_a_first_line_that_is_not_one_is_refused(line):
    with pytest.raises(BadReply, match="not HTTP"):
        read(line + b"\r\nContent-Length: 0\r\n\r\n")


def test_chunks_in_the_old_version_are_refused():
    with pytest.raises(BadReply, match="not HTTP"):
        read(b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")


@pytest.mark.parametrize("start", [b"SSH-", b"\x16\x03\x01", b"HTTP/2", b"<"])
def test_another_protocol_is_told_by_its_first_bytes(start):
    with pytest.raises(BadReply, match="not HTTP"):
        read(start)


CHUNKS = [
    b"zz\r\n", b"\r\n", b"-1\r\na", b"+1\r\na", b"0x1\r\na", b"1\na\r\n", b" 1\r\na\r\n", b"1\r\nab", b"1\r\na\n", b"1\r\na\rb",
    b"1;\x00\r\na\r\n", b"123456789\r\n", b"1" * 300, b"0\r\nA : b\r\n\r\n", b"0\r\n folded\r\n\r\n", b"0\r\nA: \x00\r\n\r\n",
    b"0\r\nA: b\nC: d\r\n\r\n",
]  # fmt: skip


@pytest.mark.parametrize("chunks", CHUNKS)
def test_a_chunk_or_trailer_that_is_none_is_refused(chunks):
    with pytest.raises(BadReply, match="not HTTP"):
        read(CHUNKED + chunks)


def test_heads_trailers_and_interim_replies_have_an_end():
    almost = OK + b"A: " + b"x" * (MAX_HEAD_BYTES - len(OK) - 3)
    read(almost[:-1])
    for endless in (
        almost,
        OK + b"A: b\r\n" * (MAX_FIELDS + 1) + b"\r\n",
        CHUNKED + b"0\r\n" + b"A: b\r\n" * MAX_HEAD_BYTES,
    ):
        with pytest.raises(BadReply, match="not HTTP"):
            read(endless)
    interim = b"HTTP/1.1 102 Processing\r\n\r\n"
    read(interim * MAX_INTERIM)
    with pytest.raises(BadReply, match="not HTTP"):
        read(interim * (MAX_INTERIM + 1))


def test_no_more_than_the_limit_is_taken_in():
    for size in (LIMIT, LIMIT + 1):
        many = b"1\r\na\r\n" * size + b"0\r\n\r\n"
        for data in (
            OK + b"Content-Length: %d\r\n\r\n" % size,
            CHUNKED + b"%x\r\n" % size,
            CHUNKED + many,
            OK + b"\r\n" + b"a" * size,
        ):
            if size == LIMIT:
                read(data)
            else:
                with pytest.raises(BadReply, match="larger"):
                    read(data)


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=6), st.data())
def test_the_independent_parser_reads_the_same(chunks, data):
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    message = OK + b"A: b\r\na:  c \r\nTransfer-Encoding: chunked\r\n\r\n" + body
    cuts = sorted(data.draw(st.lists(st.integers(0, len(message)), max_size=5)))
    pieces = [message[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(message)], strict=True)]
    theirs, ours = _Oracle(), Incoming(LIMIT)
    parser = httptools.HttpResponseParser(theirs)
    for piece in pieces:
        parser.feed_data(piece)
        ours.feed(piece)
    assert theirs.is_whole
    assert ours.reply is not None
    assert (ours.reply.body, ours.reply.status) == (theirs.body, parser.get_status_code()) == (b"".join(chunks), 200)
    assert [(name.encode(), value.encode()) for name, value in ours.reply.headers.items()] == theirs.fields


@given(st.integers(0, 200), st.binary(max_size=3), st.integers(0, 3))
def test_what_the_independent_parser_refuses_is_no_reply(at, junk, cut):
    message = OK + b"A: b\r\nB: c\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nC: d\r\n\r\n"
    spoilt = message[:at] + junk + message[at + cut :]
    theirs = _Oracle()
    try:
        httptools.HttpResponseParser(theirs).feed_data(spoilt)
        are_content = True
    except httptools.HttpParserError:
        are_content = theirs.is_whole  # bytes after the end are an error there; here they end the connection
    try:
        ours = read(spoilt).reply
    except BadReply:
        return
    if ours is not None:  # else more must come first, here
        assert are_content
        assert ours.body == theirs.body


class _Oracle:
    def __init__(self) -> None:
        self.fields: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.is_whole = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value.rstrip(b" ")))

    def on_body(self, piece: bytes) -> None:
        if not self.is_whole:
            self.body += piece

    def on_message_complete(self) -> None:
        self.is_whole = True


def test_a_request_is_one_head_and_the_bytes():
    made = request(URL("http://[::1]:81/a%2Fb?c=%20", encoded=True), {"A": "b", "C": "d e"}, b"\x00\xff")
    assert (
        made == b"POST /a%2Fb?c=%20 HTTP/1.1\r\nHost: [::1]:81\r\nA: b\r\nC: d e\r\nContent-Length: 2\r\n\r\n\x00\xff"
    )
    assert request(URL("https://a.example/"), {}, b"").startswith(b"POST / HTTP/1.1\r\nHost: a.example\r\n")


@pytest.mark.parametrize(
    "headers", [{"A": "b\r\nC: d"}, {"A": "b\n"}, {"A\r\nB": "c"}, {"A b": "c"}, {"A": "\x00"}, {"A": "é"}, {"": "a"}]
)
def test_a_header_that_is_not_one_line_is_not_sent(headers):
    with pytest.raises(ValueError):
        request(URL("http://a.example/"), headers, b"")


@pytest.mark.parametrize(
    "name", ["Host", "host", "Content-Length", "CONTENT-LENGTH", "Transfer-Encoding", "Connection"]
)
def test_who_calls_does_not_frame_the_request_a_second_time(name):
    with pytest.raises(ValueError, match="a second time"):
        request(URL("http://a.example/"), {"A": "b", name: "0"}, b"ab")
