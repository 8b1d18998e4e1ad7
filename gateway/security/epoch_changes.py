"""What may become of the epochs: one more, which takes over; and one whose key is no more. Values in, values out.

(new) -> active -> former -> destroyed
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from gateway.contract.epochs import Epoch, EpochsFile
from gateway.errors import GatewayError


class NotPossible(GatewayError):
    """The epochs are not in a state for this change. The text says what would be."""


def begun(epochs: EpochsFile, new: Epoch) -> EpochsFile:
    """With one epoch more, which is active; the one before it is looked up only. Raises NotPossible: the name is taken."""
    require_free(epochs, new.epoch)
    before = _each(epochs, lambda each: _changed(each, state="former") if each.state == "active" else each)
    return EpochsFile(epochs=[*before.epochs, new])


def require_free(epochs: EpochsFile, name: str) -> None:
    """Raises NotPossible: names are never used twice, or what was destroyed would be taken for what is new."""
    if any(each.epoch == name for each in epochs.epochs):
        raise NotPossible(f"there is or was an epoch {name!r}: choose another name")


def destroyable(epochs: EpochsFile, name: str) -> Epoch:
    """The epoch of that name, which may be destroyed. Raises NotPossible: there is none, or it is the active one."""
    found = next((each for each in epochs.epochs if each.epoch == name), None)
    if found is None:
        raise NotPossible("there is no such epoch: see `epochs list`")
    if found.state == "active":
        raise NotPossible("what is written now is written under it: begin another one first with `epochs new`")
    return found


def destroyed(epochs: EpochsFile, name: str, now: datetime, reason: str) -> EpochsFile:
    """With that epoch destroyed. One that was destroyed before stays as it is."""

    def end(each: Epoch) -> Epoch:
        if each.epoch != name or each.state == "destroyed":
            return each
        return _changed(each, state="destroyed", destroyed_at=now, reason=reason)

    return _each(epochs, end)


def ended(epochs: EpochsFile, name: str) -> datetime | None:
    """When the epoch stopped being the active one: when the next one began. None for the newest."""
    names = [each.epoch for each in epochs.epochs]
    after = names.index(name) + 1
    return epochs.epochs[after].since if after < len(names) else None


def _each(epochs: EpochsFile, turn: Callable[[Epoch], Epoch]) -> EpochsFile:
    return EpochsFile(epochs=[turn(each) for each in epochs.epochs])


def _changed(each: Epoch, **changes: Any) -> Epoch:
    return Epoch.model_validate(each.model_dump() | changes)  # validated, which model_copy would not do
