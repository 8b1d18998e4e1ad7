from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.ledger.witness import Held, Unheld, Witness
from gateway.proofs import checkpoints, notes
from gateway.proofs.checkpoints import Checkpoint
from gateway.proofs.merkle import EMPTY_ROOT, Edge
from gateway.proofs.notes import Kind
from gateway.proofs.proving import consistency
from gateway.proofs.witnessing import Submission
from gateway.security import keys
from tests.proofs.signing import AT, BY_WITNESS, LEAVES, SIGNER, cosignature, head, pair
from tests.security.test_signatures import PUBLIC

SHARD = "gw.example/audit/0"
LOGS = {"gw.example/audit": [keys.verifier("checkpoints", PUBLIC)]}


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    with Held(tmp_path) as held:
        yield held


@pytest.fixture
def witness(held: Held) -> Witness:
    return Witness(BY_WITNESS, SIGNER, LOGS, held)


def stored(leaves: tuple[bytes, ...], first: int, count: int) -> tuple[bytes, ...]:
    return leaves[first : first + count]


def body(old: int, size: int, leaves: tuple[bytes, ...] = LEAVES, origin: str = SHARD, **other: object) -> bytes:
    made = Checkpoint(origin, size, Edge().grown(leaves[:size])[0].root)
    key = notes.key_of(origin, Kind.SIGNATURE, LOGS["gw.example/audit"][0])
    proof = consistency(old, size, lambda _, first, count: stored(leaves, first, count)) if 0 < old <= size else []
    signed = made.signed(key.line(SIGNER.sign(made.text)))
    return Submission(old, tuple(other.get("proof", proof)), checkpoints.parse(signed)).encode()  # type: ignore[call-overload]


def test_it_cosigns_a_log_as_it_grows(witness: Witness, held: Held) -> None:
    for old, size in ((0, 3), (3, 3), (3, 8)):
        answered = witness.add(body(old, size), AT)
        assert (answered.status, answered.body) == (200, cosignature(head(size, SHARD)).encode())
        kept = held.newest(SHARD)
        assert kept is not None
        assert (kept.checkpoint.size, kept.note.lines[-1]) == (size, cosignature(head(size, SHARD)))
    assert [each.checkpoint.size for each in held.all()] == [8]


@pytest.mark.parametrize(("old", "size"), [(0, 8), (0, 3), (2, 8), (2, 2), (6, 8)])
def test_another_old_size_is_answered_with_its_own(witness: Witness, old: int, size: int) -> None:
    witness.add(body(0, 5), AT)
    answered = witness.add(body(old, size), AT)
    assert (answered.status, answered.body, answered.content_type) == (409, b"5\n", "text/x.tlog.size")


def test_a_fork_is_never_cosigned(witness: Witness, held: Held) -> None:
    witness.add(body(0, 5), AT)
    forked = (LEAVES[7], *LEAVES[1:])
    assert witness.add(body(5, 8, forked), AT).status == 422
    assert witness.add(body(5, 5, forked), AT).status == 409
    assert witness.add(body(5, 8, proof=[]), AT).status == 422
    kept = held.newest(SHARD)
    assert kept is not None
    assert kept.checkpoint == head(5, SHARD)


def test_each_shard_is_a_log_of_its_own(witness: Witness) -> None:
    for origin in ("gw.example/audit", "gw.example/audit/0", "gw.example/audit/17"):
        assert witness.add(body(0, 4, origin=origin), AT).status == 200


@pytest.mark.parametrize("origin", ["gw.example", "gw.example/audit/00", "gw.example/audit/x", "gw.example/audit/0/1"])
def test_an_unknown_log_is_not_cosigned(witness: Witness, held: Held, origin: str) -> None:
    assert witness.add(body(0, 4, origin=origin), AT).status == 404
    assert held.all() == []


def test_nor_is_what_the_log_did_not_sign(witness: Witness) -> None:
    signer, key = pair(SHARD, Kind.SIGNATURE)
    made = head(4, SHARD)
    signed = checkpoints.parse(made.signed(key.line(signer.sign(made.text))))
    assert witness.add(Submission(0, (), signed).encode(), AT).status == 403


def test_what_cannot_be_is_a_bad_request(witness: Witness) -> None:
    assert witness.add(b"old 0\n", AT).status == 400
    assert witness.add(body(5, 4), AT).status == 400


def test_from_nothing_there_is_nothing_to_prove(witness: Witness) -> None:
    assert witness.add(body(0, 4, proof=LEAVES[:1]), AT).status == 422
    assert witness.add(body(0, 0), AT).status == 200
    assert head(0).root == EMPTY_ROOT
    assert witness.add(body(0, 4), AT).status == 200


def test_a_second_process_is_refused(held: Held, tmp_path: Path) -> None:
    with pytest.raises(Unheld, match="another witness"), Held(tmp_path):
        pass


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    for old, size in ((0, 3), (3, 8)):
        with Held(tmp_path) as held:
            assert Witness(BY_WITNESS, SIGNER, LOGS, held).add(body(old, size), AT).status == 200


@pytest.mark.parametrize("content", [b"", b"junk", cosignature(head()).encode()])
def test_what_it_held_and_cannot_read_is_not_nothing(witness: Witness, held: Held, content: bytes) -> None:
    held.path(SHARD).write_bytes(content)
    with pytest.raises(Unheld):
        witness.add(body(0, 3), AT)
    with pytest.raises(Unheld):
        held.all()


def test_a_file_of_another_log_is_refused(witness: Witness, held: Held) -> None:
    witness.add(body(0, 3), AT)
    held.path("gw.example/audit/1").write_bytes(held.path(SHARD).read_bytes())
    with pytest.raises(Unheld, match="another log"):
        witness.add(body(0, 3, origin="gw.example/audit/1"), AT)
