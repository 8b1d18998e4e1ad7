"""No person in the margins (DESIGN section 3, 5): reads all that the whole run wrote. conftest puts this module last."""

from __future__ import annotations

import json

import pytest
import structlog

from gateway.judging import sentence
from gateway.model import Disposition, Reason
from gateway.web.problem_page import page
from gateway.web.problems import KINDS
from tests.paths.margins import LINES, found, margins, needles, people
from tests.system import METRICS_SEEN, PERMITS, System
from tests.wire import PROBLEMS_SEEN

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_no_number_and_no_name_of_the_cast_stands_in_any_log_metric_or_error(system: System):
    await _something_of_each_kind(system)
    for kind, texts in margins().items():
        assert len(texts) > 0, f"nothing was collected: {kind}"
        assert found(texts) == {}, f"people in the {kind}"


async def _something_of_each_kind(system: System) -> None:
    """So that the sweep never passes because nothing was there: a failing authority, a refusal, metrics."""
    before = len(LINES), len(PROBLEMS_SEEN)
    await system.mocks.stop_one(PERMITS)
    answer = await system.ask("P12")
    await system.mocks.start_one(PERMITS)
    assert answer.outcome == "partial"
    asked = system.asked(system.question("P12", nickname=system.person("P13")))
    assert (await system.send(asked)).code == "invalid_question"
    METRICS_SEEN.append((await system.get("/metrics", admin=True)).text)
    new = "".join(LINES[before[0] :])
    assert "check.failed" in new
    assert len(PROBLEMS_SEEN) > before[1]
    assert 'gateway_refusals_total{code="invalid_question"}' in METRICS_SEEN[-1]


@pytest.mark.parametrize("spell", [str, ascii, json.dumps, lambda text: repr(text.encode()), str.lower])
async def test_the_search_finds_everybody_however_they_are_spelled(spell):
    for key, number, name in people():
        assert found(["nobody", f"because of {spell(number)}"]).keys() == {key}
        if spell is not str.lower:
            assert found([f"{{why: {spell(name)}}}"]) != {}


async def test_what_the_log_really_writes_would_be_found(system: System):
    told = system.person("P12")["name"]
    start = len(LINES)
    structlog.get_logger("tests").warning("check.failed", why=f"because of {told}")
    written = LINES[start:]
    del LINES[start:]
    assert found(written) == {"P12": 0}


async def test_no_static_text_of_ours_looks_like_a_person():
    texts = [f"{kind.title} {kind.zh} {kind.en}" for kind in KINDS.values()] + [str(page(code)) for code in KINDS]
    for reason in Reason:
        for disposition in Disposition:
            said = sentence(reason, disposition)
            texts.append(said.zh + said.en)
    assert found(texts) == {}
    assert min(map(len, needles())) > 2
