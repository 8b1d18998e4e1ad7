"""The gateway with a ledger that writes nothing, to see what the real one costs: `python -m benchmarks.unledgered HOME`.

Questions, calls and outcomes are neither written nor made into entries; all else is `gateway serve`. Never to be used.
"""

from __future__ import annotations

import sys
from pathlib import Path

from gateway import app
from gateway.commands.serving import serve
from gateway.ledger.ledger import Ledger
from gateway.model import Evidence, Intent, Receipt, SignedRequest, Verdict, Verification


class Nothing(Ledger):
    """Answers at once. The tree grows by nothing, so nothing is signed either."""

    async def intend(self, verification: Verification, signed: SignedRequest, policy: str, deadline: float) -> Intent:
        now = self._clock.unix()
        return Intent(self._clock.identifier(), verification, policy, now, deadline, "0" * 64)

    def record(self, intent: Intent, call: Evidence) -> None:
        """Forgets it."""

    async def conclude(self, intent: Intent, verdict: Verdict, body: bytes, *, is_last: bool = True) -> Receipt:
        return Receipt(intent.entry_id, "0" * 64)


if __name__ == "__main__":
    app.Ledger = Nothing  # type: ignore[misc]  # the composition root has no other place for it, and needs none
    sys.exit(int(serve(Path(sys.argv[1]), as_json=False)))
