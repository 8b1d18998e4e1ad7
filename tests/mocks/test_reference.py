"""docs/mocks.md against what it describes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml

from gateway.contract.insured import Insured
from mocks import reference
from mocks.settings import MocksFile

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "mocks.md"


def test_the_tables_are_the_vocabulary_and_the_cast():
    text = DOCUMENT.read_text("utf-8")
    assert reference.written(text) == text, "run: python -m mocks.reference docs/mocks.md"


def test_the_tables_are_written_between_their_marks(tmp_path, monkeypatch):
    file = tmp_path / "mocks.md"
    file.write_text("before\n<!-- made: faults -->\nold\n<!-- end -->\nafter\n", "utf-8")
    monkeypatch.setattr(sys, "argv", ["reference", str(file)])
    assert reference.main() == 0
    lines = file.read_text("utf-8").splitlines()
    assert (lines[0], lines[1], lines[-2], lines[-1]) == ("before", "<!-- made: faults -->", "<!-- end -->", "after")
    assert any(line.startswith("| `hang` |") for line in lines)


def test_the_example_of_mocks_yaml_is_one():
    example = re.search(r"```yaml\n(host:.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert example is not None
    tree = yaml.load(example[1], yaml.BaseLoader)
    found = MocksFile.model_validate(tree)
    assert found.authorities["social_insurance"]["share"].secrets.rotate_seconds == 1


def test_every_route_of_the_admin_api_is_told():
    text = DOCUMENT.read_text("utf-8")
    source = (DOCUMENT.parents[1] / "mocks" / "admin.py").read_text("utf-8")
    routes = set(re.findall(r'web\.(?:post|get|put|delete)\(r?"(/[a-z/]+)', source))
    assert {route for route in routes if f"{route.rstrip('/')}" not in text} == set()


def test_the_example_of_an_insured_person_is_one():
    example = re.search(r"```yaml\n(insured:.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert example is not None
    found = Insured.model_validate(yaml.load(example[1], yaml.BaseLoader)["insured"])
    assert [row["month"] for row in found.tables(year="2018")["months"]] == ["2018-01", "2018-02", "2018-03", "2018-04"]
