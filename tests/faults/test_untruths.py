"""Untrue replies where there is little to be untrue about."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gateway.contract.authority import FactRule, OperationMapping
from mocks.answers import Answer, MockTrouble
from mocks.faults import truth
from mocks.faults.fault import Making
from mocks.server import start
from tests.faults.wires import CHANNELS, Wire


@pytest.fixture
def about(monkeypatch, five):
    """The wire of a channel, asking about somebody else than usual."""

    def wire(name: str, *people: str) -> Wire:
        found = five.wires[name]
        monkeypatch.setitem(CHANNELS, (found.authority, found.channel), people)
        return found

    return wire


@pytest.mark.parametrize(
    ("name", "person", "expected"),
    [("residence_permit.share", "R07", {"value": "0"}), ("social_insurance.query", "T60", "<rc>none</rc>")],
)
async def test_without_a_record_the_code_breaks_the_schema(five, about, name, person, expected):
    wire = about(name, person)
    five.mocks.arm(person, wire.authority, "schema_violation")
    raw = await wire.ask()
    assert (raw.status, wire.verifies(raw)) == (200, True)
    text = wire.text(raw)
    assert json.loads(text)["code"] == expected if isinstance(expected, dict) else expected in text


@pytest.mark.parametrize("fault", ["cut_json", "schema_violation", "stale_data", "wrong_signature", "duplicate_key"])
async def test_a_scenario_without_a_payload_stays_as_it_is(five, about, fault):
    wire = about("social_insurance.query", "T84")
    five.mocks.arm("T84", "social_insurance", fault)
    raw = await wire.ask()
    assert (raw.status, b"Bad Gateway" in raw.body) == (502, True)


async def test_a_swap_with_nobody_is_the_mocks_own_trouble(everything):
    folders, cast, scenarios, keys = everything
    alone = cast.model_copy(update={"people": {"P12": cast.people["P12"]}, "pairs": []})
    async with start(folders, alone, {("residence_permit", "share"): keys.rest()}, scenarios=scenarios) as mocks:
        mocks.arm("P12", "residence_permit", "swapped_person")
        raw = await Wire("residence_permit", "share", mocks, keys, cast, folders).ask()
        assert (raw.status, b"nobody else in the cast" in raw.body) == (599, True)


async def test_a_word_that_the_mapping_lacks_is_the_mocks_own_trouble(everything):
    folders, cast, scenarios, keys = everything
    folder = folders["social_insurance"]
    tables = {**folder.mapping.tables, "insurance_kind": {"999": "none"}}
    poor = {"social_insurance": replace(folder, mapping=folder.mapping.model_copy(update={"tables": tables}))}
    identities = {("social_insurance", "share"): keys.platform()}
    async with start(poor, cast, identities, scenarios=scenarios) as mocks:
        raw = await Wire("social_insurance", "share", mocks, keys, cast, folders).ask()
        assert (raw.status, b"has no code for a word" in raw.body) == (599, True)


@pytest.mark.parametrize(
    ("convert", "date", "stale"),
    [
        ("date_compact", "20160229", "20150228"),
        ("date", "2016-02-29", "2015-02-28"),
        ("month_compact", "201601", "201501"),
    ],
)
def test_a_year_ago_is_a_date_that_was(five, convert, date, stale):
    rules = OperationMapping(request={}, records="/all", facts={"day": FactRule(path="/a/day", convert=convert)})
    answer = Answer("x", None, (), {}, {})
    making = Making(None, rules, "json", answer)
    tree = {"all": [{"a": {"day": date}}, {"a": {"day": ""}}, {"a": {}}]}
    told = [each["a"].get("day") for each in truth._stale(tree, making)["all"]]
    assert told == [stale, "", None]


def test_a_channel_without_a_code_cannot_be_broken_by_it(five):
    rules = OperationMapping(request={}, records="/all", facts={"day": FactRule(path="/day")})
    operation = (
        five.wires["residence_permit.share"].folders["residence_permit"].contract.channels["share"].operations["permit"]
    )
    making = Making(operation.model_copy(update={"code": None}), rules, "json", Answer("x", None, (), {}, {}))
    with pytest.raises(MockTrouble, match="no code"):
        truth._break({"all": []}, making)
