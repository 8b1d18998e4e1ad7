"""Endpoints of the platform's channels: what must be there, and what must not be seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.calling.tasks import Tasks
from gateway.calling.wire import Wire
from gateway.connectors import Endpoint, Unpaired, connect
from tests.calling.doubles import Told
from tests.connectors.raw_platform import (
    APP_KEY,
    RID,
)
from tests.still import StillClock

from .setting import ACCOUNT, FOLDER, FOLDERS, tools

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
