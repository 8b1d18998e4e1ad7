"""What a field of a reply does to us."""

from __future__ import annotations

import pytest

from gateway.contract.effects import UNUSED, Effect, Weight, effect_at, effects
from gateway.contract.findings import ContractFinding, of_problems
from gateway.contract.folders import load_authorities, shipped
from gateway.contract.offered import offered
from gateway.errors import Problem

FOLDERS = load_authorities(shipped())
PERMIT = effects(FOLDERS["residence_permit"], "share", "permit")
OPERATIONS = [
    (folder, channel, operation)
    for folder in FOLDERS.values()
    for channel, given in folder.contract.channels.items()
    for operation in given.operations
]


@pytest.mark.parametrize(
    ("pointer", "wanted"),
    [
        ("/code", Effect(Weight.MEANING, "code")),
        ("/data/JZZ", Effect(Weight.IDENTITY, "permit.citizen_id")),
        ("/data", Effect(Weight.IDENTITY, "permit.citizen_id")),
        ("/data/JZZ/0/XM", Effect(Weight.IDENTITY, "permit.name")),
        ("/data/JZZ/12/YXQXJZRQ", Effect(Weight.FACT, "permit.valid_until")),
        ("/data/JZZ/0/QFJG", UNUSED),
        ("/message", UNUSED),
        ("", Effect(Weight.MEANING, "code")),
    ],
)
def test_the_worst_that_comes_of_a_fault_at_a_pointer(pointer: str, wanted: Effect) -> None:
    assert effect_at(PERMIT, pointer) == wanted


def test_it_is_said_in_words() -> None:
    assert str(Effect(Weight.FACT, "permit.valid_until")) == "feeds permit.valid_until: wrong answers"
    assert str(UNUSED) == "unused: note"


@pytest.mark.parametrize(("folder", "channel", "operation"), OPERATIONS)
def test_every_fact_of_every_mapping_feeds_from_somewhere(folder, channel, operation) -> None:  # type: ignore[no-untyped-def]
    fed = {each.feeds for found in effects(folder, channel, operation).values() for each in found}
    mapping = folder.mapping.operations[operation]
    rows = {f"{operation}.{table}.{fact}" for table, rule in mapping.rows.items() for fact in rule.facts}
    assert {f"{operation}.{fact}" for fact in mapping.facts} | rows <= fed


@pytest.mark.parametrize(("folder", "channel", "operation"), OPERATIONS)
def test_only_what_an_interface_offers_has_an_effect(folder, channel, operation) -> None:  # type: ignore[no-untyped-def]
    there = offered(folder, channel, folder.contract.channels[channel].operations[operation])
    for path in effects(folder, channel, operation):
        assert any(each == path or each.startswith(f"{path}/") for each in there), path


def test_a_finding_says_where_and_whether_it_matters() -> None:
    (found,) = of_problems("file", [Problem("contract.yaml", 3, 5, "is not that")])
    assert str(found) == "contract.yaml:3:5: file: is not that"
    assert not found.matters
    weighty = ContractFinding("a", 1, 1, "r", "t", "/x", Effect(Weight.FACT, "permit.status"))
    assert weighty.matters
    assert weighty.document()["effect"] == {"weight": "fact", "feeds": "permit.status"}
