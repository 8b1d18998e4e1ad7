"""docs/policies.md says what the files say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from gateway.contract.policies import BusinessItem, OnDivergence

from .builders import REAL, SHIPPED

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "policies.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    section = TEXT.partition(f"## {heading}")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "| " in line][1:]


def test_the_timeline() -> None:
    told = {row[0].strip("`"): row[1:4] for row in rows("Timeline")}
    assert told == {
        name: [
            str(file.effective.since),
            str(file.effective.until or ""),
            {"22": "Jilin (22)", "99": "Sample (99)"}.get("".join(file.regions), f"all {len(file.regions)} provinces"),
        ]
        for name, file in SHIPPED.items()
    }


def test_every_item_has_its_row() -> None:
    section = TEXT.partition("| business item | is |")[2].partition("\n## ")[0]
    items = [item for line in section.splitlines() if line.startswith("| `") for item in re.findall("`(.+?)`", line)]
    assert sorted(items) == sorted(get_args(BusinessItem))
    freed = {
        item
        for line in section.splitlines()
        if any(word in line for word in ("换发", "补发", "团队"))
        for item in re.findall("`(.+?)`", line)
    }
    for rule in SHIPPED["nation-2018-09"].materials[1:]:
        assert set(rule.owed.business_items_other_than or ()) == freed


def test_the_joins_and_what_the_counter_does() -> None:
    joins = {row[0].strip("`"): row[1].split(",")[0].strip("`") for row in rows("How the two channels")}
    assert joins == {
        name: proof.join.mode
        for name, file in SHIPPED.items()
        for rule in file.materials
        for proof in rule.proven_by
        if proof.join is not None
    }
    meanings = {row[0].split("`")[1] for row in rows("When the channels disagree")}
    assert meanings == set(get_args(OnDivergence))
    words = {"paper_required": "paper", "officer_check": "officer checks"}
    for material, contradicted, no_record, undetermined in rows("What the counter does"):
        for file in SHIPPED.values():
            for rule in file.materials:
                if f"`{rule.material}`" == material:
                    assert contradicted.startswith(words[rule.otherwise.contradicted])
                    assert no_record == words[rule.otherwise.no_record]
                    assert undetermined == "officer checks"


def test_the_phrases() -> None:
    phrases = {row[1] for row in rows("Sources")}
    carried = {rule.source.zh for name in REAL for rule in SHIPPED[name].materials}
    assert all(any(phrase in zh for zh in carried) for phrase in phrases)
    for zh in carried:
        left = zh
        for phrase in sorted(phrases, key=len, reverse=True):
            left = left.replace(phrase, "")
        assert left.strip("，") == "", "every clause of a rule's source stands in the list"
