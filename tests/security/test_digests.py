import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.digests import content_digest, require
from gateway.security.signatures import SignatureRefused

BODY = b'{"hello": "world"}'
RIGHT = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"


@pytest.mark.parametrize(
    ("body", "digest"),
    [
        (BODY, "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="),
        (BODY + b"\n", "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg="),
        (b"", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    ],
)
def test_rfc_9530_vectors(body: bytes, digest: str) -> None:
    assert content_digest(body) == f"sha-256=:{digest}:"
    require([f"sha-256=:{digest}:"], body)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [RIGHT, RIGHT],
        [f"{RIGHT}, {RIGHT}"],
        [""],
        [
            "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        ],
        [RIGHT.replace("sha-256", "SHA-256")],
        [RIGHT.replace("=:", ":")],
        [RIGHT.replace("BPE=", "BPE")],
        [RIGHT.replace("BPE=", "BPF=")],  # the same 32 bytes in base64 that is not canonical
        [RIGHT + ";a=b"],
        [" " + RIGHT],
        ["sha-256=:" + "é" * 44 + ":"],
        ["sha-256=:" + "\udc80" * 44 + ":"],
        ["sha-256=:" + "A" * 100_000 + ":"],
    ],
)
def test_anything_but_the_one_right_text_is_refused(lines: list[str]) -> None:
    with pytest.raises(SignatureRefused) as refused:
        require(lines, BODY)
    assert refused.value.code == "digest"


def test_the_digest_is_over_the_bytes_sent_not_over_equal_json() -> None:
    with pytest.raises(SignatureRefused, match="not that of the bytes received"):
        require([RIGHT], BODY.replace(b" ", b""))


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_a_digest_fits_its_own_bytes_only(one: bytes, other: bytes) -> None:
    require([content_digest(one)], one)
    if one != other:
        with pytest.raises(SignatureRefused):
            require([content_digest(one)], other)


@given(st.lists(st.text(), max_size=3))
def test_no_text_raises_anything_else(lines: list[str]) -> None:
    with pytest.raises(SignatureRefused):
        require(lines, BODY)
