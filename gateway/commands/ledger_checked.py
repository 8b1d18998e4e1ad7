"""What `gateway doctor` says about the ledger's growth: size, what is not signed, what is too old."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from gateway.commands.loops import run
from gateway.commands.screen import Exit
from gateway.errors import GatewayError
from gateway.installation import Installation
from gateway.ledger.retention import cutoff
from gateway.settings import command_name
from gateway.store import growth
from gateway.store.sqlite import Store

LOG_BYTES: Final = 1_000_000_000
"""Beyond it, somebody reads the ledger for so long that its log cannot be folded in."""
UNSIGNED_SECONDS: Final = 60
LATE_SECONDS: Final = 3 * 86_400

Row = tuple[str, str, str, Exit]
"""Name, what was found, how to mend it, and what it is worth."""


def rows(found: Installation, now: float) -> Iterator[Row]:
    """Nothing where the ledger cannot be opened: another row says so."""
    try:
        seen = run(_look(found))
    except GatewayError:
        return
    yield from told(seen, now, cutoff(now, found.settings.audit.retention_months))


def told(seen: growth.Growth, now: float, keep_since: float) -> Iterator[Row]:
    """`keep_since` is where the retention ends, in Unix seconds."""
    size = (
        f"{seen.file_bytes / 1e6:.1f} MB, log {seen.log_bytes / 1e6:.1f} MB, {seen.free_bytes / 1e9:.1f} GB free there"
    )
    long = (
        "end the backup or audit that reads it for so long; the log shrinks by itself"
        if seen.log_bytes > LOG_BYTES
        else ""
    )
    yield "ledger size", size, long, Exit.DONE
    waiting = sum(seen.uncovered.values())
    text = f"{waiting} entries are not signed yet, {seen.open_intents} questions are open"
    is_late = waiting > 0 and now - seen.signed_at > UNSIGNED_SECONDS
    mend = f"start the gateway, it signs them; if it runs, a key for 'checkpoints' must be active: `{command_name()} keys list`"
    yield "ledger checkpoints", text, mend if is_late else "", Exit.DONE
    if seen.oldest_at:
        late = keep_since - seen.oldest_at
        text = f"oldest body is {(now - seen.oldest_at) / 86_400:.0f} days old"
        mend = f"`{command_name()} ledger prune`; if nothing goes, a question without an end is in the way: restart the gateway"
        yield "ledger retention", text, mend if late > LATE_SECONDS else "", Exit.DONE


async def _look(found: Installation) -> growth.Growth:
    async with Store.open(found.ledger_path) as store:
        return await store.read(partial(growth.look, path=found.ledger_path))
