import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proofs import checkpoints, witnessing
from gateway.proofs.lines import Malformed
from gateway.proofs.witnessing import Submission
from tests.proofs.signing import LEAVES, checkpoint_bytes

CHECKPOINT = checkpoint_bytes()
HASH = b"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw="


def test_a_submission_is_written_as_the_protocol_has_it() -> None:
    made = Submission(5, LEAVES[:2], checkpoints.parse(CHECKPOINT))
    old, first, second, empty, origin = made.encode().split(b"\n")[:5]
    assert (old, len(first), len(second), empty, origin) == (b"old 5", 44, 44, b"", b"gw.example/audit")


@given(st.integers(0, 2**63 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_every_submission_comes_back_from_its_bytes(old: int, proof: list[bytes]) -> None:
    made = Submission(old, tuple(proof), checkpoints.parse(CHECKPOINT))
    assert witnessing.parse(made.encode()) == made


MALFORMED = {
    "nothing": b"",
    "no checkpoint": b"old 5\n",
    "no old size": HASH + b"\n\n" + CHECKPOINT,
    "an old size of nothing": b"old \n\n" + CHECKPOINT,
    "an old size with a zero": b"old 05\n\n" + CHECKPOINT,
    "another case": b"Old 5\n\n" + CHECKPOINT,
    "a word behind the old size": b"old 5 x\n\n" + CHECKPOINT,
    "two old sizes": b"old 5\nold 6\n\n" + CHECKPOINT,
    "no empty line": b"old 5\n" + CHECKPOINT,
    "two empty lines": b"old 5\n\n\n" + CHECKPOINT,
    "64 hashes": b"old 5\n" + (HASH + b"\n") * 64 + b"\n" + CHECKPOINT,
    "a short hash": b"old 5\nbW9yZQ==\n\n" + CHECKPOINT,
    "something behind": b"old 5\n\n" + CHECKPOINT + b"\n",
    "CRLF": (b"old 5\n\n" + CHECKPOINT).replace(b"\n", b"\r\n"),
    "too long": b"old 5\n\n" + b"x" * witnessing.MAX_BYTES,
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_no_submission_is_refused(what: str) -> None:
    with pytest.raises(Malformed):
        witnessing.parse(MALFORMED[what])


@given(st.integers(0, 2**63 - 1))
def test_a_size_is_told_and_read(size: int) -> None:
    assert witnessing.parse_size(witnessing.size_body(size)) == size


@pytest.mark.parametrize("body", [b"", b"5", b"5\n\n", b" 5\n", b"05\n", b"-5\n", b"\xff\n", b"%d\n" % 2**63])
def test_what_is_no_size_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        witnessing.parse_size(body)
