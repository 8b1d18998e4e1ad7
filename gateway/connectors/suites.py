"""Whether a channel can be asked with a suite of algorithms: its contract lists it, and keys of it are on both sides."""

from __future__ import annotations

from collections.abc import Collection

from gateway.contract.authority import Channel, Suite
from gateway.security.keys import SUITES, Verifier


def unfit(channel: Channel, suite: Suite, ours: Collection[Suite], theirs: Verifier | None) -> str | None:
    """What is wrong with asking the channel with the suite, or None. `ours` are the suites that we hold a key for."""
    if suite not in channel.suites:
        listed = " or ".join(channel.suites)
        return f"its contract does not list the suite {suite!r}; say 'suite: {listed}' at this endpoint"
    if channel.signing != "rfc9421":
        return None
    if suite not in ours:
        return f"the suite {suite!r} needs an active key of ours for 'outbound' in the ring"
    if theirs is not None and theirs.alg not in SUITES[suite]:
        return f"their public_key is for {theirs.alg}, but the suite is {suite!r}"
    return None
