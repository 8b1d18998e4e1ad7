"""Where the time went, through the whole system: for the asker, for operators, and for nobody else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from tests.system import GUARDIANSHIP, OTHER_KEY, REGISTRY, System
from tests.system import system as whole
from tests.wire import reading

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    async with whole(tmp_path_factory.mktemp("timing") / "home") as running:
        yield running


async def test_the_record_of_an_answer_is_the_asker_s(system: System) -> None:
    system.mocks.arm("P03", REGISTRY, "reset", times=1)
    asked = system.asked(system.question("P03", "P01", materials=[GUARDIANSHIP]))
    answer = await system.send(asked)
    path = f"/v1/verifications/{answer.json['verification_id']}/timing"
    reply = await system.send(reading(asked, path))
    assert reply.status == 200, reply
    record = json.loads(reply.body)
    assert set(record["ms"]) == {"intend", "ask", "judge", "conclude"}
    checks = {each["authority"]: each for each in record["checks"]}
    calls = checks[REGISTRY]["calls"]
    assert [call["status"] for call in calls].count("unreachable") == 1
    assert {"sign", "wire", "decode"} <= set(checks[REGISTRY]["ms"])
    operators = await system.get(f"/timing/{answer.json['verification_id']}", admin=True)
    assert operators.json() == record
    other = replace(reading(asked, path), key=system.key("other"), keyid=OTHER_KEY)
    assert (await system.send(other)).status in (403, 404)
    assert (await system.get("/timing/01a2138c-7e24-7b03-92fa-eff09f044229", admin=True)).status_code == 404
