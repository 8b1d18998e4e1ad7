"""The ring: every signing key of the gateway itself, with its use, its state and where its private half is."""

from __future__ import annotations

from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from gateway.contract.consumers import KeyState, Line, Moment
from gateway.contract.files import FileModel
from gateway.settings import KeyId, KeyReference, signer_at

Use = Literal["answers", "receipts", "checkpoints", "outbound"]
"""What a key of ours signs: answers to consumers, receipts, the ledger's checkpoints, requests to authorities."""
Algorithm = Literal["ed25519", "ecdsa-p256-sha256", "sm2-sm3"]

USES: tuple[Use, ...] = get_args(Use)
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)


class RingKey(FileModel):
    """One key.

    `pending`: published, does not sign yet. `active`: signs. `retiring`: signs no longer; what it signed counts until a
    moment. `revoked`: what it signed does not count.
    """

    id: KeyId
    use: Use
    alg: Algorithm
    state: KeyState
    key: KeyReference
    """Where the private half is."""
    public_key: str
    """PEM, SPKI."""
    created: Moment
    expires: Moment | None = None
    """When it must have been replaced."""
    until: Moment | None = None
    revoked_at: Moment | None = None
    reason: Line | None = None

    @model_validator(mode="after")
    def _said_where_it_belongs(self) -> Self:
        if (self.until is not None) != (self.state == "retiring"):
            raise ValueError("'until' belongs to 'state: retiring', and to it alone")
        if (self.revoked_at is not None) != (self.state == "revoked"):
            raise ValueError("'revoked_at' belongs to 'state: revoked', and to it alone")
        if self.reason is not None and self.state != "revoked":
            raise ValueError("'reason' belongs to 'state: revoked', and to it alone")
        if self.use == "checkpoints" and self.alg != "ed25519":
            raise ValueError("a key for checkpoints must be 'ed25519': signed notes (C2SP) know no other of ours")
        if self.use == "outbound" and signer_at(self.key) is not None:
            raise ValueError(
                "a key for outbound requests cannot be with a signer process: they are signed without waiting"
            )
        return self


class RingFile(FileModel):
    """`keys/ring.yaml`."""

    keys: list[RingKey] = Field(min_length=1)
