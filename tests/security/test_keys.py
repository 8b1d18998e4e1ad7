import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from gateway.security import keys
from gateway.security.algorithms import P256_ORDER, Ed25519Signer, Ed25519Verifier
from gateway.security.keys import UnusableKey
from gateway.security.signatures import SignatureRefused
from tests.security.sm2_cases import b32

PKCS8 = serialization.PrivateFormat.PKCS8
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
PEM = serialization.Encoding.PEM
PLAIN = serialization.NoEncryption()


PAIRS = {"ed25519": keys.new_ed25519, "ecdsa-p256-sha256": keys.new_p256, "sm2-sm3": keys.new_sm2}


@pytest.mark.parametrize("alg", PAIRS)
def test_a_new_pair_signs_and_verifies(alg: str, tmp_path: Path) -> None:
    private, public = PAIRS[alg]()
    (tmp_path / "key.pem").write_bytes(private)
    signer, verifier = keys.signer("intake-01", tmp_path / "key.pem"), keys.verifier("intake-01", public)
    signature = signer.sign(b"data")
    verifier.verify(signature, b"data")
    assert (signer.keyid, signer.alg, len(signature)) == ("intake-01", alg, 64)
    assert (verifier.keyid, verifier.alg) == ("intake-01", alg)


@pytest.mark.parametrize("alg", PAIRS)
@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"\0" * 63, b"\0" * 65, b"\xff" * 64])
def test_a_wrong_signature_is_refused(signature: bytes, alg: str) -> None:
    verifier = keys.verifier("intake-01", PAIRS[alg]()[1])
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
    signer = Ed25519Signer("intake-01", other)
    assert signer.sign(b"data") == other.sign(b"data")
    Ed25519Verifier("intake-01", other.public_key()).verify(other.sign(b"data"), b"data")


@pytest.mark.parametrize(("alg", "stem"), [("ed25519", "Ed25519"), ("ecdsa-p256-sha256", "P256"), ("sm2-sm3", "Sm2")])
def test_nothing_secret_is_in_any_text_about_a_key(alg: str, stem: str) -> None:
    private, public = PAIRS[alg]()
    signer, verifier = keys.signer("intake-01", private), keys.verifier("intake-01", public)
    assert repr(signer) == f"{stem}Signer('intake-01')"
    assert repr(verifier) == f"{stem}Verifier('intake-01')"


P256_REFUSED: dict[str, Callable[[int, int], bytes]] = {
    "r is 0": lambda r, s: b32(0) + b32(s),
    "s is 0": lambda r, s: b32(r) + b32(0),
    "r is n": lambda r, s: b32(P256_ORDER) + b32(s),
    "s is n": lambda r, s: b32(r) + b32(P256_ORDER),
    "swapped": lambda r, s: b32(s) + b32(r),
    "the other r": lambda r, s: b32(P256_ORDER - r) + b32(s),
    "DER": encode_dss_signature,
    "padded in front": lambda r, s: b"\0" + b32(r) + b32(s),
    "padded behind": lambda r, s: b32(r) + b32(s) + b"\0",
    "one byte short": lambda r, s: (b32(r) + b32(s))[:-1],
    "hexadecimal": lambda r, s: (b32(r) + b32(s)).hex().encode(),
}


def p256_numbers(private: bytes, data: bytes) -> tuple[int, int]:
    signature = keys.signer("intake-01", private).sign(data)
    return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")


@pytest.mark.parametrize("name", P256_REFUSED)
def test_p256_takes_r_and_s_in_64_bytes_and_no_other_writing(name: str) -> None:
    private, public = keys.new_p256()
    r, s = p256_numbers(private, b"data")
    with pytest.raises(SignatureRefused, match="signature_invalid"):
        keys.verifier("intake-01", public).verify(P256_REFUSED[name](r, s), b"data")


def test_both_signatures_of_p256_verify() -> None:
    """What is used once is the nonce, which both cover."""
    private, public = keys.new_p256()
    r, s = p256_numbers(private, b"data")
    for each in (s, P256_ORDER - s):
        keys.verifier("intake-01", public).verify(b32(r) + b32(each), b"data")


def test_other_implementations_read_what_p256_signs() -> None:
    private, public = keys.new_p256()
    der = encode_dss_signature(*p256_numbers(private, b"data"))
    key = serialization.load_pem_public_key(public)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(der, b"data", ec.ECDSA(hashes.SHA256()))


RSA = rsa.generate_private_key(65537, 2048)
P384 = ec.generate_private_key(ec.SECP384R1())
_P256_SPKI = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(serialization.Encoding.DER, SPKI)
_BENT = base64.b64encode(_P256_SPKI[:-1] + bytes((_P256_SPKI[-1] ^ 1,)))
OFF_THE_CURVE = b"-----BEGIN PUBLIC KEY-----\n" + _BENT + b"\n-----END PUBLIC KEY-----\n"
ED25519 = ed25519.Ed25519PrivateKey.generate()


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        (b"", "not a private key in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "not a private key in PEM"),
        (ED25519.public_key().public_bytes(PEM, SPKI), "not a private key in PEM"),
        (ED25519.private_bytes(PEM, PKCS8, serialization.BestAvailableEncryption(b"x")), "the PEM is encrypted"),
        (RSA.private_bytes(PEM, PKCS8, PLAIN), "type of key is not supported; supported: ed25519"),
        (P384.private_bytes(PEM, PKCS8, PLAIN), "is on the curve secp384r1; of this kind only P-256"),
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
        (P384.public_key().public_bytes(PEM, SPKI), "is on the curve secp384r1; of this kind only P-256"),
        (OFF_THE_CURVE, "not a public key in PEM"),
    ],
)
def test_an_unusable_public_key_says_why(pem: bytes, reason: str) -> None:
    with pytest.raises(UnusableKey, match=reason):
        keys.verifier("intake-01", pem)


@pytest.mark.parametrize("make", [keys.new_ed25519, keys.new_p256, keys.new_sm2])
def test_a_public_key_is_taken_out_of_a_file_without_what_stands_beside_it(make) -> None:
    _, public = make()
    assert keys.public_pem("intake-01", b"a note\n" + public) == public.decode()
    assert keys.public_half("intake-01", f"{public.decode()}\n ").keyid == "intake-01"


def test_neither_a_private_half_nor_a_note_stands_beside_what_is_handed_out() -> None:
    private, public = (half.decode() for half in keys.new_ed25519())
    assert keys.public_pem("intake-01", (public + private).encode()) == public
    for text in (public + private, private + public, "a note\n" + public, public * 2, public.replace("M", "\nM", 1)):
        with pytest.raises(UnusableKey) as unusable:
            keys.public_half("intake-01", text)
        assert not any(line in str(unusable.value) for line in text.splitlines() if line)


def test_one_point_has_one_text() -> None:
    """Else a key that was revoked would come back as another one."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    der = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point
    text = f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(der).decode()}\n-----END PUBLIC KEY-----\n"
    assert keys.public_pem("intake-01", text.encode()).encode() == public.public_bytes(PEM, SPKI)
    with pytest.raises(UnusableKey, match="and nothing else"):
        keys.public_half("intake-01", text)


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


def wycheproof(name: str, count: int) -> list[Any]:
    folder = os.environ.get("GATEWAY_SHARED_DATA")  # noqa: TID251 - no setting of the gateway, only where vectors lie
    if not folder:
        return [pytest.param({}, {}, marks=pytest.mark.skip("GATEWAY_SHARED_DATA is not set: no Wycheproof vectors"))]
    groups = json.loads((Path(folder) / "wycheproof" / f"{name}_test.json").read_text())["testGroups"]
    found = [pytest.param(group, test, id=str(test["tcId"])) for group in groups for test in group["tests"]]
    assert len(found) == count
    return found


def holds(group: dict[str, Any], test: dict[str, Any]) -> bool:
    verifier = keys.verifier("wycheproof", group["publicKeyPem"].encode())
    try:
        verifier.verify(bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
    except SignatureRefused:
        return False
    return True


@pytest.mark.parametrize(("group", "test"), wycheproof("ed25519", 151))
def test_wycheproof_ed25519(group: dict[str, Any], test: dict[str, Any]) -> None:
    assert holds(group, test) is (test["result"] == "valid")


@pytest.mark.parametrize(("group", "test"), wycheproof("ecdsa_secp256r1_sha256_p1363", 262))
def test_wycheproof_p256(group: dict[str, Any], test: dict[str, Any]) -> None:
    assert holds(group, test) is (test["result"] == "valid")
