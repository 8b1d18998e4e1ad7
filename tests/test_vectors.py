"""The published vectors: not stale, accepted by our own code and by the plain verifiers, and shown as they are."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from gateway.security import keys, signatures
from gateway.security.digests import require
from gateway.security.profiles import ANSWER, ANSWER_BOUND, READ, VERIFY
from mocks import sm2
from tests import published

FOUND: dict[str, Any] = json.loads(published.FILE.read_text("utf-8"))
PROFILES = {
    "request with a body": VERIFY,
    "request without a body": READ,
    "answer, bound": ANSWER_BOUND,
    "answer, not bound": ANSWER,
}
VECTORS = [pytest.param(vector, id=vector["name"]) for vector in FOUND["vectors"]]


def test_the_file_is_what_the_script_writes() -> None:
    assert published.FILE.read_text("utf-8") == published.document(FOUND)


def test_every_profile_is_there_in_every_algorithm() -> None:
    algorithms = {key["alg"] for key in FOUND["keys"].values()}
    assert algorithms == set(signatures.SIGNATURE_BYTES)
    assert {vector["name"] for vector in FOUND["vectors"]} == {
        f"{name}, {alg}" for name in PROFILES for alg in algorithms
    }


@pytest.mark.parametrize("vector", VECTORS)
def test_our_own_code_reads_and_verifies_it(vector: dict[str, Any]) -> None:
    presented = signatures.parse([vector["signature_input"]], [vector["signature"]])
    profile = PROFILES[vector["profile"]]
    assert signatures.check(presented, (profile,), published.CREATED) is profile
    base_lines = signatures.lines(presented.components, vector["values"], presented.params_text)
    assert signatures.signature_base(base_lines).decode() == vector["signature_base"]
    shown = [(line["line"].partition(": ")[0], line["sha256"]) for line in vector["lines"]]
    assert list(signatures.fingerprints(base_lines)) == shown
    if profile is not READ:
        require([vector["values"]['"content-digest"']], vector["body"].encode())
    key = FOUND["keys"][vector["key"]]
    try:
        verifier = keys.verifier(vector["key"], key["public_pem"].encode())
    except keys.UnusableKey:
        assert key["alg"] == "ecdsa-p256-sha256", "the one algorithm that a version may lack"
        return
    signatures.verify(presented, vector["values"], verifier)


@pytest.mark.parametrize("vector", [each for each in VECTORS if "ed25519" in str(each.id)])
def test_our_own_code_signs_the_same_where_there_is_no_chance(vector: dict[str, Any]) -> None:
    key = FOUND["keys"][vector["key"]]
    signer = keys.signer(vector["key"], key["private_pem"].encode())
    profile = PROFILES[vector["profile"]]
    made = signatures.sign(profile, vector["values"], signer, published.CREATED, published.EXPIRES, published.NONCE)
    assert made == (vector["signature_input"], vector["signature"])


@pytest.mark.parametrize("vector", [each for each in VECTORS if "ed25519" not in str(each.id)])
def test_plain_verifiers_accept_it(vector: dict[str, Any]) -> None:
    pem = FOUND["keys"][vector["key"]]["public_pem"].encode()
    signature, data = base64.b64decode(vector["signature"][4:-1]), vector["signature_base"].encode()
    if sm2.is_sm2(pem):
        assert sm2.verifies(sm2.public_key(pem), signature, data)
        return
    public = load_pem_public_key(pem)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    public.verify(encode_dss_signature(r, s), data, ec.ECDSA(hashes.SHA256()))


def test_the_page_shows_the_first_as_it_is() -> None:
    page = (published.FILE.parent / "vectors.md").read_text("utf-8")
    first = FOUND["vectors"][0]
    assert f"```\n{first['signature_base']}\n```" in page
    assert f"Signature-Input: {first['signature_input']}\nSignature: {first['signature']}\n" in page
