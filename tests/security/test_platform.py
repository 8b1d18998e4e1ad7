"""The platform's four values: the field's own vectors, and everything a reply can get wrong."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadSignature, NotBound
from gateway.security import platform
from gateway.security.platform import Standing

APP_KEY, SECRET = "demo-appkey-0001", "appsecret-plaintext-0123456789ab"
WRAPPED = "NFDoyKzpLtLye76jjlWB1d7NJDePAxseABLm+jK4f1JuvBFs3U9pTblfqP35KJPW"
SID, RID, RTIME = "s_demo_0001", "00000000-0000-4000-8000-000000000001", "1795392000000"
NOW = 1795392000.0
PREFIXES = ("gjgxjhpt", "gjzwfwpt")


def standing(prefix: str = "gjgxjhpt", rid: str = RID, sid: str = SID) -> Standing:
    return Standing(prefix, rid, sid)


def test_vectors_item_10() -> None:
    assert platform.aes_key(APP_KEY).hex() == "cd111159bbc36013b1a67da314963638"
    assert platform.unwrap(APP_KEY, WRAPPED) == SECRET
    assert platform.sign(SECRET, SID, RID, RTIME) == "SFGtP4FWOGcvXfs8sHZCVZZuAB+i4l8GnM/kVOdush0="
    assert platform.sign(APP_KEY, SID, RID, RTIME) == "SXcayAtUgpDWaoIJhbn2p1rmXxGlR/H/x0zWmvj6gOQ="


def test_the_domain_s_vector() -> None:
    rid = "00000000-0000-4000-8000-000000000001@demo"
    signed = platform.sign("demo-secret-not-real", "s_1229901000000_0001", rid, "1525219200000")
    assert signed == "FevhPfterbzMhIiYNewM6yjUhRU91yE8ABSgHpFYNJs="
    assert platform.aes_key("demo-app-key").hex() == "d0e2756624362ec2161734cfe2d07cde"


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_request_carries_four_named_values(prefix: str) -> None:
    assert standing(prefix).signed(SECRET, NOW).named(prefix) == {
        f"{prefix}_rid": RID,
        f"{prefix}_sid": SID,
        f"{prefix}_rtime": RTIME,
        f"{prefix}_sign": "SFGtP4FWOGcvXfs8sHZCVZZuAB+i4l8GnM/kVOdush0=",
    }


def given_values(signer: Standing | None = None, key: str = SECRET, at: float = NOW) -> dict[str, list[str]]:
    who = signer or standing()
    return {name: [value] for name, value in who.signed(key, at).named(who.prefix).items()}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_reply_by_any_secret_of_ours_is_accepted(prefix: str) -> None:
    ours = standing(prefix)
    ours.verify(given_values(ours), [SECRET], NOW)
    ours.verify(given_values(ours), ["newer", SECRET], NOW + 300)
    ours.verify(given_values(ours), [SECRET, "older"], NOW - 300)


@pytest.mark.parametrize("field", platform.FIELDS)
@pytest.mark.parametrize("texts", [[], ["a", "a"], ["值"], [""], ["x"]])
def test_a_value_that_is_missing_or_wrong(field: str, texts: list[str]) -> None:
    with pytest.raises(BadSignature):
        standing().verify(given_values() | {f"gjgxjhpt_{field}": texts}, [SECRET], NOW)


def test_a_good_reply_with_every_value_twice_is_none() -> None:
    with pytest.raises(BadSignature):
        standing().verify({name: texts * 2 for name, texts in given_values().items()}, [SECRET], NOW)


@pytest.mark.parametrize("secrets", [[], ["another"], [APP_KEY], [SECRET + " "]])
def test_by_no_secret_of_ours(secrets: list[str]) -> None:
    with pytest.raises(BadSignature, match="none of our secrets"):
        standing().verify(given_values(), secrets, NOW)


@pytest.mark.parametrize("away", [-300.1, 300.1, 1e9])
def test_not_fresh(away: float) -> None:
    with pytest.raises(BadSignature, match="not of now"):
        standing().verify(given_values(), [SECRET], NOW + away)


@pytest.mark.parametrize("rtime", ["1795392000", "17953920000000", "1795392000.00", "１７９５３９２００００００"])
def test_a_time_in_another_form_is_none_though_signed(rtime: str) -> None:
    values = given_values() | {"gjgxjhpt_rtime": [rtime], "gjgxjhpt_sign": [platform.sign(SECRET, SID, RID, rtime)]}
    with pytest.raises(BadSignature):
        standing().verify(values, [SECRET], NOW)


@pytest.mark.parametrize("other", [standing(sid="s_demo_0002"), standing(rid="somebody")])
def test_for_another_service_or_requester(other: Standing) -> None:
    with pytest.raises(NotBound):
        standing().verify(given_values(other), [SECRET], NOW)
    with pytest.raises(BadSignature):
        standing().verify(given_values(other, key="theirs"), [SECRET], NOW)


def test_the_other_prefix_is_another_platform() -> None:
    with pytest.raises(BadSignature):
        standing("gjzwfwpt").verify(given_values(standing("gjgxjhpt")), [SECRET], NOW)


def wrap(data: bytes, app_key: str = APP_KEY) -> str:
    cipher = Cipher(algorithms.AES(platform.aes_key(app_key)), modes.ECB()).encryptor()
    return base64.b64encode(cipher.update(data) + cipher.finalize()).decode()


def pad(data: bytes) -> bytes:
    padder = padding.PKCS7(128).padder()
    return padder.update(data) + padder.finalize()


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=80))
def test_what_is_wrapped_unwraps(secret: str) -> None:
    assert platform.unwrap(APP_KEY, wrap(pad(secret.encode()))) == secret


@pytest.mark.parametrize(
    "wrapped",
    [
        "",
        "not base64",
        WRAPPED[:-1],
        WRAPPED + "\n",
        WRAPPED[:20] + " " + WRAPPED[20:],
        WRAPPED[:-4],
        base64.b64encode(b"short").decode(),
        wrap(b"\x00" * 16),
        wrap(pad(b"")),
        wrap(pad(b"with\nline")),
        wrap(pad("密".encode())),
        wrap(pad(SECRET.encode()), "another app key"),
        "值",
    ],
)  # fmt: skip
def test_what_is_not_wrapped_as_agreed_says_nothing_of_itself(wrapped: str) -> None:
    with pytest.raises(ValueError, match=r"^the secret is not wrapped with our app key$") as caught:
        platform.unwrap(APP_KEY, wrapped)
    assert caught.value.__suppress_context__
