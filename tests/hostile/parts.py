"""A request taken apart, to be put together otherwise."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

Rng = random.Random


@dataclass
class Parts:
    """A request taken apart: the request line, the header lines, the body."""

    method: str
    target: str
    version: str
    lines: list[tuple[str, str]]
    body: bytes
    ends: str = "\r\n"
    colon: str = ": "
    extra: bytes = field(default=b"")

    @classmethod
    def of(cls, data: bytes) -> Parts:
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, version = first.split(" ")
        pairs = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
        return cls(method, target, version, pairs, body)

    def data(self) -> bytes:
        lines = [f"{self.method} {self.target} {self.version}", *(f"{n}{self.colon}{v}" for n, v in self.lines)]
        return (self.ends.join(lines) + self.ends * 2).encode("latin-1", "replace") + self.body + self.extra

    def index(self, rng: Rng, *names: str) -> int:
        found = [at for at, (name, _) in enumerate(self.lines) if not names or name.lower() in names]
        return rng.choice(found) if found else 0

    def change(self, at: int, edit: Callable[[str], str]) -> None:
        name, value = self.lines[at]
        self.lines[at] = (name, edit(value))
