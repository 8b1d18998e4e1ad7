"""The doctor of keys: an id that nobody has, another algorithm, another key. For those who own the key files."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.contract.words import nearest
from gateway.security.doctor.cases import Case, Cause, Treated, base_of, verifies
from gateway.security.inspection import Disbelieved
from gateway.security.presented import Presented


def key(case: Case, found: Disbelieved) -> Treated:
    """`key`: the id is not among the keys; perhaps the key is."""
    presented = found.presented
    if presented is None:
        return Treated(Cause("key", is_proved=True))
    if presented.keyid in case.states:
        facts = {"given": presented.keyid, "state": case.states[presented.keyid]}
        return Treated(Cause("key_state", '"@signature-params"', facts=facts, is_proved=True))
    facts = {"given": presented.keyid, "nearest": nearest(presented.keyid, case.keys) or ""}
    for keyid in _verifying(case, found, presented):
        return Treated(
            Cause("key_id", '"@signature-params"', facts={**facts, "key": keyid}, is_proved=True), is_end=True
        )
    return Treated(Cause("key", '"@signature-params"', facts=facts, is_proved=True))


def algorithm(case: Case, found: Disbelieved) -> Treated:
    """`alg_mismatch`: none, an unknown one, or not the key's."""
    presented = found.presented
    known = case.keys.get(presented.keyid) if presented else None
    if presented is None or known is None:
        return Treated(Cause("algorithm", '"@signature-params"', facts={"wanted": ""}, is_proved=True))
    verifying = list(_verifying(case, found, presented))
    if verifying and presented.keyid not in verifying:
        facts = {"key": verifying[0], "given": presented.keyid}
        return Treated(Cause("wrong_key", facts=facts, is_proved=True), is_end=True)
    facts = {"wanted": known.alg, "given": presented.alg}
    return Treated(Cause("algorithm", '"@signature-params"', facts=facts, is_proved=True), is_end=bool(verifying))


def another(case: Case, found: Disbelieved) -> Treated | None:
    """Within `signature_invalid`: some other key that is known made it."""
    presented = found.presented
    if presented is not None:
        for keyid in _verifying(case, found, presented):
            return Treated(
                Cause("wrong_key", facts={"key": keyid, "given": presented.keyid}, is_proved=True), is_end=True
            )
    return None


def _verifying(case: Case, found: Disbelieved, presented: Presented) -> Iterator[str]:
    data = base_of(found.lines)
    for keyid, known in case.keys.items():
        if data is not None and verifies(known, presented, data):
            yield keyid
