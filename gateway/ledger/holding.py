"""What operators do to channels: each hold and each end before its time is an entry. One that runs out needs none."""

from __future__ import annotations

from typing import Final

from gateway.clock import Clock, rfc3339
from gateway.ledger import acts, entries
from gateway.store.holds import Change, Hold, State
from gateway.store.sqlite import Store
from gateway.store.tables import Addition

_ACTS: Final[dict[State, str]] = {"drained": "channel_drained", "open": "channel_forced_open"}


async def hold(store: Store, clock: Clock, account: str, wanted: Hold) -> None:
    """Takes a channel in hand; an earlier hold of it is over. Entry and hold are one transaction.

    `account` is the operating system's, under which it is done; the hold's `who` is whom it names. Raises Unwritable.
    """
    await _add(store, clock, _ACTS[wanted.state], account, wanted, wanted.who, wanted.why, wanted)


async def resume(store: Store, clock: Clock, account: str, ended: Hold, who: str, why: str) -> None:
    """Gives a channel back before the end of its hold. Entry and end are one transaction. Raises Unwritable."""
    await _add(store, clock, "channel_resumed", account, ended, who, why, None)


async def _add(
    store: Store, clock: Clock, what: str, account: str, about: Hold, who: str, why: str, becomes: Hold | None
) -> None:
    now = clock.unix()
    details = {
        "authority": about.authority,
        "channel": about.channel,
        "state": about.state,
        "until": rfc3339(about.until),
        "who": who,
    }
    content = acts.act(clock.identifier(), what, account, details, now, why)
    changed = Change(about.authority, about.channel, becomes)
    await store.add(Addition(entry=entries.leaf(content, now), hold=changed))
