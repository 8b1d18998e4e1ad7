"""Connectors made of the shipped folders, against bytes on a socket: both channels of social insurance, whole."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.calling.tasks import Tasks
from gateway.calling.wire import Wire
from gateway.connectors import Endpoint, Tools, Unpaired, connect
from gateway.contract.folders import load_authorities, shipped
from gateway.model import Check, Connector, Finding, Grade, Intent, Join, Person, Status
from gateway.security import keys
from gateway.security.wsse import SoapSigner
from tests.calling.doubles import DAY, VERIFICATION, Told
from tests.connectors.raw_platform import (
    APP_KEY,
    REFRESH,
    REST,
    RID,
    SIDS,
    RawPlatform,
    Sent,
    insured,
    nobody,
    proof,
    responded,
)
from tests.still import StillClock

FOLDERS = load_authorities(shipped())
FOLDER = FOLDERS["social_insurance"]
WHO = Person("219901199103151084", "阿测·样例")
BOTH = Join("both_and_compare", ("share", "query"))
ACCOUNT = {"system_code": "TEST-EXIT-ENTRY"}
YEARS = {"2017": ["201711", "201712"], "2018": ["201801"]}
MONTHS = [date(2017, 11, 1), date(2017, 12, 1), date(2018, 1, 1)]


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
        soap_signer=NoSigner(), tasks=tasks, conclusive=lambda intent, check, found: found.status is Status.ANSWERED,
        observe=Told(), diverged=diverged, refreshed=refreshed,
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


async def test_both_channels_say_the_same_in_their_own_words() -> None:
    async with set_up() as here:
        found = await here.channels()
    for finding in found.values():
        facts = finding.records["insured"]
        assert finding.status is Status.ANSWERED
        assert facts is not None
        assert [row["month"] for row in facts["months"]] == MONTHS
        assert {row["kind"] for row in facts["kinds"]} == {"pension_employee"}
        assert (finding.request_grade, finding.reply_grade) == (Grade.D, Grade.D)
    assert (found["share"].attempts, found["query"].attempts) == (1, 2)
    assert here.diverged.calls == []
    assert sorted(here.refreshed.calls) == [("social_insurance", name, True) for name in ("query", "share")]


async def test_the_wire_of_the_share_channel() -> None:
    async with set_up() as here:
        await here.ask()
    refresh, call = here.share.sent
    assert (refresh.path, call.path) == (REFRESH, REST)
    named = {name: value for name, value in call.headers.items() if name.startswith("gjgxjhpt_")}
    assert set(named) == {"gjgxjhpt_rid", "gjgxjhpt_sid", "gjgxjhpt_rtime", "gjgxjhpt_sign"}
    assert (named["gjgxjhpt_rid"], named["gjgxjhpt_sid"]) == (RID, SIDS["share"])
    assert named["gjgxjhpt_rtime"] == "1525219200000"
    assert b"gjgxjhpt" not in call.body


async def test_the_wire_of_the_query_channel() -> None:
    async with set_up() as here:
        await here.ask()
    refresh, *calls = here.query.sent
    assert refresh.path == REFRESH
    schema = FOLDER.documents["query"]["request"]
    for call, year in zip(sorted(calls, key=lambda sent: b"2018" in sent.body), ("2017", "2018"), strict=True):
        assert not any(name.startswith("gjgxjhpt_") for name in call.headers)
        assert b"<soapenv:Header><tongtechheader><gjgxjhpt_rid>" in call.body
        (escaped,) = re.findall(r"<xml[^>]*>(.*)</xml>", call.body.decode())
        document = schema.tree(escaped.replace("&lt;", "<").replace("&gt;", ">"))
        assert document["head"] == {
            "aac002": WHO.citizen_id, "year": year, "aae140": "", "pagesize": "100", "pageindex": "1"
        }  # fmt: skip


RARE = Person(WHO.citizen_id, "䶮·𠮷𬱖𬍛")


@pytest.mark.parametrize("who", [WHO, RARE, Person(WHO.citizen_id, "阿测•样例")])
async def test_older_peers_are_read_as_gb18030(who: Person) -> None:
    async with set_up() as here:
        for platform in (here.share, here.query):
            platform.encoding = "gb18030"
        here.share.rest = lambda asked: insured(asked["AAC002"], who.name, ["201801"])
        here.query.soap = lambda asked: responded(asked["aac002"], who.name, ["201801"], declares="GB2312")
        found = await here.channels(who=who)
    assert {finding.status for finding in found.values()} == {Status.ANSWERED}
    for finding in found.values():
        assert (finding.records["insured"] or {})["name"] == who.name
    assert here.diverged.calls == []


async def test_bytes_that_are_not_what_they_are_declared_to_be() -> None:
    class Lying(RawPlatform):
        def _declared(self) -> str:
            return "utf-8"

    async with set_up() as here:
        for platform in (here.share, here.query):
            platform.__class__ = Lying
            platform.encoding = "gb18030"
        found = await here.channels()
    assert {finding.status for finding in found.values()} == {Status.BAD_REPLY}


@pytest.mark.parametrize(
    ("years", "status", "months"),
    [
        ({"2017": nobody(), "2018": nobody()}, Status.NO_RECORD, []),
        ({"2017": nobody(), "2018": ["201801"]}, Status.ANSWERED, MONTHS[2:]),
        ({"2017": ["201711", "201712"], "2018": []}, Status.ANSWERED, MONTHS[:2]),
        ({"2017": ["201711"], "2018": nobody("0501 多条记录")}, Status.AMBIGUOUS, []),
        ({"2017": ["201711"], "2018": nobody("0050 系统未开放")}, Status.CLOSED_WINDOW, []),
        ({"2017": ["201711"], "2018": nobody("", rc="2")}, Status.UNREACHABLE, []),
        ({"2017": ["201711"], "2018": nobody("7777 ?")}, Status.BAD_REPLY, []),
        ({"2017": ["201711"], "2018": nobody("0503", rc="0")}, Status.BAD_REPLY, []),
        ({"2017": ["201711"], "2018": "java.lang.NullPointerException"}, Status.BAD_REPLY, []),
        ({"2017": ["201711"], "2018": "<response>"}, Status.BAD_REPLY, []),
    ],
)
async def test_years_together(years: Mapping[str, Any], status: Status, months: list[date]) -> None:
    def said(asked: dict[str, str]) -> str:
        told = years[asked["year"]]
        return told if isinstance(told, str) else responded(asked["aac002"], WHO.name, told)

    async with set_up() as here:
        here.query.soap = said
        found = (await here.channels())["query"]
    assert found.status is status
    if status is Status.ANSWERED:
        assert [row["month"] for row in (found.records["insured"] or {})["months"]] == months


async def test_somebody_else_s_record_is_seen_on_both_channels() -> None:
    async with set_up() as here:
        here.share.rest = lambda asked: insured("239901199302281096", WHO.name, ["201801"])
        here.query.soap = lambda asked: responded(asked["aac002"], "另一人", ["201801"])
        found = await here.channels()
    assert {finding.status for finding in found.values()} == {Status.SUBJECT_MISMATCH}


async def test_channels_that_disagree_are_named() -> None:
    async with set_up() as here:
        here.share.rest = lambda asked: insured(asked["AAC002"], WHO.name, ["201711", "201801"])
        found = await here.ask()
    assert found.diverges_on == ("months",)
    assert here.diverged.calls == [("social_insurance", ("months",))]


def rotate(platform: RawPlatform, path: str, times: int = 1) -> None:
    """Rotates the secret while a call to that path is on its way."""
    left = [times]

    def before(sent: Sent) -> None:
        if sent.path == path and left[0]:
            left[0] -= 1
            platform.generation += 1

    platform.before = before


@pytest.mark.parametrize("grace", [False, True])
@pytest.mark.parametrize("times", [1, 2])
async def test_a_secret_rotated_in_mid_flight_costs_nothing(grace: bool, times: int) -> None:
    # With grace the request is accepted, and the reply comes signed with a secret that we have not got yet.
    async with set_up() as here:
        for platform, path in ((here.share, REST), (here.query, "/services/NwsExchange")):
            platform.grace = grace
            rotate(platform, path, times)
        found = await here.channels()
    assert {finding.status for finding in found.values()} == {Status.ANSWERED}
    assert (here.share.refreshes, found["share"].attempts) == (times + 1, times + 1)


async def test_two_hundred_questions_while_the_secret_is_rotated_again_and_again() -> None:
    async with set_up() as here:
        calls = [0]

        def before(sent: Sent) -> None:
            calls[0] += 1
            if calls[0] % 120 == 0 and sent.path == REST:
                here.share.generation += 1

        here.share.before = before
        found = await asyncio.gather(*(here.ask(Join("race", ("share",))) for _ in range(200)))
    assert {finding.status for finding in found} == {Status.ANSWERED}
    assert here.share.generation > 2
    assert here.share.refreshes == here.share.generation


async def test_a_refused_refresh_is_a_fault_of_configuration_and_a_dead_one_is_not() -> None:
    async with set_up() as here:
        here.share.refresh_status, here.query.refresh_status = 401, 503
        with capture_logs() as logs:
            found = await here.channels()
    assert (found["share"].status, found["query"].status) == (Status.CONFIG_FAULT, Status.UNREACHABLE)
    assert (found["share"].attempts, found["share"].evidence) == (0, ())
    assert {log["event"] for log in logs} == {"secret.refresh_failed", "check.failed"}
    assert not any(APP_KEY in str(log) for log in logs)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"sign": "AAAA"}, Status.BAD_SIGNATURE),
        ({"sign": None}, Status.BAD_SIGNATURE),
        ({"rtime": "1525219200001"}, Status.BAD_SIGNATURE),
        ({"sid": "s_1229901000000_0009"}, Status.BAD_SIGNATURE),
        ({"rid": None}, Status.BAD_SIGNATURE),
    ],
)
async def test_a_reply_whose_four_values_do_not_hold(change: dict[str, str | None], status: Status) -> None:
    def changed(values: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in (values | change).items() if value is not None}

    async with set_up() as here:
        here.share.reply_with = here.query.reply_with = changed
        found = await here.channels()
    assert {finding.status for finding in found.values()} == {status}


async def test_a_reply_for_another_service_is_not_bound() -> None:
    async with set_up() as here:
        for platform in (here.share, here.query):

            def other(values: dict[str, str], platform: RawPlatform = platform) -> dict[str, str]:
                sid = "s_1229901000000_0009"
                return values | {"sid": sid, "sign": proof(platform.secret, sid, values["rid"], values["rtime"])}

            platform.reply_with = other
        found = await here.channels()
    assert {finding.status for finding in found.values()} == {Status.NOT_BOUND}


async def test_a_reply_of_another_time_is_not_fresh() -> None:
    async with set_up() as here:
        await here.ask()
        here.share.now_ms = here.query.now_ms = lambda: int(here.clock.unix() * 1000) - 300_001
        found = await here.channels()
    assert {finding.status for finding in found.values()} == {Status.BAD_SIGNATURE}


ENDPOINT = Endpoint("http://127.0.0.1:1", ACCOUNT, rid=RID, app_key=APP_KEY)


@pytest.mark.parametrize(
    ("endpoints", "says"),
    [
        ({}, "exactly these channels: 'share', 'query'"),
        ({"share": ENDPOINT}, "exactly these channels"),
        ({"share": ENDPOINT, "query": ENDPOINT, "more": ENDPOINT}, "exactly these channels"),
        (
            {"share": replace(ENDPOINT, rid=None), "query": ENDPOINT},
            r"social_insurance\.share: needs 'rid' and 'app_key'",
        ),
        ({"share": replace(ENDPOINT, app_key=None), "query": ENDPOINT}, "needs 'rid' and 'app_key'"),
        ({"share": replace(ENDPOINT, app_key=""), "query": ENDPOINT}, "needs 'rid' and 'app_key'"),
        (
            {"share": ENDPOINT, "query": replace(ENDPOINT, account={})},
            r"social_insurance\.query: the account lacks system_code",
        ),
    ],
)
async def test_endpoints_that_do_not_fit(endpoints: dict[str, Endpoint], says: str) -> None:
    async with Wire() as wire, Tasks() as tasks:
        with pytest.raises(Unpaired, match=says):
            connect(FOLDER, endpoints, tools(wire, StillClock(), tasks, Told(), Told()))


@pytest.mark.parametrize(
    ("authority", "channel", "account", "says"),
    [
        ("residence_permit", "share", {}, "needs 'key_id' and 'public_key'"),
        ("household_registry", "query", {"pcsbm": "", "sbh": "", "md5": ""}, "needs the 'certificate'"),
    ],
)
async def test_an_authority_whose_signature_nobody_could_check(
    authority: str, channel: str, account: dict[str, str], says: str
) -> None:
    async with Wire() as wire, Tasks() as tasks:
        with pytest.raises(Unpaired, match=says):
            connect(
                FOLDERS[authority],
                {channel: Endpoint("http://127.0.0.1:1", account)},
                tools(wire, StillClock(), tasks, Told(), Told()),
            )


async def test_the_dialect_that_protects_nothing_is_for_mocks_alone() -> None:
    folder = FOLDERS["residence_permit"]
    channel = folder.contract.channels["share"].model_copy(update={"signing": "none"})
    contract = folder.contract.model_copy(update={"channels": {"share": channel}})
    async with Wire() as wire, Tasks() as tasks:
        with pytest.raises(Unpaired, match="for mocks alone"):
            connect(
                replace(folder, contract=contract),
                {"share": ENDPOINT},
                tools(wire, StillClock(), tasks, Told(), Told()),
            )


def test_no_secret_is_in_the_text_of_an_endpoint() -> None:
    text = repr(replace(ENDPOINT, account={"md5": "secret-of-ours"}))
    assert APP_KEY not in text
    assert "secret-of-ours" not in text
