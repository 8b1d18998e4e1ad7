"""The epochs of pseudonyms: each with its key, of which one makes them, and others are still looked up or gone for ever."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.contract.consumers import Line, Moment
from gateway.contract.files import FileModel
from gateway.settings import SecretReference

EpochName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]{1,16}$")]
EpochState = Literal["active", "former", "destroyed"]


class Epoch(FileModel):
    """One epoch.

    `active`: what is written now is written under it. `former`: still looked up. `destroyed`: its key is no more, and
    nobody can tell any longer about whom what was written under it is.
    """

    epoch: EpochName
    state: EpochState
    key: SecretReference
    """Where the key is; of a destroyed epoch, where it was: it must be gone from there."""
    since: Moment
    destroyed_at: Moment | None = None
    reason: Line | None = None

    @model_validator(mode="after")
    def _said_where_it_belongs(self) -> Self:
        if (self.destroyed_at is not None) != (self.state == "destroyed"):
            raise ValueError("'destroyed_at' belongs to 'state: destroyed', and to it alone")
        if self.reason is not None and self.state != "destroyed":
            raise ValueError("'reason' belongs to 'state: destroyed', and to it alone")
        return self


class EpochsFile(FileModel):
    """`keys/epochs.yaml`: oldest first."""

    epochs: list[Epoch] = Field(min_length=1)

    @property
    def active(self) -> Epoch:
        """Of a file without faults."""
        return next(each for each in self.epochs if each.state == "active")
