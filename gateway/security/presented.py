"""A signature as it came: Signature-Input and Signature read strictly (RFC 9421, RFC 9651), nothing believed yet.

Stricter than the RFC on purpose. What is accepted has exactly one spelling (canonical serialisation, no optional white
space, canonical base64), so the text received is the text signed and no two headers mean the same signature.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from gateway.errors import GatewayError

Code = Literal[
    "signature_missing",
    "signature_malformed",
    "signature_count",
    "coverage",
    "tag",
    "alg_mismatch",
    "key",
    "clock",
    "digest",
    "signature_invalid",
]

SIGNATURE_BYTES: Final[Mapping[str, int]] = {"ed25519": 64, "ecdsa-p256-sha256": 64, "sm2-sm3": 64}
"""The algorithms there are, and the one size that each one's signatures have (r and s of 32 bytes, never DER)."""

MAX_HEADER_CHARACTERS: Final = 4096
"""Of Signature-Input and Signature together; beyond it nothing is parsed."""


class SignatureRefused(GatewayError):
    """A message is not believed. `code` is stable; `detail` is a sentence for the integrator without any input in it."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Presented:
    """A well-formed signature as it came, not yet believed. Times are Unix seconds."""

    label: str
    covered: str
    """The inner list of component identifiers, verbatim."""
    params_text: str
    """The whole value of the `@signature-params` line, verbatim: `covered` and the parameters in the order received."""
    created: int
    expires: int
    nonce: str
    keyid: str
    alg: str
    tag: str
    signature: bytes
    signature_text: str
    """`:base64:`, the value of `"signature";req;key="gw"` in whatever answers this message."""

    @property
    def components(self) -> tuple[str, ...]:
        return tuple(self.covered[1:-1].split(" ")) if self.covered != "()" else ()


# No part of these can match in two ways and every repeat is possessive, so a refusal costs one pass over the header.
_LABEL = r"[a-z*][a-z0-9_.*-]*+"
_COMPONENT = r'"[!#-\[\]-~]++"(?:;[a-z]++(?:="[!#-\[\]-~]*+")?+)*+'
_NAME, _VALUE = r"[a-z]++", r'"[ !#-\[\]-~]*+"|[A-Za-z0-9?*:/.+=@_-]++'
_INPUT_PATTERN = re.compile(rf"({_LABEL})=((\((?:{_COMPONENT}(?: {_COMPONENT})*+)?+\))((?:;{_NAME}=(?:{_VALUE}))*+))")
_SIGNATURE_PATTERN = re.compile(rf"({_LABEL})=:([A-Za-z0-9+/]*+={{0,2}}):")
_PARAMETER_PATTERN = re.compile(rf";({_NAME})=({_VALUE})")
_ANOTHER_MEMBER = re.compile(r"[ \t]*+,")

_INTEGER = (re.compile(r"0|[1-9][0-9]{0,14}"), "an integer of at most 15 digits without a sign")
_STRING = (re.compile(r'"[ !#-\[\]-~]+"'), "a string in quotes, not empty, printable ASCII without a backslash")
_NONCE = (re.compile(r'"[A-Za-z0-9_-]{22,64}"'), "a string of 22 to 64 base64url characters")
SHAPES: Final = {
    "created": _INTEGER,
    "expires": _INTEGER,
    "nonce": _NONCE,
    "keyid": _STRING,
    "alg": _STRING,
    "tag": _STRING,
}
_WITHOUT: Final[dict[str, Code]] = {"alg": "alg_mismatch", "tag": "tag"}


def parse(signature_input: Sequence[str], signature: Sequence[str]) -> Presented:
    """The one signature in these field lines (each list: every line of that name, as received).

    Raises SignatureRefused `signature_missing`, `signature_count`, `signature_malformed`, `alg_mismatch` (no algorithm or
    an unknown one) or `tag` (none), and nothing else, for any text. Which profile it fits is for `check` to say.
    """
    input_text, signature_text = _only_lines(signature_input, signature)
    member = _INPUT_PATTERN.fullmatch(input_text)
    if member is None:
        raise _not_one_member("Signature-Input", _INPUT_PATTERN, input_text)
    proof = _SIGNATURE_PATTERN.fullmatch(signature_text)
    if proof is None:
        raise _not_one_member("Signature", _SIGNATURE_PATTERN, signature_text)
    label, params_text, covered, parameters = member.groups()
    if proof[1] != label:
        raise SignatureRefused("signature_malformed", "Signature-Input and Signature use different labels")
    given = _parameters(_PARAMETER_PATTERN.findall(parameters))
    alg = given["alg"][1:-1]
    return Presented(
        label=label,
        covered=covered,
        params_text=params_text,
        created=int(given["created"]),
        expires=int(given["expires"]),
        nonce=given["nonce"][1:-1],
        keyid=given["keyid"][1:-1],
        alg=alg,
        tag=given["tag"][1:-1],
        signature=_signature_bytes(proof[2], alg),
        signature_text=f":{proof[2]}:",
    )


def _only_lines(signature_input: Sequence[str], signature: Sequence[str]) -> tuple[str, str]:
    if not any(signature_input) or not any(signature):
        raise SignatureRefused("signature_missing", "Signature-Input and Signature are both needed")
    if len(signature_input) != 1 or len(signature) != 1:
        raise SignatureRefused("signature_count", "exactly one signature is accepted, on one line")
    if len(signature_input[0]) + len(signature[0]) > MAX_HEADER_CHARACTERS:
        raise SignatureRefused("signature_malformed", f"more than {MAX_HEADER_CHARACTERS} characters of signature")
    return signature_input[0], signature[0]


def _not_one_member(header: str, pattern: re.Pattern[str], text: str) -> SignatureRefused:
    first = pattern.match(text)
    if first is not None and _ANOTHER_MEMBER.match(text, first.end()):
        return SignatureRefused("signature_count", f"exactly one signature is accepted, {header} has more")
    column = first.end() + 1 if first else 1
    return SignatureRefused("signature_malformed", f"{header} is not in canonical form from column {column} on")


def _parameters(pairs: list[tuple[str, str]]) -> dict[str, str]:
    given = dict(pairs)
    if len(given) != len(pairs) or given.keys() - SHAPES.keys():
        raise SignatureRefused("signature_malformed", f"only {any_of(SHAPES)} are accepted, each once")
    for name, (shape, expected) in SHAPES.items():
        if name not in given:
            raise SignatureRefused(_WITHOUT.get(name, "signature_malformed"), f"the parameter {name} is missing")
        if not shape.fullmatch(given[name]):
            raise SignatureRefused("signature_malformed", f"{name} must be {expected}")
    return given


def _signature_bytes(text: str, alg: str) -> bytes:
    size = SIGNATURE_BYTES.get(alg)
    if size is None:
        raise SignatureRefused("alg_mismatch", f"alg must be {any_of(SIGNATURE_BYTES)}")
    raw = b""
    if len(text) == (size + 2) // 3 * 4:
        with suppress(binascii.Error):
            raw = b64decode(text)
    # Encoding it again is what finds padding bits that are not zero.
    if len(raw) != size or b64encode(raw).decode("ascii") != text:
        raise SignatureRefused("signature_malformed", f"Signature must be {size} bytes in canonical base64")
    return raw


def any_of(words: Iterable[str]) -> str:
    """Our own words for a refusal's detail, each once."""
    return " or ".join(dict.fromkeys(words))
