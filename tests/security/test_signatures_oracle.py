"""Every inbound and answer profile against the library http-message-signatures, both ways: an implementation not ours."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

import pytest
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, MappingKeyResolver, algorithms

from gateway.security import keys
from gateway.security import signatures as codec
from gateway.security.digests import content_digest
from gateway.security.profiles import (
    ANSWER,
    ANSWER_BOUND,
    BOUND_TO_EXCHANGE,
    BOUND_TO_QUESTION,
    EXCHANGE,
    EXCHANGE_REPLY,
    READ,
    VERIFY,
    VERIFY_KEYED,
    Profile,
)
from mocks import sm2

ALGORITHMS: Final[dict[str, tuple[Any, tuple[bytes, bytes]]]] = {
    "ed25519": (algorithms.ED25519, keys.new_ed25519()),
    "ecdsa-p256-sha256": (algorithms.ECDSA_P256_SHA256, keys.new_p256()),
    "sm2-sm3": (sm2.Sm2, keys.new_sm2()),
}
KEYID: Final = "intake-01"
NOW: Final = 1795392000
NONCE: Final = "AAAAAAAAAAAAAAAAAAAAAA"
BODY: Final = b'{"hello": "world"}'
BOUND: Final = f":{'A' * 86}==:"
VALUES: Final = {
    '"@method"': "POST",
    '"@authority"': "gw.example",
    '"@path"': "/v1/verifications",
    '"content-type"': "application/json",
    '"content-digest"': content_digest(BODY),
    '"idempotency-key"': "JL2018050200123-1",
}
REPLY_VALUES: Final = {
    **{f"{name};req": value for name, value in VALUES.items()},
    '"@status"': "200",
    '"content-type"': "application/json",
    '"content-digest"': content_digest(BODY),
    BOUND_TO_QUESTION: BOUND,
    BOUND_TO_EXCHANGE: BOUND,
}


class TimelessVerifier(HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        """Our clock window has its own test; the oracle would ask the machine's clock."""


def resolver(alg: str) -> MappingKeyResolver:
    private, public = ALGORITHMS[alg][1]
    return MappingKeyResolver(public_keys={KEYID: public}, private_keys={KEYID: private})


def request_message(**headers: str) -> SimpleNamespace:
    return SimpleNamespace(
        method="POST",
        url="https://gw.example/v1/verifications",
        headers={
            "Content-Type": VALUES['"content-type"'],
            "Content-Digest": VALUES['"content-digest"'],
            "Idempotency-Key": VALUES['"idempotency-key"'],
            **headers,
        },
    )


def reply_message(**headers: str) -> SimpleNamespace:
    return SimpleNamespace(
        status_code=200,
        headers={"Content-Type": "application/json", "Content-Digest": content_digest(BODY), **headers},
        request=request_message(Signature=f"gw={BOUND}, gdx={BOUND}"),
    )


CASES: Final = [
    (VERIFY, VALUES, request_message),
    (VERIFY_KEYED, VALUES, request_message),
    (READ, VALUES, request_message),
    (ANSWER, REPLY_VALUES, reply_message),
    (ANSWER_BOUND, REPLY_VALUES, reply_message),
    (EXCHANGE, VALUES, request_message),
    (EXCHANGE_REPLY, REPLY_VALUES, reply_message),
]


@pytest.mark.parametrize("alg", ALGORITHMS)
@pytest.mark.parametrize(("profile", "values", "message"), CASES)
def test_the_oracle_accepts_what_we_sign(profile: Profile, values: dict[str, str], message: Any, alg: str) -> None:
    private, _ = ALGORITHMS[alg][1]
    signature_input, signature = codec.sign(profile, values, keys.signer(KEYID, private), NOW, NOW + 60, NONCE)
    signed = message(**{"Signature-Input": signature_input, "Signature": signature})
    oracle = TimelessVerifier(signature_algorithm=ALGORITHMS[alg][0], key_resolver=resolver(alg))
    (result,) = oracle.verify(signed, max_age=None, expect_tag=profile.tag, expect_label=profile.label)
    assert [name for name in result.covered_components if "params" not in name] == list(profile.components)


@pytest.mark.parametrize("alg", ALGORITHMS)
@pytest.mark.parametrize(("profile", "values", "message"), CASES)
def test_we_accept_what_the_oracle_signs(profile: Profile, values: dict[str, str], message: Any, alg: str) -> None:
    unsigned = message()
    if "content-digest" not in profile.covered:
        del unsigned.headers["Content-Digest"]  # the oracle will not leave a digest uncovered
    HTTPMessageSigner(signature_algorithm=ALGORITHMS[alg][0], key_resolver=resolver(alg)).sign(
        unsigned,
        key_id=KEYID,
        created=datetime.fromtimestamp(NOW, UTC),
        expires=datetime.fromtimestamp(NOW + 60, UTC),
        nonce=NONCE,
        label=profile.label,
        tag=profile.tag,
        covered_component_ids=profile.components,
        use_existing_digest="Content-Digest" in unsigned.headers,
    )
    presented = codec.parse([unsigned.headers["Signature-Input"]], [unsigned.headers["Signature"]])
    assert codec.check(presented, (profile,), NOW) is profile
    codec.verify(presented, values, keys.verifier(KEYID, ALGORITHMS[alg][1][1]))
