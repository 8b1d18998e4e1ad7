import hashlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security import keys
from gateway.security import signatures as codec
from gateway.security.digests import content_digest
from gateway.security.profiles import (
    READ,
    VERIFY,
    VERIFY_KEYED,
    Profile,
)
from gateway.security.signatures import Presented, SignatureRefused

# RFC 9421 B.1.4
PRIVATE: Final = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF
-----END PRIVATE KEY-----
"""
PUBLIC: Final = b"""-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----
"""
SIGNER: Final = keys.signer("test-key-ed25519", PRIVATE)
VERIFIER: Final = keys.verifier("test-key-ed25519", PUBLIC)

NOW: Final = 1795392000
NONCE: Final = "AAAAAAAAAAAAAAAAAAAAAA"
BODY: Final = b'{"hello": "world"}'
VALUES: Final = {
    '"@method"': "POST",
    '"@authority"': "gw.example",
    '"@path"': "/v1/verifications",
    '"content-type"': "application/json",
    '"content-digest"': content_digest(BODY),
    '"idempotency-key"': "JL2018050200123-1",
}
INPUT, SIGNATURE = codec.sign(VERIFY, VALUES, SIGNER, NOW, NOW + 60, NONCE)


def accept(signature_input: str, signature: str, profile: Profile = VERIFY) -> Presented:
    presented = codec.parse([signature_input], [signature])
    codec.check(presented, (profile,), NOW)
    codec.verify(presented, VALUES, VERIFIER)
    return presented


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(SignatureRefused) as refused:
        call()
    assert str(refused.value) == f"{refused.value.code}: {refused.value.detail}"
    return refused.value.code


# The standard's own vectors


def test_rfc_9421_b_2_6() -> None:
    base = codec.signature_base(
        [
            '"date": Tue, 20 Apr 2021 02:07:55 GMT',
            '"@method": POST',
            '"@path": /foo',
            '"@authority": example.com',
            '"content-type": application/json',
            '"content-length": 18',
            '"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length")'
            ';created=1618884473;keyid="test-key-ed25519"',
        ]
    )
    expected = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    assert b64encode(SIGNER.sign(base)).decode() == expected


# Signing, and reading what was signed


@pytest.mark.parametrize("profile", [VERIFY, VERIFY_KEYED, READ])
def test_what_is_signed_is_accepted(profile: Profile) -> None:
    presented = accept(*codec.sign(profile, VALUES, SIGNER, NOW, NOW + 60, NONCE), profile=profile)
    assert presented.params_text.startswith(profile.covered + ";created=1795392000;expires=1795392060;nonce=")
    assert (presented.nonce, presented.keyid) == (NONCE, "test-key-ed25519")


def test_the_headers_have_the_promised_spelling() -> None:
    assert INPUT == (
        'gw=("@method" "@authority" "@path" "content-type" "content-digest");created=1795392000;expires=1795392060'
        ';nonce="AAAAAAAAAAAAAAAAAAAAAA";keyid="test-key-ed25519";alg="ed25519";tag="gdx-verify-v1"'
    )
    assert codec.signature_text(SIGNATURE) == codec.parse([INPUT], [SIGNATURE]).signature_text


@given(st.permutations(["created", "expires", "nonce", "keyid", "alg", "tag"]))
def test_another_order_of_parameters_is_another_signature_equally_good(names: list[str]) -> None:
    _, *parameters = INPUT.split(";")
    by_name = {parameter.partition("=")[0]: parameter for parameter in parameters}
    params_text = ";".join([VERIFY.covered, *(by_name[name] for name in names)])
    signature = b64encode(SIGNER.sign(codec.base(VERIFY.components, VALUES, params_text))).decode()
    accept(f"gw={params_text}", f"gw=:{signature}:")
    if f"gw={params_text}" != INPUT:
        assert code_of(lambda: accept(f"gw={params_text}", SIGNATURE)) == "signature_invalid"


@pytest.mark.parametrize("nonce", ["", "A" * 21, "A" * 65, 'A"' * 11, "é" * 22])
def test_a_nonce_that_would_be_refused_is_not_signed(nonce: str) -> None:
    assert code_of(lambda: codec.sign(VERIFY, VALUES, SIGNER, NOW, NOW + 60, nonce)) == "signature_malformed"


# Each refusal


@pytest.mark.parametrize(
    "covered",
    [
        "()",
        READ.covered,
        VERIFY_KEYED.covered,
        '("@method" "@path" "@authority" "content-type" "content-digest")',
        '("@method" "@authority" "@path" "content-type" "content-digest" "content-digest")',
        '("@method";req "@authority" "@path" "content-type" "content-digest")',
        '("@method" "@authority" "@path" "content-type" "Content-Digest")',
    ],
)
def test_coverage(covered: str) -> None:
    text = INPUT.replace(VERIFY.covered, covered)
    assert code_of(lambda: accept(text, SIGNATURE)) == "coverage"


def test_another_label_is_no_signature_for_us() -> None:
    call = lambda: accept(INPUT.replace("gw=", "sig1=", 1), SIGNATURE.replace("gw=", "sig1=", 1))  # noqa: E731
    assert code_of(call) == "signature_missing"


def test_tag() -> None:
    assert code_of(lambda: accept(INPUT.replace("verify-v1", "read-v1"), SIGNATURE)) == "tag"


@pytest.mark.parametrize(
    ("created", "expires", "is_good"),
    [
        (NOW, NOW + 120, True),
        (NOW, NOW + 121, False),
        (NOW + 5, NOW + 60, True),
        (NOW + 6, NOW + 60, False),
        (NOW - 100, NOW - 4, True),
        (NOW - 100, NOW - 5, False),
        (NOW - 100, NOW - 6, False),
        (NOW, NOW, False),
        (NOW, NOW - 1, False),
        (NOW, NOW + 1, True),
        (0, NOW, False),
        (0, 999_999_999_999_999, False),
    ],
)
def test_the_clock_window_at_its_edges(created: int, expires: int, is_good: bool) -> None:
    headers = codec.sign(VERIFY, VALUES, SIGNER, created, expires, NONCE)
    if is_good:
        accept(*headers)
    else:
        assert code_of(lambda: accept(*headers)) == "clock"


def test_check_names_the_profile_that_fits() -> None:
    keyed = codec.sign(VERIFY_KEYED, VALUES, SIGNER, NOW, NOW + 60, NONCE)
    presented = codec.parse([keyed[0]], [keyed[1]])
    assert codec.check(presented, (VERIFY, VERIFY_KEYED), NOW + 0.5) is VERIFY_KEYED


def test_key_and_alg_must_be_those_of_the_record() -> None:
    presented = codec.parse([INPUT], [SIGNATURE])
    assert code_of(lambda: codec.verify(replace(presented, keyid="other"), VALUES, VERIFIER)) == "key"
    assert code_of(lambda: codec.verify(replace(presented, alg="sm2-sm3"), VALUES, VERIFIER)) == "alg_mismatch"


@pytest.mark.parametrize("name", VERIFY.components)
def test_every_covered_value_counts(name: str) -> None:
    presented = codec.parse([INPUT], [SIGNATURE])
    changed = {**VALUES, name: VALUES[name] + "x"}
    assert code_of(lambda: codec.verify(presented, changed, VERIFIER)) == "signature_invalid"
    absent = {other: value for other, value in VALUES.items() if other != name}
    assert code_of(lambda: codec.verify(presented, absent, VERIFIER)) == "coverage"


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "é", "\udc80", "a\0b", " a", "a ", "a\tb", '/x\n"@path": /y'])
def test_values_that_can_stand_in_no_base_are_refused(value: str) -> None:
    presented = codec.parse([INPUT], [SIGNATURE])
    values = {**VALUES, '"@path"': value}
    assert code_of(lambda: codec.verify(presented, values, VERIFIER)) == "signature_malformed"
    assert code_of(lambda: codec.sign(VERIFY, values, SIGNER, NOW, NOW + 60, NONCE)) == "signature_malformed"


@pytest.mark.parametrize("line", ["a\nb", "a\rb", "é", "\udc80"])
def test_a_base_is_made_of_single_lines_of_ascii(line: str) -> None:
    assert code_of(lambda: codec.signature_base([line, "x"])) == "signature_malformed"


def test_fingerprints_show_which_line_differs() -> None:
    presented = codec.parse([INPUT], [SIGNATURE])
    ours = codec.fingerprints(codec.lines(VERIFY.components, VALUES, presented.params_text))
    theirs = codec.fingerprints(codec.lines(VERIFY.components, {**VALUES, '"@path"': "/x"}, presented.params_text))
    assert [name for name, _ in ours] == [*VERIFY.components, '"@signature-params"']
    assert [one[0] for one, other in zip(ours, theirs, strict=True) if one != other] == ['"@path"']
    assert ours[0][1] == hashlib.sha256(b'"@method": POST').hexdigest()


# Mutations: no changed header is ever accepted


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        stop = start + draw(st.integers(0, 3))
        piece = draw(st.text(max_size=3) | st.sampled_from([" ", ";", ",", '"', "0", "=", text[start:stop] * 2, text]))
        text = text[:start] + piece + text[stop:]
    return text


@given(mutated(INPUT), mutated(SIGNATURE))
def test_any_mutation_of_a_signed_message_is_refused(signature_input: str, signature: str) -> None:
    if (signature_input, signature) == (INPUT, SIGNATURE):
        accept(signature_input, signature)
    else:
        with pytest.raises(SignatureRefused):
            accept(signature_input, signature)


@given(st.integers(0, 63), st.integers(0, 7))
def test_any_bit_of_the_signature_counts(byte: int, bit: int) -> None:
    raw = bytearray(codec.parse([INPUT], [SIGNATURE]).signature)
    raw[byte] ^= 1 << bit
    assert code_of(lambda: accept(INPUT, f"gw=:{b64encode(raw).decode()}:")) == "signature_invalid"
