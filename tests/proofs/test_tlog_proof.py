import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proofs import checkpoints, tlog_proof
from gateway.proofs.lines import Malformed
from gateway.proofs.merkle import node_hash
from gateway.proofs.notes import NotSigned
from gateway.proofs.proving import ProofRefused, inclusion
from gateway.proofs.tlog_proof import TlogProof
from tests.proofs.signing import BY_WITNESS, LEAVES, LOG, checkpoint_bytes

REFUSALS = (Malformed, NotSigned, ProofRefused)


def stored(level: int, first: int, count: int) -> tuple[bytes, ...]:
    assert level == 0
    return LEAVES[first : first + count]


def proof(index: int = 2, size: int = 7, extra: bytes = b"") -> TlogProof:
    hashes = tuple(inclusion(index, size, stored))
    return TlogProof(index, hashes, checkpoints.parse(checkpoint_bytes(size)), extra)


FILE = proof().encode()


def test_a_proof_is_checked_with_public_keys_alone() -> None:
    checkpoint, signers = tlog_proof.parse(FILE).check(LEAVES[2], [LOG], [BY_WITNESS])
    assert (checkpoint.origin, checkpoint.size) == ("gw.example/audit", 7)
    assert [each.key for each in signers.verified] == [LOG, BY_WITNESS]


def test_its_lines_are_those_of_the_format() -> None:
    lines = proof(extra=b"more").encode().decode().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra bW9yZQ==", "index 2"]
    assert lines[6:9] == ["", "gw.example/audit", "7"]
    assert proof(0, 1).encode().decode().split("\n")[:4] == [
        "c2sp.org/tlog-proof@v1",
        "index 0",
        "",
        "gw.example/audit",
    ]


def test_it_is_for_one_leaf_at_one_place() -> None:
    for leaf in (*LEAVES[:2], *LEAVES[3:], node_hash(LEAVES[0], LEAVES[1])):
        with pytest.raises(ProofRefused):
            proof().check(leaf, [LOG])


@pytest.mark.parametrize("at", range(len(FILE)))
def test_no_byte_can_be_altered(at: int) -> None:
    for value in {10, 32, 48, 61, FILE[at] ^ 1, FILE[at] ^ 2, FILE[at] ^ 0x20, FILE[at] ^ 0x80} - {FILE[at]}:
        altered = FILE[:at] + bytes([value]) + FILE[at + 1 :]
        try:
            _, signers = tlog_proof.parse(altered).check(LEAVES[2], [LOG], [BY_WITNESS])
        except REFUSALS:
            continue
        assert signers.unknown, "an altered proof passes with nothing unknown in it"


HEAD, _, CHECKPOINT = FILE.partition(b"\n\n")
HEADER, INDEX, *HASHES = HEAD.split(b"\n")


def built(*head: bytes, checkpoint: bytes = CHECKPOINT) -> bytes:
    return b"\n".join(head) + b"\n\n" + checkpoint


MALFORMED = {
    "nothing": b"",
    "no checkpoint": HEAD,
    "an empty checkpoint": built(HEADER, INDEX, checkpoint=b""),
    "another version": built(b"c2sp.org/tlog-proof@v2", INDEX, *HASHES),
    "no index": built(HEADER),
    "hashes without an index": built(HEADER, *HASHES),
    "an extra without an index": built(HEADER, b"extra bW9yZQ=="),
    "an empty extra": built(HEADER, b"extra ", INDEX, *HASHES),
    "an extra behind": built(HEADER, INDEX, b"extra bW9yZQ==", *HASHES),
    "an extra that is not base64": built(HEADER, b"extra more!", INDEX, *HASHES),
    "an extra beyond all": built(HEADER, b"extra " + b"YWFh" * 4096, INDEX, *HASHES),
    "an index with a zero": built(HEADER, b"index 02", *HASHES),
    "an index below": built(HEADER, b"index -2", *HASHES),
    "an index of nothing": built(HEADER, b"index ", *HASHES),
    "an index that is not ASCII": built(HEADER, "index ٢".encode(), *HASHES),
    "a short hash": built(HEADER, INDEX, b"bW9yZQ=="),
    "a hash that is not ASCII": built(HEADER, INDEX, b"\xff" + HASHES[0][1:]),
    "too many hashes": built(HEADER, INDEX, *HASHES * 22),
    "an empty line more": built(HEADER, INDEX, *HASHES, b""),
    "CRLF": FILE.replace(b"\n", b"\r\n"),
    "too long": FILE + b"x" * 300_000,
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_no_proof_is_refused(what: str) -> None:
    with pytest.raises(Malformed):
        tlog_proof.parse(MALFORMED[what])


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.binary(max_size=tlog_proof.MAX_EXTRA_BYTES),
)
def test_every_proof_comes_back_from_its_bytes(index: int, hashes: list[bytes], extra: bytes) -> None:
    made = TlogProof(index, tuple(hashes), checkpoints.parse(checkpoint_bytes()), extra)
    assert tlog_proof.parse(made.encode()) == made


@given(st.integers(1, 8).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_every_leaf_is_where_its_proof_says(where: tuple[int, int]) -> None:
    made = proof(*where)
    made.check(LEAVES[where[0]], [LOG])
    assert tlog_proof.parse(made.encode()) == made
