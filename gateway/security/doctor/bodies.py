"""The doctor of Content-Digest: over which bytes was it made, if not over those that came, and how is it written?"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from itertools import product
from typing import Final

from gateway.security import digests
from gateway.security.doctor.cases import Case, Cause, Treated, Word
from gateway.security.inspection import Disbelieved

_LAYOUTS: Final[tuple[tuple[str, int | str | None, tuple[str, str]], ...]] = (
    ("compact", None, (",", ":")),
    ("spaced", None, (", ", ": ")),
    ("indented by 2", 2, (",", ": ")),
    ("indented by 4", 4, (",", ": ")),
    ("indented by tabs", "\t", (",", ": ")),
)
"""A name, the indent and the separators of the JSON writers that are around."""


def digest(case: Case, found: Disbelieved) -> Treated:
    """`digest`: tries the ways in which a body is written anew, and in which a digest is spelled."""
    mended = case.forgive("digest")
    if case.message.missing_bytes:
        facts = {"bytes": str(case.message.missing_bytes)}
        return Treated(Cause("capture_short", '"content-digest"', facts=facts, is_proved=True), mended)
    given, body = case.request.content_digest, case.request.body or b""
    if not given:
        return Treated(Cause("digest_missing", '"content-digest"', is_proved=True))
    for way, octets in (("", body), *_ways(body)):
        for form, text in _spelled(octets):
            if ", ".join(given) == text:
                return Treated(_named(way, form, octets), mended)
    is_spelled = (
        len(given) == 1 and len(given[0]) == len(digests.content_digest(b"")) and given[0].startswith("sha-256=:")
    )
    word: Word = "body_other_bytes" if is_spelled else "digest_form"
    return Treated(Cause(word, '"content-digest"', facts={"form": ""}), mended)


def digests_of(body: bytes) -> Iterator[str]:
    """Every Content-Digest that might have been signed for this body."""
    for _, octets in (("", body), *_ways(body)):
        yield from (text for _, text in _spelled(octets))


def _named(way: str, form: str, octets: bytes) -> Cause:
    """`way` is empty for the very bytes that came, `form` for the right spelling."""
    if not way:
        return Cause("digest_form", '"content-digest"', facts={"form": form}, is_proved=True)
    word: Word = "body_reserialised" if octets else "digest_of_nothing"
    return Cause(word, '"content-digest"', facts={"way": way, "form": form}, is_proved=True)


def _spelled(octets: bytes) -> Iterator[tuple[str, str]]:
    """Content-Digest of these bytes: right, and in the ways it is got wrong."""
    raw = hashlib.sha256(octets).digest()
    right = b64encode(raw).decode()
    yield "", f"sha-256=:{right}:"
    yield "hex", f"sha-256=:{raw.hex()}:"
    yield "hex", f"sha-256={raw.hex()}"
    yield "base64 of the hex text", f"sha-256=:{b64encode(raw.hex().encode()).decode()}:"
    yield "base64url", f"sha-256=:{urlsafe_b64encode(raw).decode()}:"
    yield "base64 without padding", f"sha-256=:{right.rstrip('=')}:"
    yield "without colons", f"sha-256={right}"
    yield "the name in capitals, as the old Digest header has it", f"SHA-256={right}"
    yield "the name in capitals", f"SHA-256=:{right}:"
    both = b64encode(hashlib.sha512(octets).digest()).decode()
    yield "sha-512 alone", f"sha-512=:{both}:"
    yield "two members", f"sha-256=:{right}:, sha-512=:{both}:"
    yield "two members", f"sha-512=:{both}:, sha-256=:{right}:"


def _ways(body: bytes) -> Iterator[tuple[str, bytes]]:
    """The same content in other bytes, each with the name of the difference."""
    yield "no bytes at all", b""
    for way, octets in (("", body), *_as_json(body)):
        named = f"{way}, " if way else ""
        if way:
            yield way, octets
        yield f"{named}with a line feed at the end", octets + b"\n"
        yield f"{named}with CR LF at the end", octets + b"\r\n"
        yield f"{named}without the line end", octets.rstrip(b"\r\n")
        yield f"{named}with LF line ends", octets.replace(b"\r\n", b"\n")
        yield f"{named}with CR LF line ends", octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    yield "with a byte order mark", b"\xef\xbb\xbf" + body
    yield from _in_other_charsets(body)


def _in_other_charsets(body: bytes) -> Iterator[tuple[str, bytes]]:
    for charset in ("gb18030", "utf-16-le", "utf-16"):
        try:
            yield f"in {charset}", body.decode("utf-8").encode(charset)
        except UnicodeError:
            continue


def _as_json(body: bytes) -> Iterator[tuple[str, bytes]]:
    """The JSON written by other writers: spaces, indents, sorted names, escapes."""
    try:
        document = json.loads(body)
        written = json.dumps(document, ensure_ascii=False).encode("utf-8")
        json.dumps(document, indent=1)  # what is nested too deep for this writer is not written anew at all
    except (ValueError, RecursionError):
        return
    for is_sorted, is_ascii in product((False, True), repeat=2):
        names = [*(["names sorted"] if is_sorted else []), *(["non-ASCII escaped"] if is_ascii else [])]
        for name, indent, pair in _LAYOUTS:
            text = json.dumps(document, ensure_ascii=is_ascii, sort_keys=is_sorted, indent=indent, separators=pair)
            yield ", ".join(["JSON written anew", name, *names]), text.encode("utf-8")
            if "/" in text:
                escaped = text.replace("/", r"\/").encode("utf-8")
                yield ", ".join(["JSON written anew", name, *names, r"\/ for /"]), escaped
    yield "JSON inside a JSON string", json.dumps(written.decode(), ensure_ascii=False).encode()
