"""What `gateway doctor` says about the gateway's own keys: which of them sign, and which end soon."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

from gateway.clock import local_day
from gateway.commands.screen import Exit
from gateway.contract.ring import RingKey
from gateway.errors import GatewayError
from gateway.installation import Installation
from gateway.security.ring import holder_of
from gateway.security.signer_process import PROBE
from gateway.settings import command_name
from gateway.web.own_keys import expiries

WARN_DAYS: Final = 30

Row = tuple[str, str, str, Exit]
"""Name, what was found, how to mend it, what it is worth."""


def rows(found: Installation, now: float) -> Iterator[Row]:
    """One line per key that signs or will, then one for each thing that has ended or soon will. `now` in Unix seconds."""
    ring = found.keys.ring.current.file
    for key in ring.keys:
        if key.state in ("active", "pending"):
            yield _signs(found, key)
    uses = {key.id: key.use for key in ring.keys}
    for name, ends in expiries(ring):
        if ends - now < WARN_DAYS * 86400:
            mend = _replace_key(uses[name])
            told = "expired" if ends <= now else "expires"
            worth = Exit.USAGE if ends <= now else Exit.DONE
            yield "expiry", f"{name} {told} on {local_day(ends)}", mend, worth


def _signs(found: Installation, key: RingKey) -> Row:
    name, shown = f"key {key.use}", f"{key.id} ({key.alg}, {key.state})"
    try:
        signature = holder_of(found.home, key).sign(PROBE)
        if not isinstance(signature, bytes):
            asyncio.run(_wait(signature))
    except (GatewayError, ValueError) as error:
        mend = f"bring it back where `{command_name()} keys list` says it is, or make another one and rotate"
        return name, f"{shown} does not sign: {error}", mend, Exit.USAGE
    return name, f"{shown} signs", "", Exit.DONE


async def _wait(signature: object) -> None:
    await signature  # type: ignore[misc]


def _replace_key(use: str) -> str:
    return f"`{command_name()} keys new {use}`, give it out, then `{command_name()} keys rotate {use}`"
