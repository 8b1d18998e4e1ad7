"""What a log asks of its witnesses (c2sp.org/tlog-witness): a line under each new checkpoint, and nothing ever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Literal

import structlog

from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.logs import place_of
from gateway.proofs import notes, witnessing
from gateway.proofs.checkpoints import Signed
from gateway.proofs.lines import Malformed
from gateway.proofs.notes import Line, Note, NoteKey, NotSigned
from gateway.proofs.witnessing import Submission

LIMIT_SECONDS: Final = 5.0
"""For one submission: a witness that hangs is absent."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
MAX_REPLY_BYTES: Final = 64 * 1024

Post = Callable[[bytes], Awaitable[tuple[int, bytes]]]
"""Sends a submission to the witness's add-checkpoint; gives the reply's status and body. Raises GatewayError, OSError."""
Prove = Callable[[int, int], Awaitable[Sequence[bytes]]]
"""The consistency proof from an old size to a new one of the log. Raises GatewayError."""
Result = Literal["cosigned", "absent", "refused", "false"]
"""`refused`: it holds another history. `false`: its signature is not its own. Both are alarms."""

_log = structlog.get_logger("gateway.witness")


class Witnessed:
    """One witness, for one log. One caller at a time; nothing is raised but the caller's own cancellation."""

    def __init__(
        self, key: NoteKey, post: Post, prove: Prove, clock: Clock, told: Callable[[str, Result], None]
    ) -> None:
        """`told` is given the witness's name and what became of each submission, for the metrics."""
        self._key, self._post, self._prove, self._clock, self._told = key, post, prove, clock, told
        self._size = 0
        """What the witness holds, as it last said. Lost with the process: its first refusal tells it again."""
        self._pause = 0.0
        self._not_before = float("-inf")

    async def cosign(self, signed: Signed) -> Line | None:
        """The witness's line under this checkpoint; None where there is none now, and the next checkpoint asks again."""
        if self._clock.monotonic() < self._not_before:
            return None
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                result, line = await self._asked(signed)
        except (GatewayError, OSError) as error:  # a TimeoutError is an OSError
            result, line = "absent", None
            _log.warning("witness.absent", name=self._key.name, error=place_of(error))
        self._pause = 0.0 if line is not None else min(max(2 * self._pause, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        self._not_before = self._clock.monotonic() + self._pause
        self._told(self._key.name, result)
        return line

    async def _asked(self, signed: Signed) -> tuple[Result, Line | None]:
        size = signed.checkpoint.size
        status, body = await self._submitted(signed, min(self._size, size))
        if status == 409:
            self._size = _size_in(body)
            if self._size > size:  # it saw more of this log than there is: rolled back, or another gateway writes it
                return self._alarm("witness.refused", "refused", signed)
            status, body = await self._submitted(signed, self._size)
        if status == 200:
            return self._checked(signed, body)
        if status in (403, 404, 409, 422):
            return self._alarm("witness.refused", "refused", signed)
        _log.warning("witness.absent", name=self._key.name, status=status)
        return "absent", None

    async def _submitted(self, signed: Signed, old: int) -> tuple[int, bytes]:
        proof = await self._prove(old, signed.checkpoint.size) if 0 < old < signed.checkpoint.size else ()
        return await self._post(Submission(old, tuple(proof), signed).encode())

    def _checked(self, signed: Signed, body: bytes) -> tuple[Result, Line | None]:
        try:
            note = Note(signed.note.text, notes.parse_lines(body[:MAX_REPLY_BYTES]))
            line = note.verify([self._key]).verified[0].line
        except (Malformed, NotSigned):
            return self._alarm("witness.lied", "false", signed)
        self._size = signed.checkpoint.size
        return "cosigned", line

    def _alarm(self, event: str, result: Result, signed: Signed) -> tuple[Result, Line | None]:
        _log.error(event, name=self._key.name, count=signed.checkpoint.size)
        return result, None


def _size_in(body: bytes) -> int:
    """Raises Malformed, which counts as an absent witness: what it said is no answer."""
    return witnessing.parse_size(body[:MAX_REPLY_BYTES])
