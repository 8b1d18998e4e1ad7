"""A list as long as a page is not believed to be whole."""

from __future__ import annotations

import pytest

from gateway.calling.exchange import Reading, exchange
from gateway.contract.authority import Full
from gateway.contract.folders import load_authorities, shipped
from gateway.errors import Ambiguous
from gateway.model import Status
from tests.calling.asked import intent
from tests.calling.test_exchange import ASKED, LINE, OPERATION, READINGS, RECORD, Double, asked, reply, tree
from tests.still import StillClock


@pytest.mark.parametrize(("rows", "is_cut"), [(0, False), (2, False), (3, True), (4, True)])
async def test_a_list_that_may_have_been_cut_is_not_believed(rows: int, is_cut: bool):
    cut = OPERATION.model_copy(update={"full": Full(rows="/rows", most=3)})
    readings = {ASKED: Reading.compiled(cut, READINGS[ASKED].records)}
    double = Double(tree("0", RECORD | {"rows": [{}] * rows}), reply(), StillClock())
    connector = exchange(LINE, double, readings, double.send, double.clock)
    if not is_cut:
        assert (await connector(intent(), asked())).status is Status.ANSWERED
        return
    with pytest.raises(Ambiguous, match="full"):
        await connector(intent(), asked())


def test_the_shipped_contract_asks_for_as_many_rows_as_it_calls_full():
    folder = load_authorities(shipped())["social_insurance"]
    full = folder.contract.channels["query"].operations["query_months"].full
    asked_for = folder.mapping.operations["query_months"].request["/xml/request/head/pagesize"].value
    assert full is not None
    assert str(full.most) == asked_for
