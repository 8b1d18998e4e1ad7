"""What may become of a ring: a key more, the next one's turn, one that no longer counts. Values in, values out.

(new) -> pending -> active -> retiring
              any of them -> revoked
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from gateway.contract.ring import RingFile, RingKey, Use
from gateway.errors import GatewayError
from gateway.security.ring import slot, told


class NotPossible(GatewayError):
    """The ring is not in a state for this change. The text says what would be."""


def added(ring: RingFile, key: RingKey) -> RingFile:
    """With one key more. Raises NotPossible: its id is there already; ids are never used twice."""
    if any(each.id == key.id for each in ring.keys):
        raise NotPossible(f"the ring has a key {key.id!r} already: choose another id")
    return RingFile(keys=[*ring.keys, key])


def next_in_turn(ring: RingFile, use: Use, keyid: str | None = None) -> RingKey:
    """The pending key that a rotation would make active. Raises NotPossible: there is none, or several."""
    waiting = [key for key in ring.keys if key.use == use and key.state == "pending" and keyid in (None, key.id)]
    if not waiting:
        raise NotPossible(f"no key is pending for {use}: make one with `keys new {use}` first")
    if len(waiting) > 1:
        raise NotPossible(
            f"several keys are pending for {use}: say which with --id ({', '.join(k.id for k in waiting)})"
        )
    return waiting[0]


def rotated(ring: RingFile, successor: RingKey, until: datetime) -> RingFile:
    """The pending `successor` signs; whoever signed in its place until now still counts until `until`."""

    def turn(key: RingKey) -> RingKey:
        if key.id == successor.id:
            return _changed(key, state="active")
        if key.state == "active" and slot(key) == slot(successor):
            return _changed(key, state="retiring", until=until)
        return key

    return _each(ring, turn)


def revoked(ring: RingFile, keyid: str, now: datetime, reason: str) -> tuple[RingFile, RingKey | None]:
    """What the key signed no longer counts. If it was active, the pending key signs in its place from now on and is given.

    Raises NotPossible: no such key, revoked before, or active without a successor.
    """
    found = next((key for key in ring.keys if key.id == keyid), None)
    if found is None:
        raise NotPossible("the ring has no such key: see `keys list`")
    if found.state == "revoked":
        raise NotPossible(f"the key {keyid!r} was revoked before")
    successor = _successor(ring, found) if found.state == "active" else None

    def turn(key: RingKey) -> RingKey:
        if key.id == keyid:
            return _changed(key, state="revoked", until=None, revoked_at=now, reason=reason)
        return _changed(key, state="active") if successor is not None and key.id == successor.id else key

    return _each(ring, turn), successor


def _successor(ring: RingFile, active: RingKey) -> RingKey:
    waiting = [key for key in ring.keys if key.state == "pending" and slot(key) == slot(active)]
    if len(waiting) != 1:
        raise NotPossible(
            f"it is the key that signs {told(slot(active))}: make its successor with `keys new {active.use}` (one, not "
            "several), then revoke again; the new one signs from that moment"
        )
    return waiting[0]


def _each(ring: RingFile, turn: Callable[[RingKey], RingKey]) -> RingFile:
    return RingFile(keys=[turn(key) for key in ring.keys])


def _changed(key: RingKey, **changes: Any) -> RingKey:
    return RingKey.model_validate(key.model_dump() | changes)  # validated, which model_copy would not do
