"""HTTP/1.1 as a client reads and writes it (RFC 9112): bytes in, one reply out. No socket, no clock.

Nothing is guessed: what two readers could take for two different messages is refused, so that bytes of one reply are
never taken for the next one's. The head must be CRLF lines of well-formed fields, its length given once and in one way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gateway.errors import BadReply, Unreachable

MAX_HEAD_BYTES: Final = 32_768
MAX_FIELDS: Final = 100
MAX_INTERIM: Final = 8
"""Interim replies (1xx) before the one that counts."""
MAX_CHUNK_LINE_BYTES: Final = 256

_OURS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})
"""Fields that say whose the request is and where it ends: written here, once."""
_FIELDS = rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*"
_HEAD = re.compile(rb"HTTP/1\.[01] [1-9][0-9]{2}(?: [\t\x20-\x7e\x80-\xff]*)?\r\n" + _FIELDS + rb"\r\n")
_TRAILER = re.compile(_FIELDS + rb"\r\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?")
_LENGTH = re.compile(r"[0-9]{1,12}")
_BEGINS: Final = b"HTTP/1."
_TOO_LARGE: Final = "the reply is larger than its contract allows"


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP reply as it came: nothing decoded, nothing believed."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes = field(repr=False)


def request(url: URL, headers: Mapping[str, str], body: bytes) -> bytes:
    """A POST. Raises ValueError for headers that are not single lines of ASCII or that frame it again: a fault of ours."""
    if not _OURS.isdisjoint(map(str.lower, headers)):
        raise ValueError("a header of the request would address or frame it a second time")
    fields = "".join([f"{name}: {value}\r\n" for name, value in headers.items()]).encode("ascii")
    if not _TRAILER.fullmatch(fields + b"\r\n") or fields.count(b"\r\n") != len(headers):
        raise ValueError("a header of the request is not one line")
    host = url.host_port_subcomponent or ""
    return b"POST %s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\n\r\n%s" % (
        url.raw_path_qs.encode("ascii"), host.encode("ascii"), fields, len(body), body,
    )  # fmt: skip


class Incoming:
    """One reply on its way in. `limit` is for the bytes of its body: no more than that is ever kept.

    `feed` and `end` raise BadReply for what is not HTTP, is encoded or is too large; `end` raises Unreachable for what
    was cut short. Nothing may be fed after that, or after the reply is whole.
    """

    __slots__ = (
        "_at", "_body", "_headers", "_held", "_interim", "_left", "_limit", "_read", "_status",
        "is_keepable", "reply",
    )  # fmt: skip

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = b""
        self._at = 0
        """How much of what is held has been read."""
        self._read: Callable[[Incoming], bool] = Incoming._head  # not bound: a cycle would wait for the collector
        self._interim = 0
        self._status = 0
        self._headers: CIMultiDictProxy[str]
        self._body: list[bytes] = []
        self._left = 0
        """Bytes that must still come of the body, or of this chunk."""
        self.is_keepable = False
        """Whether the connection may carry another request: both sides keep it, and nothing came after the reply."""
        self.reply: Reply | None = None

    def feed(self, data: bytes) -> bool:
        """True once the reply is whole."""
        self._held = self._held[self._at :] + data if self._at < len(self._held) else data
        self._at = 0
        while self.reply is None and self._read(self):
            pass
        return self.reply is not None

    def end(self) -> Reply:
        """The connection has ended: the reply whose end that is."""
        if self._read is Incoming._until_end:
            return self._whole()
        raise Unreachable("the connection ended before the reply did")

    # Each of these reads one part and says whether it is read; false when more bytes must come first.

    def _head(self) -> bool:
        held, at = self._held, self._at
        end = held.find(b"\r\n\r\n", at, at + MAX_HEAD_BYTES)
        if end < 0:
            begun = held[at : at + len(_BEGINS)]
            if len(held) - at >= MAX_HEAD_BYTES or not _BEGINS.startswith(begun):
                raise _not_http()
            return False
        if not _HEAD.fullmatch(held, at, end + 4):
            raise _not_http()
        self._at = end + 4
        first, *lines = held[at:end].decode("latin-1").split("\r\n")
        if len(lines) > MAX_FIELDS:
            raise _not_http()
        found = CIMultiDict[str]()
        for line in lines:
            name, _, value = line.partition(":")
            found.add(name, value.strip("\t "))
        self._status, self._headers = int(first[9:12]), CIMultiDictProxy(found)
        if self._status < 200:
            self._interim += 1
            if self._status == 101 or self._interim > MAX_INTERIM:  # nobody asked for another protocol
                raise _not_http()
        else:
            self._read = self._framed(is_newest=first.startswith("HTTP/1.1"))
        return True

    def _framed(self, *, is_newest: bool) -> Callable[[Incoming], bool]:
        """How the body's end is found (RFC 9112 section 6.3): one way, given once, or the message is refused."""
        headers = self._headers
        if "Content-Encoding" in headers:
            raise BadReply("the reply is compressed, which nobody asked for")
        lengths, codings = headers.getall("Content-Length", []), headers.getall("Transfer-Encoding", [])
        if len(lengths) + len(codings) > 1 or (lengths and not _LENGTH.fullmatch(lengths[0])):
            raise _not_http()
        if codings and (codings[0].lower() != "chunked" or not is_newest):
            raise _not_http()
        self.is_keepable = is_newest and not _closes(headers)
        if self._status in (204, 304):
            return Incoming._counted
        if codings:
            return Incoming._chunk_size
        if lengths:
            self._left = int(lengths[0])
            if self._left > self._limit:
                raise BadReply(_TOO_LARGE)
            return Incoming._counted
        self.is_keepable = False
        return Incoming._until_end

    def _counted(self) -> bool:
        if self._take():
            self._whole()
        return self._left == 0

    def _until_end(self) -> bool:
        self._left = len(self._held) - self._at
        self._allow(self._left)
        self._take()
        return False

    def _chunk_size(self) -> bool:
        held, at = self._held, self._at
        end = held.find(b"\r\n", at, at + MAX_CHUNK_LINE_BYTES)
        if end < 0:
            if len(held) - at >= MAX_CHUNK_LINE_BYTES:
                raise _not_http()
            return False
        line = _CHUNK.fullmatch(held, at, end)
        if line is None:
            raise _not_http()
        self._at, self._left = end + 2, int(line[1], 16)
        self._allow(self._left)
        self._read = Incoming._chunk if self._left else Incoming._trailer
        return True

    def _chunk(self) -> bool:
        if self._take():
            self._read = Incoming._chunk_end
        return self._left == 0

    def _chunk_end(self) -> bool:
        found = self._held[self._at : self._at + 2]
        if not b"\r\n".startswith(found):
            raise _not_http()
        if len(found) == 2:
            self._at += 2
            self._read = Incoming._chunk_size
        return len(found) == 2

    def _trailer(self) -> bool:
        """Fields after the body are read and not believed: nobody asked for any."""
        held, at = self._held, self._at
        end = at if held.startswith(b"\r\n", at) else held.find(b"\r\n\r\n", at, at + MAX_HEAD_BYTES) + 2
        if end == 1:
            if len(held) - at >= MAX_HEAD_BYTES:
                raise _not_http()
            return False
        if not _TRAILER.fullmatch(held, at, end + 2):
            raise _not_http()
        self._at = end + 2
        self._whole()
        return True

    def _allow(self, size: int) -> None:
        if size > self._limit:
            raise BadReply(_TOO_LARGE)
        self._limit -= size

    def _take(self) -> bool:
        """Moves what is here of the counted bytes into the body; true once all are."""
        taken = self._held[self._at : self._at + self._left]
        self._at += len(taken)
        self._left -= len(taken)
        self._body.append(taken)
        return self._left == 0

    def _whole(self) -> Reply:
        # Bytes after the end belong to no question of ours: with them about, the connection carries no other.
        self.is_keepable = self.is_keepable and self._at == len(self._held)
        self.reply = Reply(self._status, self._headers, b"".join(self._body))
        return self.reply


def _closes(headers: CIMultiDictProxy[str]) -> bool:
    named = headers.getall("Connection", [])
    return bool(named) and "close" in {token.strip("\t ").lower() for token in ",".join(named).split(",")}


def _not_http() -> BadReply:
    return BadReply("the reply is not HTTP")
