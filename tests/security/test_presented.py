"""What is read from Signature-Input and Signature: one spelling, every other text refused with a code, and cheaply."""

import time
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.presented import MAX_HEADER_CHARACTERS, SignatureRefused, parse

COVERED: Final = '("@method" "@authority" "@path")'
NONCE: Final = "AAAAAAAAAAAAAAAAAAAAAA"
PARAMETERS: Final = {
    "created": "1795392000",
    "expires": "1795392060",
    "nonce": f'"{NONCE}"',
    "keyid": '"intake-01"',
    "alg": '"ed25519"',
    "tag": '"gdx-read-v1"',
}
PROOF: Final = "A" * 86 + "=="
SIGNATURE: Final = f"gw=:{PROOF}:"


def signature_input(*, covered: str = COVERED, **changes: str | None) -> str:
    parameters = {**PARAMETERS, **changes}
    return f"gw={covered}" + "".join(f";{name}={value}" for name, value in parameters.items() if value is not None)


def refusal(inputs: list[str], signatures: list[str]) -> SignatureRefused:
    with pytest.raises(SignatureRefused) as refused:
        parse(inputs, signatures)
    return refused.value


def test_a_good_pair_is_read_verbatim() -> None:
    presented = parse([signature_input()], [SIGNATURE])
    assert presented.label == "gw"
    assert presented.covered == COVERED
    assert presented.components == ('"@method"', '"@authority"', '"@path"')
    assert presented.params_text == signature_input().removeprefix("gw=")
    assert (presented.created, presented.expires) == (1795392000, 1795392060)
    assert (presented.nonce, presented.keyid) == (NONCE, "intake-01")
    assert (presented.alg, presented.tag) == ("ed25519", "gdx-read-v1")
    assert presented.signature == b"\0" * 64
    assert presented.signature_text == f":{PROOF}:"


@given(st.permutations(list(PARAMETERS)))
def test_parameters_may_stand_in_any_order_and_keep_it(names: list[str]) -> None:
    text = COVERED + "".join(f";{name}={PARAMETERS[name]}" for name in names)
    assert parse([f"gw={text}"], [SIGNATURE]).params_text == text


def test_no_components_are_well_formed() -> None:
    assert parse([signature_input(covered="()")], [SIGNATURE]).components == ()


@pytest.mark.parametrize(
    ("inputs", "signatures"),
    [([], []), ([signature_input()], []), ([], [SIGNATURE]), ([""], [SIGNATURE]), ([signature_input()], [""])],
)
def test_signature_missing(inputs: list[str], signatures: list[str]) -> None:
    assert refusal(inputs, signatures).code == "signature_missing"


@pytest.mark.parametrize(
    ("inputs", "signatures"),
    [
        ([signature_input(), signature_input()], [SIGNATURE]),
        ([signature_input()], [SIGNATURE, SIGNATURE]),
        ([f"{signature_input()}, {signature_input()}"], [SIGNATURE]),
        ([f"{signature_input()},other={COVERED}"], [f"{SIGNATURE}, other=:AAAA:"]),
        ([signature_input()], [f"{SIGNATURE},  other=:AAAA:"]),
        ([", ".join(f"a{n}=()" for n in range(200))], [SIGNATURE]),
        (["", signature_input()], [SIGNATURE]),
    ],
)
def test_signature_count(inputs: list[str], signatures: list[str]) -> None:
    assert refusal(inputs, signatures).code == "signature_count"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("created", value) for value in ["-1", "1.5", '"1795392000"', "9007199254740992", "01", "+1", "?1", "x", ""]],
        *[("expires", value) for value in ["-1", "1.0", '"1"', "1" * 5000, "1" * 16, "٣", "1_0"]],
        *[("nonce", f'"{value}"') for value in ["", "A" * 21, "A" * 65, "A" * 100_000, "é" * 22, "A+" * 11]],
        *[("nonce", value) for value in [NONCE, f'"{NONCE}', f"'{NONCE}'", f'"{NONCE}\n"', "1" * 22]],
        *[("keyid", value) for value in ['""', "intake", "1", '"a\\"b"', '"a\\\\b"', '"é"', '"\udc80"', '"a\tb"']],
        *[("tag", value) for value in ['""', "gdx-read-v1", '"é"']],
        *[("alg", value) for value in ['""', "ed25519", "?1"]],
        *[(name, None) for name in ["created", "expires", "nonce", "keyid"]],
    ],
)
def test_malformed_parameters(name: str, value: str | None) -> None:
    assert refusal([signature_input(**{name: value})], [SIGNATURE]).code == "signature_malformed"


@pytest.mark.parametrize(
    "text",
    [
        signature_input() + ";created=1795392000",
        signature_input() + ';other="x"',
        signature_input() + ";other",
        signature_input() + " ",
        " " + signature_input(),
        signature_input().replace(";created", "; created"),
        signature_input().replace(";created", " ;created"),
        signature_input().replace('" "', '"  "'),
        signature_input().replace("(", "( "),
        signature_input().replace("gw=", "GW="),
        signature_input().replace("gw=", "gw = "),
        signature_input().replace("gw=", "="),
        signature_input().replace("gw=", ""),
        signature_input() + "\n",
        signature_input(covered='("@method" "@pa\nth")'),
        signature_input(covered='("@method" @path)'),
        signature_input(covered='("@méthod")'),
        signature_input(covered='"@method"'),
        signature_input(covered='(("@method"))'),
        "gw=1",
        "gw",
        "\udc80",
        "\0" * 100,
        "gw=(" + " ".join(['"x"'] * 3000) + ")",
        'gw=("' + "x" * 20_000 + '")',
    ],
)
def test_malformed_signature_input(text: str) -> None:
    assert refusal([text], [SIGNATURE]).code == "signature_malformed"


@pytest.mark.parametrize(
    "text",
    [
        f"gw=:{'A' * 84}:",  # 63 bytes
        f"gw=:{'A' * 87}=:",  # 65 bytes
        f"gw=:{'A' * 85}B==:",  # padding bits that are not zero: the same 64 bytes, another text
        f"gw=:{'A' * 86}:",
        f"gw=:{'A' * 87}==:",
        f"gw=:{'-' * 86}==:",
        f"gw=:{PROOF}:;a=b",
        f"gw={PROOF}",
        f'gw="{PROOF}"',
        f"gw=::{PROOF}::",
        "gw=::",
        "gw=:" + "=" * 88 + ":",
        f"other=:{PROOF}:",
        f" gw=:{PROOF}:",
        f"gw=:{PROOF}:\n",
        "gw=:" + "é" * 88 + ":",
        "gw=:" + "A" * 100_000 + ":",
    ],
)
def test_malformed_signature(text: str) -> None:
    assert refusal([signature_input()], [text]).code == "signature_malformed"


@pytest.mark.parametrize("alg", [None, '"hmac-sha256"', '"none"', '"Ed25519"', '"rsa-pss-sha512"'])
def test_alg_mismatch(alg: str | None) -> None:
    assert refusal([signature_input(alg=alg)], [SIGNATURE]).code == "alg_mismatch"


def test_a_missing_tag_has_the_code_tag() -> None:
    assert refusal([signature_input(tag=None)], [SIGNATURE]).code == "tag"


CANARY: Final = "229901201206011035"


@pytest.mark.parametrize(
    "text",
    [
        signature_input(tag=f'"{CANARY}'),
        signature_input(nonce=f'"{CANARY}"'),
        signature_input(alg=f'"{CANARY}"'),
        signature_input() + f";{CANARY}=1",
        signature_input() + f";x={CANARY}",
        f"{CANARY}={COVERED}",
    ],
)
def test_no_refusal_echoes_its_input(text: str) -> None:
    assert CANARY not in str(refusal([text], [SIGNATURE]))


@given(st.lists(st.text(), max_size=2), st.lists(st.text(), max_size=2))
def test_no_text_raises_anything_else(inputs: list[str], signatures: list[str]) -> None:
    with pytest.raises(SignatureRefused):
        parse(inputs, signatures)


PIECES = st.sampled_from(
    ["gw", "=", "(", ")", '"', '"@method"', " ", ";", ",", ":", "created", "alg", '"ed25519"', "1", "-", "A" * 22, "é"]
)


@given(st.lists(PIECES).map("".join), st.lists(PIECES).map("".join))
def test_no_pile_of_right_pieces_raises_anything_else(text: str, signature: str) -> None:
    with pytest.raises(SignatureRefused):
        parse([text], [signature])


def test_the_size_cap_holds_for_headers_that_are_otherwise_good() -> None:
    room = MAX_HEADER_CHARACTERS - len(signature_input(keyid='""')) - len(SIGNATURE)
    assert parse([signature_input(keyid=f'"{"k" * room}"')], [SIGNATURE]).keyid == "k" * room
    refused = refusal([signature_input(keyid=f'"{"k" * (room + 1)}"')], [SIGNATURE])
    assert (refused.code, refused.detail) == ("signature_malformed", "more than 4096 characters of signature")


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ("gw=(" + " ".join(['"x"'] * 3000) + ")", SIGNATURE),
        (", ".join(f"a{n}=()" for n in range(200)), SIGNATURE),
        ('gw=("' + "x" * 20_000, SIGNATURE),
        ("gw=(" + " ".join(['"x"'] * 970) + " )", "gw=::"),
        ('gw=("' + "a" * 3950, "gw=::"),
        ("gw=()" + ";a=1" * 990 + '"', "gw=::"),
        ('gw=("a"' + ";a" * 1900 + "!", "gw=::"),
        ('gw=("a"' + ';a=""' * 700 + "!", "gw=::"),
        ("gw=()", "gw=:" + "A" * 4000 + "!:"),
    ],
)
def test_a_refusal_costs_less_than_a_millisecond(text: str, signature: str) -> None:
    def cost() -> float:
        started = time.thread_time()
        refusal([text], [signature])
        return time.thread_time() - started

    assert min(cost() for _ in range(20)) < 0.001
