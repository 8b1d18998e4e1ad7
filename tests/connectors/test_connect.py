"""Both channels of social insurance, whole: what is on the wire, and what is read out of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from gateway.model import Grade, Person, Status
from tests.connectors.raw_platform import (
    REFRESH,
    REST,
    RID,
    SIDS,
    RawPlatform,
    insured,
    nobody,
    responded,
)

from .setting import FOLDER, MONTHS, WHO, set_up


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
        here.query.soap = lambda asked: responded(
            asked["aac002"], who.name, ["201801"] if asked["year"] == "2018" else [], declares="GB2312"
        )
        found = await here.channels(who=who)
    # Answered, so the name was read right: it is compared with the one asked about.
    assert {finding.status for finding in found.values()} == {Status.ANSWERED}
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
    assert here.diverged.calls == [("social_insurance", ("months",), "229901000000")]
