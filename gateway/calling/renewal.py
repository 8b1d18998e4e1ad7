"""Renewal: a request whose secret the platform has rotated away is asked again with the new one, inside the same attempt."""

from __future__ import annotations

from typing import Final

from gateway.calling.secrets import SecretKeeper
from gateway.errors import BadSignature, TurnedAway
from gateway.model import Check, Connector, Finding, Intent, Stage

RENEWALS: Final = 4
"""The first is for a secret that was rotated, the others for one rotated again while a renewal was on its way."""


def renewal(keeper: SecretKeeper, again: Stage | None = None) -> Stage:
    """Has a secret ready before each request. After a refusal it asks again only where a newer secret can be had.

    Nobody assumes that the platform accepts the secret before the newest, nor that it signs a reply with the secret of
    its request: a refused request and a reply by no secret of ours lead here alike. A refusal in a reply that was verified
    by a secret of ours is about something else. What is sent again goes through `again` first: it is another call on the wire.
    """

    def stage(inner: Connector) -> Connector:
        repeated = inner if again is None else again(inner)

        async def asked(intent: Intent, check: Check, renewals: int) -> Finding:
            secret = await keeper.ready()
            try:
                return await (inner if renewals == RENEWALS else repeated)(intent, check)
            except (TurnedAway, BadSignature):
                if renewals == 0:
                    keeper.in_vain()
                if renewals == 0 or not await keeper.renewed(secret):
                    raise
            return await asked(intent, check, renewals - 1)

        async def renewing(intent: Intent, check: Check) -> Finding:
            return await asked(intent, check, RENEWALS)

        return renewing

    return stage
