"""As much HTTP/1.1 as both ends of a benchmark need: messages with a Content-Length on a connection that stays open."""

from __future__ import annotations

import re

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


class Messages:
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """Every message that is now whole: its head, without the empty line, and its body."""
        whole: list[tuple[bytes, bytes]] = []
        buffer = self._rest + data if self._rest else data
        while (end := buffer.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(buffer, 0, end)
            stop = end + 4 + (int(length[1]) if length else 0)
            if len(buffer) < stop:
                break
            whole.append((buffer[:end], buffer[end + 4 : stop]))
            buffer = buffer[stop:]
        self._rest = buffer
        return whole


def fields(head: bytes) -> list[tuple[str, str]]:
    """The header fields of a head."""
    lines = head.decode("latin-1").split("\r\n")[1:]
    return [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]


def message(start: str, headers: dict[str, str], body: bytes) -> bytes:
    """A message as it goes on the wire."""
    lines = [start, *(f"{name}: {value}" for name, value in headers.items()), f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
