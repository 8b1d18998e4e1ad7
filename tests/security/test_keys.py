import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from gateway.security import keys
from gateway.security.keys import UnusableKey
from gateway.security.signatures import SignatureRefused

PKCS8 = serialization.PrivateFormat.PKCS8
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
PEM = serialization.Encoding.PEM
PLAIN = serialization.NoEncryption()


def test_a_new_pair_signs_and_verifies(tmp_path: Path) -> None:
    private, public = keys.new_ed25519()
    (tmp_path / "key.pem").write_bytes(private)
    signer, verifier = keys.signer("intake-01", tmp_path / "key.pem"), keys.verifier("intake-01", public)
    signature = signer.sign(b"data")
    verifier.verify(signature, b"data")
    assert (signer.keyid, signer.alg, len(signature)) == ("intake-01", "ed25519", 64)
    assert (verifier.keyid, verifier.alg) == ("intake-01", "ed25519")


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"\0" * 63, b"\0" * 65, b"\xff" * 64])
def test_a_wrong_signature_is_refused(signature: bytes) -> None:
    verifier = keys.verifier("intake-01", keys.new_ed25519()[1])
    with pytest.raises(SignatureRefused) as refused:
        verifier.verify(signature, b"data")
    assert refused.value.code == "signature_invalid"


def test_the_border_between_signature_and_data_cannot_be_moved() -> None:
    private, public = keys.new_ed25519()
    signature, verifier = keys.signer("intake-01", private).sign(b"data"), keys.verifier("intake-01", public)
    for moved, rest in ((signature + b"da", b"ta"), (signature[:-1], signature[-1:] + b"data")):
        with pytest.raises(SignatureRefused):
            verifier.verify(moved, rest)


def test_two_libraries_make_and_verify_the_same_signatures() -> None:
    other = ed25519.Ed25519PrivateKey.generate()
    signer = keys.Ed25519Signer("intake-01", other)
    assert signer.sign(b"data") == other.sign(b"data")
    keys.Ed25519Verifier("intake-01", other.public_key()).verify(other.sign(b"data"), b"data")


def test_nothing_secret_is_in_any_text_about_a_key() -> None:
    private, public = keys.new_ed25519()
    signer, verifier = keys.signer("intake-01", private), keys.verifier("intake-01", public)
    assert repr(signer) == "Ed25519Signer('intake-01')"
    assert repr(verifier) == "Ed25519Verifier('intake-01')"


RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())
ED25519 = ed25519.Ed25519PrivateKey.generate()


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        (b"", "not a private key in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "not a private key in PEM"),
        (ED25519.public_key().public_bytes(PEM, SPKI), "not a private key in PEM"),
        (ED25519.private_bytes(PEM, PKCS8, serialization.BestAvailableEncryption(b"x")), "the PEM is encrypted"),
        (RSA.private_bytes(PEM, PKCS8, PLAIN), "type of key is not supported; supported: ed25519"),
        (P256.private_bytes(PEM, PKCS8, PLAIN), "type of key is not supported"),
    ],
)
def test_an_unusable_private_key_says_why(pem: bytes, reason: str) -> None:
    with pytest.raises(UnusableKey, match=reason) as unusable:
        keys.signer("intake-01", pem)
    assert "intake-01" in str(unusable.value)


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        (b"not pem", "not a public key in PEM"),
        (ED25519.private_bytes(PEM, PKCS8, PLAIN), "not a public key in PEM"),
        (RSA.public_key().public_bytes(PEM, SPKI), "type of key is not supported; supported: ed25519"),
    ],
)
def test_an_unusable_public_key_says_why(pem: bytes, reason: str) -> None:
    with pytest.raises(UnusableKey, match=reason):
        keys.verifier("intake-01", pem)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableKey, match=r"gone\.pem cannot be read: No such file"):
        keys.signer("intake-01", tmp_path / "gone.pem")


@pytest.mark.parametrize("keyid", ["", 'a"b', "a\\b", "a b", "a\nb", "é", "x" * 129])
def test_a_key_id_must_fit_into_a_header(keyid: str) -> None:
    with pytest.raises(UnusableKey, match="a key id is"):
        keys.verifier(keyid, keys.new_ed25519()[1])


def test_an_unknown_key_id_has_the_one_text_for_every_reason() -> None:
    known = keys.verifier("known", keys.new_ed25519()[1])
    assert keys.verifier_named("known", {"known": known}) is known
    with pytest.raises(SignatureRefused) as refused:
        keys.verifier_named("secret-guess", {"known": known})
    assert refused.value.code == "key"
    assert "guess" not in str(refused.value)


def wycheproof() -> list[Any]:
    folder = os.environ.get("GATEWAY_SHARED_DATA")  # noqa: TID251 - no setting of the gateway, only where vectors lie
    if not folder:
        return [pytest.param({}, {}, marks=pytest.mark.skip("GATEWAY_SHARED_DATA is not set: no Wycheproof vectors"))]
    groups = json.loads((Path(folder) / "wycheproof" / "ed25519_test.json").read_text())["testGroups"]
    return [pytest.param(group, test, id=str(test["tcId"])) for group in groups for test in group["tests"]]


@pytest.mark.parametrize(("group", "test"), wycheproof())
def test_wycheproof_ed25519(group: dict[str, Any], test: dict[str, Any]) -> None:
    verifier = keys.verifier("wycheproof", group["publicKeyPem"].encode())
    signature, data = bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"])
    if test["result"] == "valid":
        verifier.verify(signature, data)
    else:
        with pytest.raises(SignatureRefused):
            verifier.verify(signature, data)
