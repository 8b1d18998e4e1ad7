"""The vocabulary as a table: told in both languages, and each word of it tried on every channel."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mocks import faults


def test_every_fault_is_told_in_both_languages_and_for_some_wire():
    for name, fault in faults.FAULTS.items():
        assert re.fullmatch(r"[a-z_]+|status_<NNN>", name)
        assert re.search("[\u4e00-\u9fff]", fault.zh), name
        assert fault.en.isascii(), name
        assert fault.wires, name
        assert set(fault.wires) <= {"rest", "soap"}, name


def test_every_fault_is_tried_on_every_channel():
    text = (Path(__file__).parent / "test_vocabulary.py").read_text("utf-8")
    tried = set(re.findall(r'"([a-z_]+)"', text))
    assert set(faults.FAULTS) - {"status_<NNN>"} <= tried


@pytest.mark.parametrize("name", ["status_199", "status_600", "status_1000", "status_<NNN>", "status_", "hangs", ""])
def test_what_is_no_fault(name):
    assert faults.named(name) is None
