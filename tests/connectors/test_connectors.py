"""Pairing contracts with endpoints: what fits is a connector, what does not is said before anything is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from gateway.calling.tasks import Tasks
from gateway.calling.wire import Wire
from gateway.connectors import GRADES, Endpoint, Tools, Unpaired, connect
from gateway.contract.folders import AuthorityFolder
from gateway.model import Check, Status
from gateway.security import keys
from tests.calling.asked import CHILD, FATHER, check, intent
from tests.calling.doubles import Told
from tests.conformance.conversing import AUTHORITY, FOLDERS, GATEWAY, SOAP_AUTHORITY, SOAP_GATEWAY, account_of
from tests.connectors.setting import NAMED
from tests.still import StillClock

REST, SOAP = "residence_permit", "household_registry"
CHANNELS = {REST: "share", SOAP: "query"}


@pytest.fixture
async def tools() -> AsyncIterator[Tools]:
    async with Wire() as wire, Tasks() as tasks:
        signers = {"international": keys.signer("gateway-1", GATEWAY[0])}
        told = Told()
        yield Tools(
            wire, StillClock(), signers, SOAP_GATEWAY.signer, tasks, NAMED, lambda *_: False,
            observe=told, diverged=told, hedged=told, record=told, refreshed=told,
        )  # fmt: skip


def endpoint(name: str, **changed: Any) -> Endpoint:
    whole = Endpoint(
        "http://127.0.0.1:1",
        account_of(FOLDERS[name]),
        keys.verifier("authority-1", AUTHORITY[1]),
        SOAP_AUTHORITY.verifier,
    )
    return replace(whole, **changed)


def changed_channel(name: str, **changes: Any) -> AuthorityFolder:
    """The folder with its one channel changed."""
    folder, key = FOLDERS[name], CHANNELS[name]
    channels = {key: folder.contract.channels[key].model_copy(update=changes)}
    return replace(folder, contract=folder.contract.model_copy(update={"channels": channels}))


def asked(name: str) -> Check:
    question = {REST: "residence", SOAP: "guardianship"}[name]
    return check(question, authority=name, about={"subject": CHILD, "guardian": FATHER})


@pytest.mark.parametrize("name", [REST, SOAP])
async def test_a_connector_never_raises_and_asks_as_its_contract_walks(name, tools):
    connector = connect(FOLDERS[name], {CHANNELS[name]: endpoint(name)}, tools)
    finding = await connector(intent(), asked(name))
    assert (finding.authority, finding.channel, finding.status) == (name, CHANNELS[name], Status.UNREACHABLE)
    calls = {REST: 1, SOAP: 3}[name]
    assert finding.attempts == 2 * calls
    assert finding.request_grade == GRADES[FOLDERS[name].contract.channels[CHANNELS[name]].signing][0]


@pytest.mark.parametrize(
    "endpoints", [{}, {"other": endpoint(REST)}, {"share": endpoint(REST), "other": endpoint(REST)}]
)
async def test_the_endpoints_are_those_of_the_contract(endpoints, tools):
    with pytest.raises(Unpaired, match="endpoints for exactly these channels: 'share'"):
        connect(FOLDERS[REST], endpoints, tools)


@pytest.mark.parametrize(
    ("name", "changed", "why"),
    [
        (REST, {"verifier": None}, "residence_permit.share: needs 'key_id' and 'public_key'"),
        (SOAP, {"soap_verifier": None}, "household_registry.query: needs the 'certificate'"),
        (SOAP, {"account": {"sbh": "x"}}, "household_registry.query: the account lacks md5, pcsbm"),
    ],
)
async def test_what_the_dialect_needs_must_be_there(name, changed, why, tools):
    with pytest.raises(Unpaired) as unpaired:
        connect(FOLDERS[name], {CHANNELS[name]: endpoint(name, **changed)}, tools)
    assert why in str(unpaired.value)


@pytest.mark.parametrize("name", [REST, SOAP])
async def test_the_dialect_none_is_refused_outside_the_mocks(name, tools):
    with pytest.raises(Unpaired, match="protects nothing"):
        connect(changed_channel(name, signing="none"), {CHANNELS[name]: endpoint(name)}, tools)


def test_every_dialect_that_may_be_used_has_its_grades():
    from typing import get_args

    from gateway.contract.authority import Dialect

    assert set(GRADES) == set(get_args(Dialect)) - {"none"}
