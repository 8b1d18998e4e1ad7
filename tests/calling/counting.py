"""One database that accounts lease from, and a lease that does as it is told: at once, late, or not at all."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass, field

from gateway.calling.quota import Account
from gateway.calling.tasks import Tasks
from gateway.errors import Unwritable
from gateway.store import quotas, schema
from gateway.store.quotas import Taken, Taking
from tests.still import StillClock


def database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.apply(connection, schema.shipped())
    return connection


@dataclass
class Leases:
    """Of one process. What is asked for waits while `gate` is shut."""

    connection: sqlite3.Connection
    asked: list[Taking] = field(default_factory=list)
    gate: asyncio.Event | None = None
    is_broken: bool = False
    is_lost: bool = False
    """It is written, and the word of it is lost."""

    async def __call__(self, taking: Taking) -> Taken:
        self.asked.append(taking)
        if self.gate is not None:
            await self.gate.wait()
        if self.is_broken:
            raise Unwritable("the disk is full")
        taken = quotas.take(self.connection, taking)
        if self.is_lost:
            raise Unwritable("it may be there, or not")
        return taken


def account(leases: Leases, tasks: Tasks, clock: StillClock, most: int = 100) -> Account:
    return Account("social_insurance", "share", most, leases, tasks, clock)
