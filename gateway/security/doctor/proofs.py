"""The doctor of a signature that is not over this base: tries what else could have been signed until one verifies.

Each try costs one verification (0.07 ms with Ed25519, 0.5 ms with SM2) and there are at most some thousands.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from itertools import combinations, islice, permutations
from typing import Final

from gateway.security import sm2
from gateway.security.doctor.alternatives import WORDS, values_of
from gateway.security.doctor.cases import Case, Cause, Treated, base_of, verifies
from gateway.security.doctor.keyrings import another
from gateway.security.inspection import Disbelieved, Line
from gateway.security.keys import Sm2Verifier
from gateway.security.presented import Presented
from gateway.security.signatures import Verifier

_REWRITTEN: Final = ('"@method"', '"@authority"', '"@path"', '"content-type"')
"""The lines that may be wrong two at once: a proxy that changes the host often changes the path as well."""
_MAX_PAIRS: Final = 6000
_MAX_PERMUTED: Final = 6
"""Beyond so many lines or parameters their orders are not tried: there would be too many."""


def proof(case: Case, found: Disbelieved) -> Treated:
    """`signature_invalid`: one other line, another order, another form of the base, another key, or two other lines."""
    presented = found.presented
    key = case.keys.get(presented.keyid) if presented else None
    data = base_of(found.lines)
    if presented is None or key is None or data is None:
        return Treated(Cause("unexplained"))
    tries = (*_one_line(case, found), *_other_bases(case, found.lines, data, presented))
    for cause, other in tries:
        if verifies(key, presented, other):
            return Treated(cause, is_end=True)
    keyed = _over_another_digest(key, presented, data) or another(case, found)
    if keyed is not None:
        return keyed
    for cause, other in islice(_two_lines(case, found), _MAX_PAIRS):
        if verifies(key, presented, other):
            return Treated(cause, is_end=True)
    return Treated(Cause("unexplained"))


def _one_line(case: Case, found: Disbelieved) -> Iterator[tuple[Cause, bytes]]:
    for at, (component, line) in enumerate(found.lines[:-1]):
        for value in values_of(case, component):
            data = base_of(_with(found.lines, at, value))
            if data is not None:
                yield _differs(component, value, line), data


def _two_lines(case: Case, found: Disbelieved) -> Iterator[tuple[Cause, bytes]]:
    lines = [at for at, (component, _) in enumerate(found.lines) if component in _REWRITTEN]
    for first, second in combinations(lines, 2):
        (one, line), (two, _) = found.lines[first], found.lines[second]
        for value in values_of(case, one):
            for other in values_of(case, two):
                data = base_of(_with(_with(found.lines, first, value), second, other))
                if data is not None:
                    yield _differs(one, value, line, also=f"{two}: {other}"), data


def _with(lines: tuple[Line, ...], at: int, value: str) -> tuple[Line, ...]:
    component = lines[at][0]
    return (*lines[:at], (component, f"{component}: {value}"), *lines[at + 1 :])


def _differs(component: str, value: str, line: str | None, also: str = "") -> Cause:
    facts = {"also": also} if also else {}
    arrived = line.partition(": ")[2] if line is not None else None
    return Cause(WORDS[component], component, value, arrived, facts, is_proved=True)


def _other_bases(
    case: Case, lines: tuple[Line, ...], data: bytes, presented: Presented
) -> Iterator[tuple[Cause, bytes]]:
    text = data.decode("ascii")
    body, _, last = text.rpartition("\n")
    for form, other in _forms(data, body, last, presented):
        yield Cause("base_form", facts={"form": form}, is_proved=True), other
    if len(lines) <= _MAX_PERMUTED:
        first = [line for _, line in lines[:-1] if line is not None]
        for order in permutations(first):
            cause = Cause("order_of_lines", facts={"order": _names(order)}, is_proved=True)
            yield cause, "\n".join([*order, last]).encode()
    name, _, value = last.partition(": ")
    sent = ", ".join(case.message.header("signature-input")).partition("=")[2]
    yield Cause("parameters", name, sent, value, is_proved=True), f"{body}\n{name}: {sent}".encode("latin-1")
    covered, *parameters = value.split(";")
    if len(parameters) <= _MAX_PERMUTED:
        for shuffled in permutations(parameters):
            params = ";".join([covered, *shuffled])
            cause = Cause("parameters", name, params, value, is_proved=True)
            yield cause, f"{body}\n{name}: {params}".encode()


def _forms(data: bytes, body: str, last: str, presented: Presented) -> Iterator[tuple[str, bytes]]:
    text = data.decode("ascii")
    raw = hashlib.sha256(data).digest()
    yield "with a line feed at the end", data + b"\n"
    yield "with CR LF between the lines", data.replace(b"\n", b"\r\n")
    yield "with CR LF at every line's end", data.replace(b"\n", b"\r\n") + b"\r\n"
    yield "without the line @signature-params", body.encode()
    yield "component names without quotes", "\n".join(_bare(line) for line in text.split("\n")).encode()
    yield "no space after the colon", "\n".join(line.replace(": ", ":", 1) for line in text.split("\n")).encode()
    yield "spaces instead of line feeds", text.replace("\n", " ").encode()
    labelled = last.replace(": ", f": {presented.label}=", 1)
    yield "the label inside @signature-params", f"{body}\n{labelled}".encode()
    yield "the SHA-256 of the base", raw
    yield "the SHA-256 of the base as hex text", raw.hex().encode()
    yield "the SHA-256 of the base as base64 text", b64encode(raw)
    yield "the SHA-512 of the base", hashlib.sha512(data).digest()
    yield "the SM3 of the base", sm2.sm3(data)
    yield "the base as hex text", data.hex().encode()
    yield "the base as base64 text", b64encode(data)


def _bare(line: str) -> str:
    name, _, value = line.partition(": ")
    bare = name.strip('"')
    return f"{bare}: {value}"


def _names(lines: tuple[str, ...]) -> str:
    return " ".join(line.partition(": ")[0] for line in lines)


def _over_another_digest(key: Verifier, presented: Presented, data: bytes) -> Treated | None:
    """SM2 alone: e without Z, or Z of another id."""
    if not isinstance(key, Sm2Verifier):
        return None
    for form, digest in _sm2_digests(key.key, presented.keyid.encode(), data):
        if key.key.verifies_digest(presented.signature, digest):
            return Treated(Cause("sm2_id", facts={"form": form}, is_proved=True), is_end=True)
    return None


def _sm2_digests(key: sm2.PublicKey, keyid: bytes, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "without Z", sm2.sm3(data)
    yield "the id is empty", sm2.sm3(sm2.z(key.point, b"") + data)
    yield "the id is the key id", sm2.sm3(sm2.z(key.point, keyid) + data)
    yield "SHA-256 instead of SM3, without Z", hashlib.sha256(data).digest()
