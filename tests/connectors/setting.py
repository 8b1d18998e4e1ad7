"""Both channels of social insurance over sockets, with the connector of the shipped folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from gateway.calling.tasks import Tasks
from gateway.calling.wire import Wire
from gateway.connectors import Endpoint, Tools, connect
from gateway.contract.folders import load_authorities, shipped
from gateway.model import Check, Connector, Finding, Intent, Join, Person, Status
from gateway.security import keys
from gateway.security.wsse import SoapSigner
from tests.calling.doubles import DAY, VERIFICATION, Told
from tests.connectors.raw_platform import (
    APP_KEY,
    RID,
    RawPlatform,
    insured,
    responded,
)
from tests.policy.builders import POLICIES
from tests.still import StillClock

FOLDERS = load_authorities(shipped())
FOLDER = FOLDERS["social_insurance"]
WHO = Person("219901199103151084", "阿测·样例")
BOTH = Join("both_and_compare", ("share", "query"))
ACCOUNT = {"system_code": "TEST-EXIT-ENTRY"}
YEARS = {"2017": ["201711", "201712"], "2018": ["201801"]}
MONTHS = [date(2017, 11, 1), date(2017, 12, 1), date(2018, 1, 1)]


NAMED = {policy.name: policy.named for policy in POLICIES}


class NoSigner(SoapSigner):
    """The platform's channels sign nothing by WS-Security."""

    def __init__(self) -> None:
        """No key."""


@dataclass
class Setting:
    """Both channels' platforms, and what the connector tells."""

    clock: StillClock
    share: RawPlatform
    query: RawPlatform
    connector: Connector
    diverged: Told = field(default_factory=Told)
    refreshed: Told = field(default_factory=Told)

    async def ask(self, how: Join | None = BOTH, who: Person = WHO, day: date = DAY) -> Finding:
        verification = replace(VERIFICATION, subject=who, application_date=day)
        intent = Intent("e1", verification, "jilin-2018-05", self.clock.unix(), self.clock.monotonic() + 7)
        return await self.connector(intent, Check("social_insurance", "insurance", {"subject": who}, day, how))

    async def channels(self, **more: Any) -> dict[str, Finding]:
        found = await self.ask(**more)
        return {each.channel: each for each in (found, *found.others)}


def tools(wire: Wire, clock: StillClock, tasks: Tasks, diverged: Told, refreshed: Told) -> Tools:
    return Tools(
        wire=wire, clock=clock, signers={"international": keys.signer("k", keys.new_ed25519()[0])},
        soap_signer=NoSigner(), tasks=tasks, named=NAMED,
        conclusive=lambda intent, check, found: found.status is Status.ANSWERED,
        observe=Told(), diverged=diverged, hedged=Told(), record=Told(), refreshed=refreshed,
    )  # fmt: skip


@asynccontextmanager
async def set_up() -> AsyncIterator[Setting]:
    clock = StillClock()

    def now_ms() -> int:
        return int(clock.unix() * 1000)

    def platform(channel: str) -> RawPlatform:
        months = [month for year in YEARS.values() for month in year]
        return RawPlatform(
            channel,
            now_ms,
            lambda asked: insured(asked["AAC002"], WHO.name, months),
            lambda asked: responded(asked["aac002"], WHO.name, YEARS.get(asked["year"], [])),
        )

    share, query, diverged, refreshed = platform("share"), platform("query"), Told(), Told()
    async with AsyncExitStack() as stack:
        urls = [await stack.enter_async_context(each.serving()) for each in (share, query)]
        wire = await stack.enter_async_context(Wire())
        tasks = await stack.enter_async_context(Tasks())
        endpoints = {
            name: Endpoint(url, ACCOUNT, rid=RID, app_key=APP_KEY)
            for name, url in zip(("share", "query"), urls, strict=True)
        }
        made = connect(FOLDER, endpoints, tools(wire, clock, tasks, diverged, refreshed))
        yield Setting(clock, share, query, made, diverged, refreshed)
