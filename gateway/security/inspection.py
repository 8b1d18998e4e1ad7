"""A request's signature through every check, in the door's order: one pure function, for the door and for the doctor."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.security import digests, signatures
from gateway.security.idempotency import COMPONENT
from gateway.security.presented import Code, Presented, SignatureRefused, parse
from gateway.security.profiles import READ, VERIFY, VERIFY_KEYED, Profile
from gateway.security.signatures import KEY_REFUSED, Verifier

JSON_TYPES: Final = ("application/json", "application/json; charset=utf-8", "application/json;charset=utf-8")
"""The content types of a question, in lower case."""

_COVERED_FIELDS: Final = ("content-type", "content-digest", "idempotency-key")

HeaderLines = Callable[[str], Sequence[str]]
"""Every line of a header, by its name in lower case, as received; none where it is absent."""


@dataclass(frozen=True, slots=True)
class Received:
    """What the checks read of a request. `values` are by component identifier; a body of None is a request without one."""

    values: Mapping[str, str]
    signature_input: Sequence[str]
    signature: Sequence[str]
    content_digest: Sequence[str]
    body: bytes | None = field(repr=False)

    @property
    def profile(self) -> Profile:
        """What must be covered."""
        if self.body is None:
            return READ
        return VERIFY_KEYED if COMPONENT in self.values else VERIFY


Line = tuple[str, str | None]
"""A component and its line of the signature base; None where the message has no value that can stand in one."""


@dataclass(frozen=True, slots=True)
class Believed:
    """The signature verified."""

    presented: Presented


@dataclass(frozen=True, slots=True)
class Disbelieved:
    """The first check that failed."""

    refusal: SignatureRefused
    presented: Presented | None
    """None where no signature could be read."""
    lines: tuple[Line, ...]
    """The signature base as rebuilt here; nothing where no signature could be read."""

    @property
    def shown(self) -> tuple[tuple[str, str], ...]:
        """What the sender may see: the SHA-256 of each line, and nothing where the trouble is with the key."""
        if self.refusal.code == "key":
            return ()
        return signatures.fingerprints([line for _, line in self.lines if line is not None])


def received(method: str, authority: str, path: str, header: HeaderLines, body: bytes | None) -> Received:
    """A request's parts as the checks read them."""
    values = {'"@method"': method, '"@authority"': authority, '"@path"': path}
    for name in _COVERED_FIELDS:
        lines = header(name)
        if lines:
            values[f'"{name}"'] = ", ".join(line.strip(" \t") for line in lines)
    return Received(values, header("signature-input"), header("signature"), header("content-digest"), body)


def inspect(
    request: Received,
    now: float,
    verifier: Callable[[str], Verifier | None],
    *,
    profile: Profile | None = None,
    forgiving: Collection[Code] = (),
) -> Believed | Disbelieved:
    """The first check that fails, or none. `verifier` finds a key that may sign, by its id.

    The cheap checks stand first. The nonce is not looked at: it is spent in the ledger, after all of this. The door
    neither names another `profile` than the request's own nor forgives; the doctor does, to see what else is wrong.
    """
    wanted = profile or request.profile
    presented: Presented | None = None
    try:
        presented = parse(request.signature_input, request.signature)
        _unless(forgiving, signatures.check, presented, (wanted,), now)
        key = verifier(presented.keyid)
        if key is None:
            raise SignatureRefused("key", KEY_REFUSED)
        if request.body is not None:
            _unless(forgiving, digests.require, request.content_digest, request.body)
        signatures.verify(presented, request.values, key)
    except SignatureRefused as refusal:
        return Disbelieved(refusal, presented, rebuilt(wanted, presented, request.values) if presented else ())
    return Believed(presented)


def rebuilt(profile: Profile, presented: Presented, values: Mapping[str, str]) -> tuple[Line, ...]:
    """The lines that a signature with these parameters should have been over."""
    made: list[Line] = []
    for component in profile.components:
        try:
            made.append((component, signatures.lines((component,), values, "")[0]))
        except SignatureRefused:
            made.append((component, None))
    parameters = presented.params_text.removeprefix(presented.covered)
    return (*made, ('"@signature-params"', signatures.lines((), {}, profile.covered + parameters)[0]))


def _unless(forgiving: Collection[Code], check: Callable[..., object], *arguments: object) -> None:
    try:
        check(*arguments)
    except SignatureRefused as refusal:
        if refusal.code not in forgiving:
            raise
