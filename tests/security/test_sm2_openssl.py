"""OpenSSL's command line as the oracle: it takes our keys and signatures, and we take its."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from gateway.security import keys
from gateway.security.signatures import SignatureRefused
from tests.security.sm2_cases import PRIVATE_PEM, PUBLIC_PEM, b32

ID = "distid:1234567812345678"
DATA = b"message digest"


def has_sm2() -> bool:
    if shutil.which("openssl") is None:
        return False
    listed = subprocess.run(["openssl", "ecparam", "-list_curves"], capture_output=True, text=True, check=False)
    return "SM2" in listed.stdout


pytestmark = pytest.mark.skipif(not has_sm2(), reason="no openssl command here that knows SM2")


class OpenSSL:
    """The command, in a folder that holds the key pair and the data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "data").write_bytes(DATA)

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = ["openssl", *arguments]
        return subprocess.run(command, cwd=self._folder, capture_output=True, check=False, timeout=60)

    def must(self, *arguments: str) -> bytes:
        done = self(*arguments)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def write(self, name: str, content: bytes) -> None:
        (self._folder / name).write_bytes(content)

    def read(self, name: str) -> bytes:
        return (self._folder / name).read_bytes()

    def accepts(self, signature: bytes, signer_id: str = ID) -> bool:
        """Whether the signature (r and s) is the key's in `public.pem` over the data."""
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        self.write("signature", encode_dss_signature(r, s))
        verify = ("pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin", "-digest", "sm3")
        return self(*verify, "-in", "data", "-sigfile", "signature", "-pkeyopt", signer_id).returncode == 0


def r_s(der: bytes) -> bytes:
    r, s = decode_dss_signature(der)
    return b32(r) + b32(s)


@pytest.fixture
def openssl(tmp_path: Path) -> OpenSSL:
    return OpenSSL(tmp_path)


def test_openssl_accepts_our_keys_and_signatures(openssl: OpenSSL) -> None:
    private, public = keys.new_sm2()
    openssl.write("public.pem", public)
    for _ in range(8):
        assert openssl.accepts(keys.signer("gateway-1", private).sign(DATA))
    signature = keys.signer("gateway-1", private).sign(DATA)
    assert not openssl.accepts(signature[32:] + signature[:32])
    assert not openssl.accepts(signature, "distid:somebody")
    assert not openssl.accepts(keys.signer("gateway-1", private).sign(b"other"))


def test_openssl_writes_our_keys_as_we_do(openssl: OpenSSL) -> None:
    openssl.write("private.pem", PRIVATE_PEM)
    openssl.write("public.pem", PUBLIC_PEM)
    assert openssl.must("pkey", "-in", "private.pem") == PRIVATE_PEM
    assert openssl.must("pkey", "-in", "private.pem", "-pubout") == PUBLIC_PEM
    assert openssl.must("pkey", "-pubin", "-in", "public.pem") == PUBLIC_PEM
    assert b"Key is valid" in openssl.must("pkey", "-in", "private.pem", "-check", "-noout")


GENERATED = {
    "genpkey -algorithm SM2": ("genpkey", "-algorithm", "SM2"),
    "genpkey of the curve": ("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"),
    "ecparam": ("ecparam", "-name", "SM2", "-genkey", "-noout"),
}


@pytest.mark.parametrize("made", GENERATED.values(), ids=GENERATED.keys())
def test_we_accept_openssls_keys_and_signatures(openssl: OpenSSL, made: tuple[str, ...]) -> None:
    openssl.must(*made, "-out", "private.pem")
    openssl.must("pkey", "-in", "private.pem", "-pubout", "-out", "public.pem")
    verifier = keys.verifier("authority-1", openssl.read("public.pem"))
    by_dgst = ("dgst", "-sm3", "-sign", "private.pem", "-sigopt", ID, "-out", "dgst.sig", "data")
    by_pkeyutl = ("pkeyutl", "-sign", "-inkey", "private.pem", "-rawin", "-digest", "sm3")
    openssl.must(*by_dgst)
    openssl.must(*by_pkeyutl, "-in", "data", "-pkeyopt", ID, "-out", "pkeyutl.sig")
    for name in ("dgst.sig", "pkeyutl.sig"):
        verifier.verify(r_s(openssl.read(name)), DATA)
        with pytest.raises(SignatureRefused):
            verifier.verify(openssl.read(name), DATA)
    assert openssl.accepts(keys.signer("authority-1", openssl.read("private.pem")).sign(DATA))


def test_a_signature_under_another_id_is_refused(openssl: OpenSSL) -> None:
    openssl.write("private.pem", PRIVATE_PEM)
    for signer_id in ("distid:somebody", "hexdistid:"):
        openssl.must("dgst", "-sm3", "-sign", "private.pem", "-sigopt", signer_id, "-out", "signature", "data")
        with pytest.raises(SignatureRefused, match="signature_invalid"):
            keys.verifier("authority-1", PUBLIC_PEM).verify(r_s(openssl.read("signature")), DATA)


def test_an_encrypted_key_is_refused_with_the_reason(openssl: OpenSSL) -> None:
    openssl.write("private.pem", PRIVATE_PEM)
    openssl.must("pkcs8", "-topk8", "-in", "private.pem", "-out", "sealed.pem", "-passout", "pass:x")
    with pytest.raises(keys.UnusableKey, match="the PEM is encrypted"):
        keys.signer("authority-1", openssl.read("sealed.pem"))


@pytest.mark.parametrize("form", [("-conv_form", "compressed"), ("-param_enc", "explicit")])
def test_other_spellings_of_a_public_key_are_refused(openssl: OpenSSL, form: tuple[str, str]) -> None:
    openssl.write("public.pem", PUBLIC_PEM)
    with pytest.raises(keys.UnusableKey):
        keys.verifier("authority-1", openssl.must("ec", "-pubin", "-in", "public.pem", *form))
