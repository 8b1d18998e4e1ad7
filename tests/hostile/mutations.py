"""Ways to change a good signed request: its bytes at random, and its parts on purpose. Values in, bytes out."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.hostile.parts import Parts, Rng
from tests.hostile.signature_mutations import components, encoding, label, parameters, twin

PIECES = (
    b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b"\r\n ", b";", b",", b'"', b":", b"=", b"()", b"%2e", b"/..", b"?", b"#",
    b"\xff", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"0", b"-1", b"1.5", b"gw=", b";req", b"chunked", b"A" * 64, b"\\", b"*",
)  # fmt: skip


# Bytes


def bits(data: bytes, rng: Rng) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes((data[at] ^ (1 << rng.randrange(8)),)) + data[at + 1 :]


def drop(data: bytes, rng: Rng) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.choice((1, 1, 1, 2, 16)) :]


def insert(data: bytes, rng: Rng) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice((*PIECES, bytes((rng.randrange(256),)))) + data[at:]


def repeat(data: bytes, rng: Rng) -> bytes:
    at, size = rng.randrange(len(data)), rng.choice((1, 2, 8, 64))
    return data[: at + size] + data[at : at + size] + data[at + size :]


def swap(data: bytes, rng: Rng) -> bytes:
    at, to = sorted(rng.randrange(len(data)) for _ in range(2))
    return data[:at] + data[to : to + 1] + data[at + 1 : to] + data[at : at + 1] + data[to + 1 :]


def cut(data: bytes, rng: Rng) -> bytes:
    return data[: rng.randrange(len(data))]


# Parts


def order(parts: Parts, rng: Rng) -> None:
    rng.shuffle(parts.lines)


def case(parts: Parts, rng: Rng) -> None:
    at = parts.index(rng)
    parts.lines[at] = (rng.choice((str.upper, str.lower, str.swapcase))(parts.lines[at][0]), parts.lines[at][1])


def value_case(parts: Parts, rng: Rng) -> None:
    parts.change(parts.index(rng), rng.choice((str.upper, str.lower, str.title)))


def space(parts: Parts, rng: Rng) -> None:
    around = rng.choice((" ", "\t", "  ", " \t "))
    parts.change(
        parts.index(rng), rng.choice((lambda v: around + v, lambda v: v + around, lambda v: v.replace(" ", around)))
    )


def colon(parts: Parts, rng: Rng) -> None:
    parts.colon = rng.choice((":", ":\t", " : ", ":  "))


def twice(parts: Parts, rng: Rng) -> None:
    parts.lines.insert(rng.randrange(len(parts.lines) + 1), parts.lines[parts.index(rng)])


def without(parts: Parts, rng: Rng) -> None:
    del parts.lines[parts.index(rng)]


def one_more(parts: Parts, rng: Rng) -> None:
    more = (
        ("X-Forwarded-Host", "evil.example"), ("Expect", "100-continue"), ("Content-Encoding", "gzip"), ("Prefer", "wait"),
        ("Transfer-Encoding", "chunked"), ("Idempotency-Key", "k"), ("Upgrade", "h2c"), ("Host", "evil.example"),
        ("Content-Type", "text/json"), ("X-HTTP-Method-Override", "DELETE"), ("Connection", "close"),
        ("Content-Digest", "sha-512=:AA==:"), ("Trailer", "Signature"),
    )  # fmt: skip
    parts.lines.insert(rng.randrange(len(parts.lines) + 1), rng.choice(more))


def split(parts: Parts, rng: Rng) -> None:
    at = parts.index(rng)
    name, value = parts.lines[at]
    middle = rng.randrange(len(value) + 1)
    parts.lines[at : at + 1] = [(name, value[:middle]), (name, value[middle:])]


def host(parts: Parts, rng: Rng) -> None:
    other = rng.choice(
        ("GW.Example", "gw.example:443", "gw.example.", "other.example:8443", "gw.example ", "user@gw.example")
    )
    parts.change(parts.index(rng, "host"), lambda _: other)


def method(parts: Parts, rng: Rng) -> None:
    parts.method = rng.choice(("GET", "POST", "PUT", "HEAD", "post", "TRACE", "CONNECT", "QUERY", "POST\t"))


def target(parts: Parts, rng: Rng) -> None:
    path = parts.target or "/"
    at = rng.randrange(len(path))
    parts.target = rng.choice(
        (
            path[:at] + f"%{ord(path[at]):02x}" + path[at + 1 :], path[:at] + f"%{ord(path[at]):02X}" + path[at + 1 :],
            path + "/", path + "?", path + "#x", path + ";a", "/" + path, "/." + path, "/x/.." + path, path + "/.",
            "http://gw.example" + path, "//gw.example" + path, path.upper(), path.replace("/", "//"),
            path + "%00", "*", path[:at],
        )
    )  # fmt: skip


def version(parts: Parts, rng: Rng) -> None:
    parts.version = rng.choice(("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.2", "http/1.1", "HTTP/01.1"))


def ends(parts: Parts, rng: Rng) -> None:
    parts.ends = rng.choice(("\n", "\r", "\r\n ", "\r\r\n"))


def chunked(parts: Parts, rng: Rng) -> None:
    """The same body, in pieces: only the framing differs, and no signature covers that."""
    parts.lines = [line for line in parts.lines if line[0] != "Content-Length"] + [("Transfer-Encoding", "chunked")]
    size, body = rng.choice((1, 7, 1000)), parts.body
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    tail = rng.choice((b"0\r\n\r\n", b"0\r\nX-Trailer: a\r\n\r\n", b"0;a=b\r\n\r\n"))
    parts.body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + tail


def length(parts: Parts, rng: Rng) -> None:
    by = rng.choice((-2, -1, 1, 2, 100))
    parts.change(parts.index(rng, "content-length"), lambda v: str(int(v) + by) if v.isdigit() else v)


def body(parts: Parts, rng: Rng) -> None:
    """Other bytes that mean the same, or not; the length follows."""
    try:
        tree = json.loads(parts.body)
    except ValueError:
        tree = {}
    parts.body = rng.choice(
        (
            json.dumps(tree, indent=1).encode(), json.dumps(tree, sort_keys=True).encode(),
            parts.body + b" ", b" " + parts.body, parts.body + b"\n", b"\xef\xbb\xbf" + parts.body,
            parts.body.swapcase(), b"", parts.body * 2,
        )
    )  # fmt: skip
    if "Content-Length" in dict(parts.lines):
        parts.change(parts.index(rng, "content-length"), lambda _: str(len(parts.body)))


def behind(parts: Parts, rng: Rng) -> None:
    parts.extra = rng.choice((b"\r\n", b"\r\n\r\n", b"GET / HTTP/1.1\r\nHost: gw.example\r\n\r\n", b"\0"))


BYTES: tuple[Callable[[bytes, Rng], bytes], ...] = (bits, drop, insert, repeat, swap, cut)
PARTS: tuple[Callable[[Parts, Rng], None], ...] = (
    order, case, value_case, space, colon, twice, without, one_more, split, host, method, target, version, ends, chunked,
    length, body, parameters, components, label, encoding, twin, behind,
)  # fmt: skip


def mutated(data: bytes, rng: Rng) -> tuple[bytes, tuple[str, ...]]:
    """One to three changes, and their names."""
    names: list[str] = []
    parts = Parts.of(data)
    for change in rng.choices(PARTS, k=rng.choice((0, 1, 1, 1, 2, 3))):
        if not parts.lines:
            break
        change(parts, rng)
        names.append(change.__name__)
    data = parts.data()
    for alter in rng.choices(BYTES, k=rng.choice((0, 1, 1, 2)) if names else 1):
        if data:
            data = alter(data, rng)
            names.append(alter.__name__)
    return data, tuple(names)
