from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gateway.errors import Unreachable
from gateway.ledger.cosigning import Result, Witnessed
from gateway.ledger.witness import Held, Witness
from gateway.proofs import checkpoints, witnessing
from gateway.proofs.checkpoints import Signed
from gateway.proofs.proving import consistency
from tests.ledger.test_witness import LOGS, SHARD, body, stored
from tests.proofs.signing import AT, BY_WITNESS, LEAVES, SIGNER, cosignature, head
from tests.still import StillClock

FORKED = (LEAVES[7], *LEAVES[1:])
Post = Callable[[bytes], Awaitable[tuple[int, bytes]]]


def signed(size: int, leaves: tuple[bytes, ...] = LEAVES) -> Signed:
    return checkpoints.parse(body(0, size, leaves).partition(b"\n\n")[2])


class Log:
    """A gateway's side; what it was told, and what it sent."""

    def __init__(self, post: Post, leaves: tuple[bytes, ...] = LEAVES) -> None:
        self.clock, self.leaves = StillClock(), leaves
        self.told: list[Result] = []
        self.sent: list[bytes] = []

        async def counted(data: bytes) -> tuple[int, bytes]:
            self.sent.append(data)
            return await post(data)

        self.witness = Witnessed(
            BY_WITNESS, counted, self.prove, self.clock, lambda _, result: self.told.append(result)
        )

    async def prove(self, old: int, new: int) -> list[bytes]:
        return consistency(old, new, lambda _, first, count: stored(self.leaves, first, count))


def real(folder: Path) -> Post:
    async def post(data: bytes) -> tuple[int, bytes]:
        with Held(folder) as held:
            answered = Witness(BY_WITNESS, SIGNER, LOGS, held).add(data, AT)
        return answered.status, answered.body

    return post


def saying(status: int, said: bytes = b"") -> Post:
    async def post(_: bytes) -> tuple[int, bytes]:
        return status, said

    return post


async def test_each_checkpoint_is_cosigned_as_the_log_grows(tmp_path: Path) -> None:
    log = Log(real(tmp_path))
    for size in (3, 3, 8):
        assert await log.witness.cosign(signed(size)) == cosignature(head(size, SHARD))
    assert (log.told, len(log.sent)) == (["cosigned"] * 3, 3)


async def test_a_log_that_began_anew_learns_what_the_witness_holds(tmp_path: Path) -> None:
    await Log(real(tmp_path)).witness.cosign(signed(3))
    log = Log(real(tmp_path))
    assert await log.witness.cosign(signed(8)) == cosignature(head(8, SHARD))
    assert [witnessing.parse(each).old for each in log.sent] == [0, 3]


@pytest.mark.parametrize("size", [4, 5, 7])
async def test_a_restored_gateway_that_goes_on_is_refused(tmp_path: Path, size: int) -> None:
    """It was at 5 when it was put back to an older file, and has written other entries since."""
    await Log(real(tmp_path)).witness.cosign(signed(5))
    log = Log(real(tmp_path), FORKED)
    assert await log.witness.cosign(signed(size, FORKED)) is None
    assert log.told == ["refused"]


@pytest.mark.parametrize(("status", "said", "result"), [
    (200, cosignature(head(4, SHARD)).encode(), "false"), (200, b"", "false"), (200, b"\xff", "false"),
    (403, b"", "refused"), (404, b"", "refused"), (422, b"", "refused"),
    (500, b"", "absent"), (302, b"", "absent"), (409, b"x", "absent"),
])  # fmt: skip
async def test_what_is_no_cosignature_is_told_for_what_it_is(status: int, said: bytes, result: Result) -> None:
    log = Log(saying(status, said))
    assert await log.witness.cosign(signed(5)) is None
    assert log.told == [result]


async def test_an_absent_witness_is_asked_less_and_less() -> None:
    async def gone(_: bytes) -> tuple[int, bytes]:
        raise Unreachable("no connection")

    log = Log(gone)
    for _ in range(300):
        assert await log.witness.cosign(signed(5)) is None
        log.clock.move(1)
    assert set(log.told) == {"absent"}
    assert len(log.sent) == 10  # after 0, 1, 3, 7, 15, 31, 63 s, then every minute


async def test_a_witness_that_hangs_is_absent() -> None:
    async def hanging(_: bytes) -> tuple[int, bytes]:
        raise TimeoutError

    log = Log(hanging)
    assert await log.witness.cosign(signed(5)) is None
    assert log.told == ["absent"]
