"""The doctor of the two signature headers: their spelling, the label, the components and the tag."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from gateway.security.doctor.cases import Case, Cause, Treated, Word
from gateway.security.inspection import Disbelieved
from gateway.security.presented import Presented, SignatureRefused, parse
from gateway.security.profiles import Profile

_MEMBER = re.compile(r"\s*([A-Za-z*][A-Za-z0-9_.*-]*)\s*=\s*(.*?)\s*", re.DOTALL)
_HALF: Final = 32


def missing(case: Case, found: Disbelieved) -> Treated:
    """`signature_missing`: no signature at all, or one under another label."""
    presented = found.presented
    if presented is None:
        return Treated(Cause("unsigned", is_proved=True))
    facts = {"given": presented.label, "wanted": case.wanted.label}
    return Treated(Cause("label", facts=facts), replace(case, profile=_relabelled(case.wanted, presented)))


def malformed(case: Case, found: Disbelieved) -> Treated:
    """`signature_malformed`: tries the spellings that libraries and tools are known to write."""
    if found.presented is not None:  # well-formed, but a value of the message can stand in no base
        return Treated(Cause("header_form", facts={"form": "", "detail": found.refusal.detail}, is_proved=True))
    for form, inputs, proofs in _respelled(case):
        mended = case.with_request(signature_input=inputs, signature=proofs)
        try:
            parse(inputs, proofs)
        except SignatureRefused as refusal:
            if refusal.code in ("signature_malformed", "signature_count", "signature_missing"):
                continue
        word: Word = "signature_form" if inputs == case.request.signature_input else "header_form"
        return Treated(Cause(word, facts={"form": form, "detail": found.refusal.detail}), mended)
    return Treated(Cause("header_form", facts={"form": "", "detail": found.refusal.detail}, is_proved=True))


def coverage(case: Case, found: Disbelieved) -> Treated:
    """`coverage`: the right components in another order, or others."""
    presented, wanted = found.presented, case.wanted
    if presented is None or presented.covered == wanted.covered:  # covered, but the message does not have it
        return Treated(Cause("coverage", facts={"missing": _absent(case), "more": ""}, is_proved=True))
    given = presented.components
    theirs = Profile(wanted.label, wanted.tag, given)
    mended = replace(_with_values(case, given), profile=theirs)
    if sorted(given) == sorted(wanted.components):
        facts = {"wanted": wanted.covered, "given": theirs.covered}
        return Treated(Cause("order", '"@signature-params"', facts=facts), mended)
    facts = {
        "missing": " ".join(name for name in wanted.components if name not in given),
        "more": " ".join(name for name in given if name not in wanted.components),
        "wanted": wanted.covered,
    }
    return Treated(Cause("coverage", '"@signature-params"', facts=facts), mended)


def tag(case: Case, found: Disbelieved) -> Treated:
    """`tag`: missing, or another one."""
    facts = {"wanted": case.wanted.tag}
    if found.presented is None:
        return Treated(Cause("tag", '"@signature-params"', facts=facts, is_proved=True))
    theirs = Profile(case.wanted.label, found.presented.tag, case.wanted.components)
    return Treated(Cause("tag", '"@signature-params"', facts=facts), replace(case, profile=theirs))


def count(case: Case, found: Disbelieved) -> Treated:
    """`signature_count`."""
    return Treated(Cause("header_form", facts={"form": "count", "detail": found.refusal.detail}, is_proved=True))


def _relabelled(wanted: Profile, presented: Presented) -> Profile:
    return Profile(presented.label, wanted.tag, wanted.components)


def _absent(case: Case) -> str:
    return " ".join(name for name in case.wanted.components if name not in case.request.values)


def _with_values(case: Case, components: tuple[str, ...]) -> Case:
    """The values of more header fields that they covered."""
    plain = {f'"{name}"': ", ".join(case.message.header(name)) for name in {name for name, _ in case.message.headers}}
    more = {name: plain[name] for name in components if name in plain}
    target, authority = case.message.target, case.request.values['"@authority"']
    more |= {
        '"@target-uri"': f"https://{authority}{target}",
        '"@request-target"': target,
        '"@query"': f"?{target.partition('?')[2]}",
        '"@scheme"': "https",
    }
    return case.with_request(values={**more, **case.request.values})


def _respelled(case: Case) -> Iterator[tuple[str, list[str], list[str]]]:
    """The form that was wrong, and both headers in the right one."""
    if len(case.request.signature_input) != 1 or len(case.request.signature) != 1:
        return
    inputs, proofs = case.request.signature_input[0], case.request.signature[0]
    member, proof = _MEMBER.fullmatch(inputs), _MEMBER.fullmatch(proofs)
    if member is None or proof is None:
        return
    tidy = f"{member[1]}={_tidied(member[2])}"
    for form, raw in _signature_bytes(proof[2]):
        written = f"{member[1]}=:{b64encode(raw).decode()}:"
        if written != proofs:
            yield form if proof[1] == member[1] else "labels", [inputs], [written]
        if tidy != inputs:
            yield "spacing", [tidy], [written]


def _tidied(text: str) -> str:
    """Without the spaces that other serialisers leave, and times without quotes."""
    text = re.sub(r"\s*;\s*", ";", text)
    text = re.sub(r"\(\s+|\s+\)", lambda found: found[0].strip(), text)
    return re.sub(r';(created|expires)="(\d+)"', r";\1=\2", text)


def _signature_bytes(text: str) -> Iterator[tuple[str, bytes]]:
    """Every reading of a signature's text, with the name of what was wrong about it."""
    bare = text.strip(':"')
    if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", bare):
        yield "hex", bytes.fromhex(bare)
    plain = bare.translate({ord("-"): "+", ord("_"): "/"}).rstrip("=")
    if not re.fullmatch(r"[A-Za-z0-9+/]+", plain) or len(plain) % 4 == 1:
        return
    raw = b64decode(plain + "=" * (-len(plain) % 4))
    try:
        r, s = decode_dss_signature(raw)
        yield "der", r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")
    except (ValueError, OverflowError):
        yield "base64url" if plain != bare.rstrip("=") else "base64", raw
