"""A captured HTTP message as bytes: the raw text of it, or what `curl --trace FILE` writes (hex, so no byte is lost)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.errors import GatewayError

MAX_BYTES: Final = 4_000_000

_HEX_LINE = re.compile(rb"[0-9a-f]{4,}: ((?:[0-9a-f]{2} ){1,16})")
_SECTION = re.compile(rb"(=>|<=|==) (Send header|Send data|Recv header|Recv data|Info)")
_REQUEST_LINE = re.compile(r"([!#-'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP/[0-9](?:\.[0-9])?")
_STATUS_LINE = re.compile(r"HTTP/[0-9](?:\.[0-9])? ([1-5][0-9]{2})(?: .*)?")
_NAME = re.compile(r"[!#-'*+.^_`|~0-9A-Za-z-]+")


class Unreadable(GatewayError):
    """A file that is no captured message. The text says where and what was expected, never what stands there."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. Header names are in lower case; values are as received, a character a byte."""

    start: str
    """The request line or the status line."""
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)

    def header(self, name: str) -> Sequence[str]:
        """Every line of that name."""
        return [value for known, value in self.headers if known == name]

    @property
    def method(self) -> str:
        return self.start.split(" ")[0]

    @property
    def target(self) -> str:
        return self.start.split(" ")[1]

    @property
    def missing_bytes(self) -> int:
        """How much of the body the capture does not have, by Content-Length."""
        lengths = self.header("content-length")
        is_told = len(lengths) == 1 and lengths[0].isascii() and lengths[0].isdigit()
        return max(0, int(lengths[0][:9]) - len(self.body)) if is_told else 0


@dataclass(frozen=True, slots=True)
class Captured:
    """A request, and the answer where the same file holds it."""

    request: Message
    answer: Message | None = None


def read(data: bytes) -> Captured:
    """The request in a capture (and the answer, which only a trace has). Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES} bytes: not one captured message")
    if _SECTION.match(data):
        sent, came = _traced(data)
        return Captured(_message(sent, _REQUEST_LINE), _message(came, _STATUS_LINE) if came else None)
    return Captured(_message(data, _REQUEST_LINE))


def read_answer(data: bytes) -> Message:
    """The answer in a capture of its own: raw, the body alone (a JSON document), or a trace. Raises Unreadable."""
    if data.lstrip()[:1] == b"{":
        return Message("HTTP/1.1 401", (), data)
    return _message(_traced(data)[1] if _SECTION.match(data) else data, _STATUS_LINE)


def _message(data: bytes, start_line: re.Pattern[str]) -> Message:
    """Lines may end in CRLF or LF; the body is taken byte for byte, within its Content-Length."""
    head, end, body = _split(data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"))
    first, *fields = re.split(r"\r?\n", head.decode("latin-1"))
    if not start_line.fullmatch(first):
        raise Unreadable(f"line 1 is not {_EXPECTED[start_line]}")
    if not end:
        raise Unreadable("there is no empty line after the headers")
    headers = tuple(_field(number, text) for number, text in enumerate(fields, 2))
    message = Message(first, headers, body)
    if "chunked" in ", ".join(message.header("transfer-encoding")).lower():
        return Message(first, headers, _unchunked(body))
    lengths = message.header("content-length")
    if len(lengths) == 1 and lengths[0].isascii() and lengths[0].isdigit():
        return Message(first, headers, body[: int(lengths[0][:9])])  # an editor's last line end is not the body's
    return message


_EXPECTED: Final = {
    _REQUEST_LINE: "a request line (METHOD /path HTTP/1.1): save the raw bytes of the request, or use curl --trace FILE",
    _STATUS_LINE: "a status line (HTTP/1.1 401 ...)",
}


def _split(data: bytes) -> tuple[bytes, bytes, bytes]:
    found = re.search(rb"\r?\n\r?\n", data)
    return (data[: found.start()], found[0], data[found.end() :]) if found else (data.rstrip(b"\r\n"), b"", b"")


def _field(number: int, text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not _NAME.fullmatch(name):
        raise Unreadable(f"line {number} is not a header (Name: value)")
    return name.lower(), value.strip(" \t")


def _unchunked(data: bytes) -> bytes:
    """The body out of its chunks; what is no chunk is left as it is (tools often save the body put together)."""
    parts: list[bytes] = []
    rest = data
    while found := re.match(rb"([0-9A-Fa-f]{1,7})[^\r\n]*\r?\n", rest):
        size, rest = int(found[1], 16), rest[found.end() :]
        if size == 0:
            return b"".join(parts)
        parts.append(rest[:size])
        rest = rest[size:].removeprefix(b"\r").removeprefix(b"\n")
    return data


def _traced(data: bytes) -> tuple[bytes, bytes]:
    """What went out and what came in (its last response), from `curl --trace`. Raises Unreadable for --trace-ascii."""
    kind, sent, came = b"", bytearray(), bytearray()
    for line in data.splitlines():
        section = _SECTION.match(line)
        if section:
            kind = section[0]
            continue
        octets = _HEX_LINE.match(line)
        if not octets:
            if kind and not kind.startswith(b"=="):
                raise Unreadable("a trace without hex loses bytes: use curl --trace FILE, not --trace-ascii")
            continue
        into = {b"=>": sent, b"<=": came}.get(kind[:2])
        if into is not None:
            into += bytes.fromhex(octets[1].decode())
    return bytes(sent), _after_continue(bytes(came))


def _after_continue(data: bytes) -> bytes:
    """Without the interim responses (100) before the answer."""
    while re.match(rb"HTTP/1\.[01] 1[0-9]{2}", data):
        data = _split(data)[2]
    return data
