"""JSON Pointers, parsed once."""

from __future__ import annotations

import pytest

from gateway.mapping import pointers

TREE = {"data": {"JZZ": [{"XM": "x"}, {"XM": None}]}, "": {"a/b": 1, "m~n": 2}, "text": "abc"}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", TREE),
        ("/data/JZZ/0/XM", "x"),
        ("/data/JZZ/1/XM", None),
        ("//a~1b", 1),
        ("//m~0n", 2),
        ("/data/JZZ/2", "none"),
        ("/data/JZZ/-1", "none"),
        ("/data/JZZ/²", "none"),
        ("/data/JZZ/XM", "none"),
        ("/nothing/there", "none"),
        ("/text/0", "none"),
        ("/data/JZZ/1/XM/deeper", "none"),
    ],
)
def test_get(pointer: str, value: object) -> None:
    assert pointers.get(TREE, pointers.parse(pointer), "none") == value


def test_nothing_found_is_none_by_default() -> None:
    assert pointers.get({}, ("a",)) is None
