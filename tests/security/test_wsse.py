"""WS-Security both ways against xmlsec, and every way to make a signed message say something else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
import xmlsec
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.contract import xml
from gateway.errors import BadSignature
from gateway.security.wsse import SoapSigner
from tests.security.soap_keys import (
    EXCLUSIVE,
    ID,
    NAMES,
    NOW,
    SOAP,
    Message,
    Party,
    verified_by_xmlsec,
)

ELLIPTIC, RSA, OTHER = Party.elliptic(), Party.rsa(), Party.elliptic()
BOTH = pytest.mark.parametrize("party", [ELLIPTIC, RSA], ids=["P-256", "RSA-2048"])
CHILD = '<q:ask xmlns:q="urn:registry"><a>样例 &amp; &lt;1&gt;</a></q:ask>'.encode()


def verify(envelope: Any, party: Party = ELLIPTIC, now: float = NOW) -> Any:
    """Through bytes, as it comes from the wire."""
    data = envelope if isinstance(envelope, bytes) else etree.tostring(envelope)
    return party.verifier.verified_body(xml.parse(data), now)


def refusal(envelope: Any, party: Party = ELLIPTIC, now: float = NOW) -> str:
    with pytest.raises(BadSignature) as refused:
        verify(envelope, party, now)
    return refused.value.why


@BOTH
def test_what_we_sign_xmlsec_verifies_and_so_do_we(party):
    envelope = party.signer.envelope(CHILD, NOW)
    verified_by_xmlsec(envelope, party.certificate_pem)
    (child,) = verify(envelope, party)
    assert xml.canonical(child) == CHILD


@BOTH
def test_what_we_write_is_canonical_as_it_stands(party):
    envelope = party.signer.envelope(CHILD, NOW)
    root = etree.fromstring(envelope)
    for path in ("s:Body", ".//wsu:Timestamp", ".//ds:SignedInfo"):
        assert xml.canonical(root.find(path, NAMES)) in envelope


@BOTH
def test_what_xmlsec_signs_we_verify(party):
    body = verify(Message(party).envelope(), party)
    assert body.tag == f"{{{SOAP}}}Body"
    assert body[0][0].text == "1"


@BOTH
@pytest.mark.parametrize("prefixes", ["xsi xsd", "s", "wsse wsu xsi", "#default xsd", "nowhere"])
def test_a_prefix_list_is_accepted(party, prefixes):
    verify(Message(party, prefixes=prefixes).envelope(), party)


def test_the_prefix_list_is_part_of_what_is_signed():
    envelope = Message(ELLIPTIC, prefixes="xsi xsd").envelope()
    for element in envelope.iter("{*}InclusiveNamespaces"):
        element.set("PrefixList", "xsi")
    assert refusal(envelope) == "a digest does not match"


def test_the_order_in_the_header_and_of_references_is_free():
    envelope = Message(ELLIPTIC, signed=("Time", "Body")).envelope()
    security = envelope.find(".//wsse:Security", NAMES)
    security.insert(0, security[2])
    etree.SubElement(envelope.find("s:Header", NAMES), "{urn:x}Routing").text = "theirs"
    verify(envelope)


@pytest.mark.parametrize("now", [NOW - 5, NOW, NOW + 124])
def test_fresh_with_a_little_skew(now):
    verify(Message(ELLIPTIC).envelope(), now=now)


def test_only_keys_of_the_agreed_kinds():
    p384 = Party.elliptic(ec.SECP384R1())
    for refused in (lambda: p384.signer, lambda: p384.verifier):
        with pytest.raises(ValueError, match="P-256 or"):
            refused()
    with pytest.raises(ValueError, match="not that of the key"):
        SoapSigner(ELLIPTIC.private_pem, OTHER.certificate_pem)
    from cryptography.hazmat.primitives import serialization as s

    edwards = ed25519.Ed25519PrivateKey.generate()
    pem = edwards.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
    with pytest.raises(ValueError, match="P-256 or RSA"):
        SoapSigner(pem, ELLIPTIC.certificate_pem)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (Message(ELLIPTIC, created=NOW + 60), "not fresh"),
        (Message(ELLIPTIC, created=NOW - 126), "not fresh"),
        (Message(ELLIPTIC, life=301), "not fresh"),
        (Message(ELLIPTIC, life=0), "not fresh"),
        (Message(ELLIPTIC, life=-1), "not fresh"),
        (Message(ELLIPTIC, signed=("Body",)), "exactly Body and Timestamp"),
        (Message(ELLIPTIC, signed=("Time",)), "exactly Body and Timestamp"),
        (Message(ELLIPTIC, signed=("Body", "Body")), "exactly Body and Timestamp"),
        (Message(ELLIPTIC, signed=("Body", "Time", "Body")), "exactly Body and Timestamp"),
        (Message(ELLIPTIC, digest=xmlsec.constants.TransformSha1), "another digest than SHA-256"),
        (Message(ELLIPTIC, digest=xmlsec.constants.TransformSha512), "another digest than SHA-256"),
        (Message(ELLIPTIC, method=xmlsec.constants.TransformEcdsaSha1), "another signature algorithm"),
        (Message(ELLIPTIC, more_transforms=(EXCLUSIVE,)), "the agreed shape"),
        (Message(ELLIPTIC, ids=("Body", None), signed=("Body",)), "need a wsu:Id"),
        (Message(OTHER), "the certificate is not the agreed one"),
        (Message(RSA), "the certificate is not the agreed one"),
    ],
)
def test_a_rightly_made_signature_that_is_not_the_agreed_one(message, why):
    assert why in refusal(message.envelope())


def test_a_body_that_no_reference_can_name():
    """Without ids, one reference `#None` over the Timestamp alone must not pass for both."""
    envelope = Message(ELLIPTIC).envelope()
    info, time = envelope.find(".//ds:SignedInfo", NAMES), envelope.find(".//wsu:Timestamp", NAMES)
    for element in (envelope.find("s:Body", NAMES), time):
        del element.attrib[ID]
    info.remove(info[2])
    info[2].set("URI", "#None")
    digest = hashlib.sha256(xml.canonical(time)).digest()
    info.find(".//ds:DigestValue", NAMES).text = base64.b64encode(digest).decode()
    value = ELLIPTIC.signer._sign(xml.canonical(info))
    envelope.find(".//ds:SignatureValue", NAMES).text = base64.b64encode(value).decode()
    assert "need a wsu:Id" in refusal(envelope)


@pytest.mark.parametrize("digest", [xmlsec.constants.TransformSha1, xmlsec.constants.TransformSha256])
def test_rsa_with_sha_1_is_refused(digest):
    envelope = Message(RSA, method=xmlsec.constants.TransformRsaSha1, digest=digest).envelope()
    assert "another" in refusal(envelope, RSA)


# The signature's bytes

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def with_value(change: Callable[[bytes], bytes]) -> Any:
    envelope = Message(ELLIPTIC).envelope()
    value = envelope.find(".//ds:SignatureValue", NAMES)
    value.text = base64.b64encode(change(base64.b64decode(value.text))).decode()
    return envelope


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value[:63],
        lambda value: value + b"\x00",
        lambda value: b"",
        lambda value: bytes(32) + value[32:],
        lambda value: value[:32] + bytes(32),
        lambda value: value[:32] + ORDER.to_bytes(32, "big"),
        lambda value: value[:32] + (ORDER + 1).to_bytes(32, "big"),
        lambda value: ORDER.to_bytes(32, "big") + value[32:],
        lambda value: bytes(64),
        lambda value: value[32:] + value[:32],
        lambda value: value[:-1] + bytes([value[-1] ^ 1]),
        lambda value: b"0E" + value,
    ],
)
def test_a_signature_of_other_bytes(change):
    assert refusal(with_value(change)) == "the signature does not verify"


def test_a_signature_value_that_is_no_base64():
    envelope = Message(ELLIPTIC).envelope()
    envelope.find(".//ds:SignatureValue", NAMES).text = "%%%"
    assert refusal(envelope) == "not base64"


# Comments, and whatever else may happen to the bytes


def test_a_comment_does_not_cut_text_in_two():
    """Canonical form leaves comments out, so the signature holds; the text that is read must then be the whole."""
    data = etree.tostring(Message(ELLIPTIC, inside="<a>admin.evil</a>").envelope())
    body = verify(data.replace(b"admin.evil", b"admin<!-- -->.evil"))
    assert xml.text_of(body[0]) == "admin.evil"


def test_a_processing_instruction_breaks_the_digest():
    data = etree.tostring(Message(ELLIPTIC, inside="<a>admin.evil</a>").envelope())
    assert refusal(data.replace(b"admin.evil", b"admin<?x y?>.evil")) == "a digest does not match"


GOOD = {party: etree.tostring(Message(party).envelope()) for party in (ELLIPTIC, RSA)} | {
    OTHER: OTHER.signer.envelope(CHILD, NOW)
}
BODIES = {party: xml.canonical(verify(data, party)) for party, data in GOOD.items()}
BYTES = st.binary(min_size=1, max_size=3) | st.sampled_from(
    [b"", b"<!-- -->", b"<?a b?>", b"\x00", b"&#10;", b'"', b" ", b"<a/>"]
)


@settings(max_examples=400)
@given(st.sampled_from(list(GOOD)), st.data())
def test_whatever_happens_to_the_bytes_it_is_refused_or_says_the_same(party, data):
    changed = GOOD[party]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(changed) - 1))
        end = min(len(changed), at + data.draw(st.integers(0, 3)))
        changed = changed[:at] + data.draw(BYTES) + changed[end:]
    try:
        body = verify(changed, party)
    except (BadSignature, xml.NotXml):
        return
    assert xml.canonical(body) == BODIES[party]


def test_a_message_is_verified_by_its_own_certificate_only():
    message = Message(OTHER).envelope()
    verify(message, OTHER)
    refusal(message, ELLIPTIC)
