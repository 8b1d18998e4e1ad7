"""Writes `docs/vectors.json`: the profiles as test vectors, over keys that standards print for everybody to test with.

`python3 dev.py run python -m tests.published` after a change of a profile. The keys stand in that file and stay as they are.
Signatures are made without chance (RFC 8032; RFC 6979; SM2's k likewise), so the same file comes out every time.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.security.profiles import ANSWER, ANSWER_BOUND, BOUND_TO_QUESTION, READ, VERIFY, Profile
from mocks import sm2

FILE = Path(__file__).parents[1] / "docs" / "vectors.json"
CREATED, EXPIRES, NONCE = 1795392000, 1795392060, "AAAAAAAAAAAAAAAAAAAAAA"
AUTHORITY = "gw.example"
QUESTION = (
    '{"case_number":"JL2018050200123","application_date":"2018-05-02","business_items":["passport"],'
    '"purpose":"exit_entry_application","operator":{"id":"op-0117","name":"样例警员","unit_code":"229901000000"},'
    '"subject":{"citizen_id":"229901201206011035","name":"测试子"},'
    '"guardian":{"citizen_id":"229901198805121012","name":"测试父"},"materials":["guardianship_proof"]}'
)
ANSWERED = '{"verification_id":"example","revision":1,"outcome":"complete"}'
REFUSED = '{"type":"/problems/signature_invalid","status":401,"code":"signature_invalid"}'

Sign = Callable[[bytes], bytes]


def ed25519(pem: bytes) -> Sign:
    key = load_pem_private_key(pem, None)
    assert isinstance(key, Ed25519PrivateKey)
    return key.sign


def p256(pem: bytes) -> Sign:
    key = load_pem_private_key(pem, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


def sm2_sm3(pem: bytes) -> Sign:
    d = sm2.private_key(pem)
    return lambda data: sm2.sign(d, data)


SIGNERS: Mapping[str, Callable[[bytes], Sign]] = {"ed25519": ed25519, "ecdsa-p256-sha256": p256, "sm2-sm3": sm2_sm3}


def digest(body: str) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}:"


def vector(name: str, profile: Profile, values: Mapping[str, str], body: str, keyid: str, key: Any) -> dict[str, Any]:
    """One message, its signature base line by line, and both headers."""
    covered = f"({' '.join(profile.components)})"
    params = (
        f'{covered};created={CREATED};expires={EXPIRES};nonce="{NONCE}";keyid="{keyid}"'
        f';alg="{key["alg"]}";tag="{profile.tag}"'
    )
    lines = [f"{component}: {values[component]}" for component in profile.components]
    lines.append(f'"@signature-params": {params}')
    signature = SIGNERS[key["alg"]](key["private_pem"].encode())("\n".join(lines).encode("ascii"))
    return {
        "name": f"{name}, {key['alg']}",
        "profile": name,
        "key": keyid,
        "values": {component: values[component] for component in profile.components},
        "body": body,
        "lines": [{"line": line, "sha256": hashlib.sha256(line.encode()).hexdigest()} for line in lines],
        "signature_base": "\n".join(lines),
        "signature_input": f"gw={params}",
        "signature": f"gw=:{base64.b64encode(signature).decode()}:",
    }


def vectors(keys: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every profile with every key; answers are bound to the question signed with the same key."""
    made = []
    for keyid, key in keys.items():
        target = {'"@method"': "POST", '"@authority"': AUTHORITY, '"@path"': "/v1/verifications"}
        json_type = {'"content-type"': "application/json"}
        asked = {**target, **json_type, '"content-digest"': digest(QUESTION)}
        question = vector("request with a body", VERIFY, asked, QUESTION, keyid, key)
        read = {**target, '"@method"': "GET", '"@path"': "/v1/verifications/example"}
        bound = {f"{component};req": value for component, value in target.items()}
        answer = {**bound, **json_type, '"@status"': "200", '"content-digest"': digest(ANSWERED)}
        answer[BOUND_TO_QUESTION] = question["signature"].partition("=")[2]
        refusal = {**bound, '"content-type"': "application/problem+json", '"@status"': "401"}
        refusal['"content-digest"'] = digest(REFUSED)
        made += [
            question,
            vector("request without a body", READ, read, "", keyid, key),
            vector("answer, bound", ANSWER_BOUND, answer, ANSWERED, keyid, key),
            vector("answer, not bound", ANSWER, refusal, REFUSED, keyid, key),
        ]
    return made


def document(found: Mapping[str, Any]) -> str:
    """The file anew, with the keys that stand in it."""
    content = {"about": found["about"], "keys": found["keys"], "vectors": vectors(found["keys"])}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(document(json.loads(FILE.read_text("utf-8"))), "utf-8")
