"""Bytes that are no request (hostile-inputs A): one fixed document, unsigned, on a connection that ends. Nothing is logged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from gateway.web.framing import MAX_HEAD_BYTES, MAX_HEADERS
from gateway.web.problems import document, refused
from tests.hostile.doorstep import QUOTED
from tests.paths.margins import LINES
from tests.web.doorway import BODY, Doorway, doorway
from tests.wire import until_closed

GET = b"GET /livez HTTP/1.1\r\nHost: gw.example\r\n"
Make = Callable[[Doorway], bytes]


def more(*lines: str) -> Make:
    """A good request with these header lines more."""
    return lambda door: door.ask().bytes(*lines)


def instead(**sent: str | None) -> Make:
    """A good request with other headers."""
    return lambda door: door.ask(sent={name.replace("_", "-"): value for name, value in sent.items()}).bytes()


def raw(data: bytes) -> Make:
    return lambda _: data


H01 = {
    "both lengths": more("Transfer-Encoding: chunked"),
    "both, the other way round": raw(
        b"POST /v1/verifications HTTP/1.1\r\nHost: gw.example\r\n"
        b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"
    ),
    "an encoding that is not chunked": instead(Content_Length=None, Transfer_Encoding=QUOTED),
    "chunked, and not last": instead(Content_Length=None, Transfer_Encoding="chunked, gzip"),
    "gzip inside chunked": instead(Content_Length=None, Transfer_Encoding="gzip, chunked"),
    "two encodings": lambda door: door.ask(sent={"Content-Length": None}).bytes(*["Transfer-Encoding: chunked"] * 2),
}  # fmt: skip
H02 = {
    "two equal": more(f"Content-Length: {len(BODY)}"),
    "two different": more("Content-Length: 3"),
    "a list": instead(Content_Length=f"{len(BODY)}, {len(BODY)}"),
    "with a sign": instead(Content_Length=f"+{len(BODY)}"),
    "negative": instead(Content_Length="-1"),
    "hexadecimal": instead(Content_Length="0xf"),
    "beyond all numbers": instead(Content_Length="9" * 30),
    "empty": instead(Content_Length=""),
}
H03 = {
    "folded": more(f"X-A: a\r\n {QUOTED}"),
    "bare LF": more("X-A: a\nX-B: b"),
    "bare CR": more("X-A: a\rX-B: b"),
    "NUL in a value": more("X-A: a\0b"),
    "NUL in a name": more("X\0A: a"),
    "space before the colon": more(f"{QUOTED} : a"),
    "space in a name": more("X A: a"),
    "no colon": more(QUOTED),
    "no name": more(": a"),
    "LF for every line": lambda door: door.ask().bytes().replace(b"\r\n", b"\n"),
    "a signature header twice over the fold": more("Signature-Input: gw=(\r\n )"),
}
LINE = {
    "no request line": raw(f"{QUOTED}\r\n\r\n".encode()),
    "a TLS hello": raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    "HTTP/2": raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "HTTP/0.9": raw(b"GET /livez\r\n\r\n"),
    "HTTP/2.0 in the line": raw(b"GET /livez HTTP/2.0\r\nHost: gw.example\r\n\r\n"),
    "HTTP/1.2": raw(b"GET /livez HTTP/1.2\r\nHost: gw.example\r\n\r\n"),
    "a method that is none": raw(f"{QUOTED} / HTTP/1.1\r\nHost: gw.example\r\n\r\n".encode()),
    "a method in lower case": raw(b"get /livez HTTP/1.1\r\nHost: gw.example\r\n\r\n"),
    "a target that is none": raw(b"GET http://[ HTTP/1.1\r\nHost: gw.example\r\n\r\n"),
    "a target with a space": raw(f"GET /livez {QUOTED} HTTP/1.1\r\nHost: gw.example\r\n\r\n".encode()),
    "a target that is not ASCII": raw("GET /v1/\u4e2d HTTP/1.1\r\nHost: gw.example\r\n\r\n".encode()),
    "a target in Latin-1": raw(b"GET /v1/\xe9 HTTP/1.1\r\nHost: gw.example\r\n\r\n"),
    "a target with NUL": raw(b"GET /\0 HTTP/1.1\r\nHost: gw.example\r\n\r\n"),
    "no host": raw(b"GET /livez HTTP/1.1\r\n\r\n"),
    "a line without end": raw(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: gw.example\r\n\r\n"),
    "good, and garbage behind it": lambda door: door.ask().bytes() + b"\0\0\0\r\n\r\n",
}
H37 = {
    "3 000 components": lambda door: door.ask(components=("x",) * 3000).bytes(),
    "a header of 20 kB": lambda door: door.ask(nonce="A" * 20_000).bytes(),
    "a nonce of 100 kB": lambda door: door.ask(nonce="A" * 100_000).bytes(),
    "a name of 20 kB": more("X" * 20_000 + ": a"),
    "many headers": more(*(f"X-{number}: {QUOTED}" for number in range(MAX_HEADERS))),
    "a head that never ends": raw(GET + (b"X: " + b"a" * 8000 + b"\r\n") * (MAX_HEAD_BYTES // 8000 + 1)),
}  # fmt: skip


async def ends(door: Doorway, make: Make, code: str = "framing", status: str = "400 Bad Request") -> None:
    """Fails unless the sender gets the fixed document, word for word, and the end of the connection."""
    begun = len(LINES)
    head, _, body = (await until_closed(door.address, make(door))).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == f"HTTP/1.1 {status}"
    assert {line.partition(":")[0] for line in lines[1:]} == {
        "Content-Type", "Cache-Control", "Server", "Content-Length", "Date", "Connection",
    }  # fmt: skip
    assert "Connection: close" in lines
    assert "Server: gateway" in lines
    assert body == document(refused(code))
    assert (door.taken, door.ledger.refusals, door.counted) == ([], [], [code])
    assert LINES[begun:] == [], "nothing of it is logged"


@pytest.mark.parametrize("name", H01)
async def test_h01_content_length_and_transfer_encoding(door: Doorway, name: str):
    await ends(door, H01[name])


@pytest.mark.parametrize("name", H02)
async def test_h02_lengths_that_are_none(door: Doorway, name: str):
    await ends(door, H02[name])


@pytest.mark.parametrize("name", H03)
async def test_h03_lines_that_are_none(door: Doorway, name: str):
    await ends(door, H03[name])


@pytest.mark.parametrize("name", LINE)
async def test_h03_a_request_line_that_is_none(door: Doorway, name: str):
    await ends(door, LINE[name])


@pytest.mark.parametrize("name", H37)
async def test_h37_more_than_a_head_may_have(door: Doorway, name: str):
    await ends(door, H37[name])


CHUNKED = {"Content-Length": None, "Transfer-Encoding": "chunked"}


def in_bytes(body: bytes) -> bytes:
    """A chunk for each byte: six bytes to send, and a call for each to read it."""
    return b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"


async def test_h08_a_chunk_for_each_byte_is_no_request(door: Doorway):
    await ends(door, lambda door: door.ask(sent=CHUNKED).head() + in_bytes(b" " * 60_000))


async def test_h08_nor_are_they_read_where_the_headers_came_first(door: Doorway):
    asked = door.ask(b" " * 60_000, sent=CHUNKED)
    host, _, port = door.address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(asked.head("Expect: 100-continue"))
    assert b"100 Continue" in await reader.readuntil(b"\r\n\r\n")
    writer.write(in_bytes(asked.body))
    found = await reader.readuntil(b"\r\n\r\n")
    assert found.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nSignature: gw=:" in found
    assert (door.taken, door.counted) == ([], ["body_incomplete"])
    writer.close()


async def test_h08_a_few_chunks_are_a_body_like_any_other(door: Doorway):
    asked = door.ask(sent=CHUNKED)
    found = await until_closed(door.address, asked.head("Connection: close") + in_bytes(asked.body))
    assert found.startswith(b"HTTP/1.1 200 ")


async def test_h10_slow_headers_are_408_at_their_deadline():
    async with doorway(head_seconds=0.02) as door:
        await ends(door, raw(GET + b"X-A: " + QUOTED.encode()), "head_too_slow", "408 Request Timeout")


async def test_h10_headers_are_late_on_a_connection_that_was_good_before():
    async with doorway(head_seconds=0.02) as door:
        host, _, port = door.address.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(door.ask().bytes())
        assert (await reader.readuntil(b'{"answer": 1}')).startswith(b"HTTP/1.1 200 ")
        writer.write(GET)
        async with asyncio.timeout(10):
            assert (await reader.read()).endswith(document(refused("head_too_slow")))
        writer.close()
        assert (len(door.taken), door.counted) == (1, ["head_too_slow"])


async def test_h10_each_byte_in_its_time_does_not_help():
    """The deadline is the head's, from its first byte on, and not each byte's."""
    async with doorway(head_seconds=0.02) as door:
        found = await until_closed(door.address, *(GET[at : at + 1] for at in range(len(GET))))
        assert found.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("sent", [b"", b"\r\n\r\n"])
async def test_h10_a_connection_without_a_word_is_closed_without_one(sent: bytes):
    async with doorway(keep_alive_seconds=0.02) as door:
        assert await until_closed(door.address, sent) == b""
        assert door.counted == []


async def test_h10_and_so_is_one_that_has_had_its_answer():
    async with doorway(keep_alive_seconds=0.02) as door:
        found = await until_closed(door.address, door.ask().bytes())
        assert found.startswith(b"HTTP/1.1 200 ")
        assert found.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("expects", [QUOTED, "100-continue, x"])
async def test_h03_an_expectation_that_is_not_met_is_not_quoted(door: Doorway, expects: str):
    """On a route of ours it is ignored (RFC 9110 section 10.1.1 allows both); where no route is, it is 417."""
    data = f"OPTIONS * HTTP/1.1\r\nHost: gw.example\r\nExpect: {expects}\r\nConnection: close\r\n\r\n".encode()
    found = await until_closed(door.address, data)
    assert found.startswith(b"HTTP/1.1 417 ")
    assert found.endswith(document(refused("expectation")))
    asked = door.ask(headers=(("Expect", expects),))
    reply = await door.send(asked)
    assert (reply.status, door.is_bound(reply, asked), QUOTED in str(reply)) == (200, True, False)
