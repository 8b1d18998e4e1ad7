"""The sharing platform as the mocks play it: who may ask, by which secret, and how secrets are born and die."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest

from mocks.platform import aes_key, sign, wrapped
from mocks.server import start
from tests.mocks.asking import APP_KEY, REQUESTER
from tests.mocks.platform_caller import (
    REFRESH,
    PlatformCaller,
    envelope,
    fault_of,
    header_of,
    proof,
    string_of,
    unwrapped,
    year_question,
)  # fmt: skip
from tests.still import StillClock

INSURANCE = "social_insurance"
VECTOR = ("s_demo_0001", "00000000-0000-4000-8000-000000000001", "1795392000000")


@pytest.fixture
def somebody(cast) -> str:
    return cast.people["P08"].citizen_id


def test_the_shared_vectors():
    """vectors.md item 10, and domain 11."""
    assert aes_key(b"demo-appkey-0001").hex() == "cd111159bbc36013b1a67da314963638"
    assert aes_key(b"demo-app-key").hex() == "d0e2756624362ec2161734cfe2d07cde"
    secret, packed = (
        "appsecret-plaintext-0123456789ab",
        "NFDoyKzpLtLye76jjlWB1d7NJDePAxseABLm+jK4f1JuvBFs3U9pTblfqP35KJPW",
    )
    assert wrapped(secret, b"demo-appkey-0001") == packed
    assert unwrapped(packed, "demo-appkey-0001") == secret
    assert sign(secret.encode(), *VECTOR) == "SFGtP4FWOGcvXfs8sHZCVZZuAB+i4l8GnM/kVOdush0="
    assert sign(b"demo-appkey-0001", *VECTOR) == "SXcayAtUgpDWaoIJhbn2p1rmXxGlR/H/x0zWmvj6gOQ="
    case = ("s_1229901000000_0001", "00000000-0000-4000-8000-000000000001@demo", "1525219200000")
    assert sign(b"demo-secret-not-real", *case) == "FevhPfterbzMhIiYNewM6yjUhRU91yE8ABSgHpFYNJs="
    assert proof("demo-secret-not-real", *case) == sign(b"demo-secret-not-real", *case)


async def test_a_reply_carries_the_four_values_signed_with_the_same_secret(insured, somebody):
    reply = await insured.share(somebody)
    assert reply.status == 200, reply.body
    given = {name: reply.headers[f"gjgxjhpt_{name}"] for name in ("rid", "sid", "rtime", "sign")}
    assert (given["rid"], given["sid"]) == (REQUESTER, "s_1229901000000_0001")
    assert given["sign"] == proof(insured.secrets["share"], given["sid"], given["rid"], given["rtime"])
    reply = await insured.query(year_question(somebody, "2018"))
    header = header_of(reply)
    assert header.pop("gjgxjhpt_sign") == proof(
        insured.secrets["query"], *(header[f"gjgxjhpt_{n}"] for n in ("sid", "rid", "rtime"))
    )
    assert header["gjgxjhpt_sid"] == "s_1229901000000_0002"


WRONG = {
    "another secret": ({}, "not by the secret in force"),
    "no sign": ({"sign": ""}, "missing: gjgxjhpt_sign"),
    "another service": ({"sid": "s_1229901000000_0003"}, "not this service's"),
    "another requester": ({"rid": "somebody"}, "not known here"),
    "an old time": ({"rtime": "1525219200000"}, "not of now"),
    "seconds": ({"rtime": "1525219200"}, "milliseconds"),
    "not ASCII": ({"sign": "签"}, "ASCII"),
}


@pytest.mark.parametrize(("wrong", "why"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_signature_is_refused_on_both_wires(insured, somebody, wrong, why):
    known = {channel: await insured.secret(channel) for channel in ("share", "query")}
    if "签" not in wrong.get("sign", ""):
        reply = await insured.share(somebody, insured.values("share", known["share"] if wrong else "x", **wrong))
        assert (reply.status, reply.json()["code"]) == (401, "E-401")
        assert why in reply.json()["message"]
        assert not [name for name in reply.headers if name.startswith("gjgxjhpt")]
    reply = await insured.query(
        year_question(somebody, "2018"), insured.values("query", known["query"] if wrong else "x", **wrong)
    )
    assert reply.status == 500
    code, text = fault_of(reply)
    assert (code, why in text) == ("soapenv:Client", True)
    assert somebody not in reply.body.decode()


async def test_the_soap_header_stands_once_with_each_value_once(insured, somebody):
    values = insured.values("query", await insured.secret("query"))
    url = insured.mocks.url(INSURANCE, "query") + "/services/NwsExchange"
    good = envelope(year_question(somebody, "2018"), values)
    header = good[good.index(b"<tongtechheader>") : good.index(b"</tongtechheader>") + len(b"</tongtechheader>")]
    value = header[: header.index(b"</gjgxjhpt_rid>")].removeprefix(b"<tongtechheader>") + b"</gjgxjhpt_rid>"
    for wrong, why in (
        (good.replace(header, header * 2), "exactly one tongtechheader"),
        (good.replace(header, b""), "exactly one tongtechheader"),
        (good.replace(value, value * 2), "gjgxjhpt_rid stands twice"),
        (good.replace(value, b"<gjgxjhpt_rid><a/></gjgxjhpt_rid>"), "must be text"),
    ):
        async with insured.session.post(url, data=wrong, headers={"Content-Type": "text/xml"}) as response:
            assert (response.status, why in await response.text()) == (500, True), why


async def test_a_refresh_gives_a_wrapped_secret_with_its_end(insured):
    reply = await insured.refresh("share")
    content = reply.json()
    assert (content["code"], set(content["data"])) == ("0", {"secret", "secretEndTime"})
    assert insured.secrets["share"] not in reply.body.decode()
    left = content["data"]["secretEndTime"] / 1000 - insured.mocks.clock.unix()
    assert 3590 < left <= 3600
    (entry,) = insured.mocks.journals[INSURANCE]
    assert (entry.operation, entry.outcome, entry.people) == ("refresh", "refreshed", ())


@pytest.mark.parametrize(
    "body", [{}, [], "x", {"gjgxjhpt_rid": 1}, {"rid": "a", "sid": "b", "rtime": "c", "sign": "d"}], ids=str
)
async def test_a_refresh_that_is_none_is_refused(insured, body):
    reply = await insured.refresh("share", body=body)
    assert (reply.status, reply.json()["code"]) == (401, "E-401")


async def test_a_refresh_is_signed_with_the_app_key_and_nothing_else(insured):
    reply = await insured.refresh("share", key="another key")
    assert (reply.status, "app key" in reply.json()["message"]) == (401, True)
    assert (await insured.refresh("share", key=await insured.secret("share"))).status == 401
    url = insured.mocks.url(INSURANCE, "share") + REFRESH
    async with insured.session.post(url, data=b"{") as response:
        assert response.status == 401


@pytest.fixture
def serving(folders, cast, scenarios):
    """Starts the insurance mocks and a caller of theirs."""

    @asynccontextmanager
    async def begin(identity, clock=None, prefix="gjgxjhpt", folders=folders):
        identities = {(INSURANCE, "share"): identity, (INSURANCE, "query"): identity}
        running = start(folders, cast, identities, scenarios=scenarios, clock=clock)
        async with running as mocks, aiohttp.ClientSession() as session:
            yield PlatformCaller(session, mocks, prefix=prefix)

    return begin


async def test_a_secret_ends_and_is_refreshed_early_without_losing_the_one_before(serving, keys, somebody):
    async with serving(keys.platform(life=100), StillClock()) as caller:
        clock, first = caller.mocks.clock, await caller.secret("share")
        await caller.refresh("share")
        assert caller.secrets["share"] == first
        clock.move_by(60)
        await caller.refresh("share")
        assert caller.secrets["share"] != first
        assert (await caller.share(somebody, caller.values("share", first))).status == 200
        clock.move_by(41)
        assert (await caller.share(somebody, caller.values("share", first))).status == 401
        assert (await caller.share(somebody)).status == 200
        clock.move_by(100)
        reply = await caller.share(somebody)
        assert (reply.status, reply.json()["message"]) == (401, "no secret is in force: refresh it")


@pytest.mark.parametrize(("grace", "status"), [(0, 401), (5, 200)])
async def test_a_rotation_ends_secrets_at_once_or_after_the_grace(serving, keys, somebody, grace, status):
    async with serving(keys.platform(grace=grace), StillClock()) as caller:
        await caller.secret("share")
        await caller.secret("query")
        assert caller.mocks.rotate(INSURANCE, "share") == 1
        assert (await caller.share(somebody)).status == status
        assert (await caller.query(year_question(somebody, "2018"))).status == 200
        caller.mocks.clock.move_by(6)
        assert (await caller.share(somebody)).status == 401
        await caller.refresh("share")
        assert (await caller.share(somebody)).status == 200
        assert caller.mocks.rotate() == 2


async def test_secrets_rotate_by_themselves_on_the_mocks_clock(serving, keys, somebody):
    async with serving(keys.platform(rotate_every=1), StillClock()) as caller:
        seen = set()
        for _ in range(5):
            await caller.refresh("share")
            assert (await caller.share(somebody)).status == 200
            seen.add(caller.secrets["share"])
            caller.mocks.clock.move_by(1)
            assert (await caller.share(somebody)).status == 401
        assert len(seen) == 5


async def test_the_other_prefix(serving, folders, keys, somebody):
    folder = folders[INSURANCE]
    channels = {
        name: channel.model_copy(update={"platform": channel.platform.model_copy(update={"prefix": "gjzwfwpt"})})
        for name, channel in folder.contract.channels.items()
    }
    other = {**folders, INSURANCE: replace(folder, contract=folder.contract.model_copy(update={"channels": channels}))}
    async with serving(keys.platform(), prefix="gjzwfwpt", folders=other) as caller:
        assert (await caller.refresh("share")).json()["code"] == "200"
        reply = await caller.share(somebody)
        assert (reply.status, reply.headers["gjzwfwpt_rid"]) == (200, REQUESTER)
        reply = await caller.query(year_question(somebody, "2018"))
        assert "<aac003>" in string_of(reply)
        assert set(header_of(reply)) == {f"gjzwfwpt_{name}" for name in ("rid", "sid", "rtime", "sign")}
        caller.prefix = "gjgxjhpt"
        assert (await caller.share(somebody)).status == 401
        assert (await caller.refresh("share", APP_KEY)).status == 401


async def test_a_platform_channel_needs_a_requester_and_an_app_key(folders, cast, scenarios, keys):
    with pytest.raises(ValueError, match="requester and an app key"):
        async with start(folders, cast, {(INSURANCE, "share"): keys.rest()}, scenarios=scenarios):
            pytest.fail("must not start")
