"""Positional tables: every quirk that domain 6.4 tells of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadReply
from gateway.mapping import tables

COLUMNS = ("SFZH", "XM", "XBDM")
ALIASES = {"户政性别代码字典": "XBDM"}
NAMES, RECORD = ["XM", "SFZH", "XBDM"], ["样例", "229901198503032014", "1"]
READ = {"SFZH": "229901198503032014", "XM": "样例", "XBDM": "1"}


def opened(*rows: list[str]) -> dict[str, object]:
    return tables.tree(rows, COLUMNS, ALIASES)


@given(st.permutations(COLUMNS), st.integers(0, 15), st.integers(0, 3))
def test_the_order_of_the_columns_is_theirs_and_padding_says_nothing(
    names: list[str], padding: int, wider: int
) -> None:
    rows = [names + [""] * wider, [READ[name] for name in names] + [""] * wider]
    assert opened(["000", *[""] * padding], *rows) == {"status": "000", "records": [READ]}


def test_fifteen_cells_of_status_over_thirteen_columns() -> None:
    names = [*COLUMNS, *(f"C{number}" for number in range(10))]
    assert opened(["000", *[""] * 14], names, [*READ.values(), *"abcdefghij"])["records"] == [READ]


def test_a_column_under_its_dictionary_s_name() -> None:
    assert opened(["000"], ["XM", "SFZH", "户政性别代码字典"], RECORD)["records"] == [READ]


def test_what_was_not_asked_for_is_not_read() -> None:
    assert opened(["000"], [*NAMES, "XP"], [*RECORD, "base64 of a photo"])["records"] == [READ]


@pytest.mark.parametrize("rows", [(), (NAMES,), ([""],)])
def test_fewer_than_three_rows_are_no_records(rows: tuple[list[str], ...]) -> None:
    assert opened(["000", ""], *rows) == {"status": "000", "records": []}
    assert opened(["999"], *rows) == {"status": "999", "records": []}


def test_two_records_are_two() -> None:
    assert opened(["000"], NAMES, RECORD, RECORD)["records"] == [READ, READ]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [[]],
        [["000", "", "x"], NAMES, RECORD],  # what is this? The columns, where the status was lost?
        [NAMES, RECORD],
        [["000"], [], RECORD],  # cells without a name
        [["000"], ["XM", "", "XBDM"], RECORD],
        [["000"], ["XM", "SFZH", "SFZH"], RECORD],
        [["000"], ["XM", "XBDM", "户政性别代码字典"], RECORD],
        [["000"], NAMES, RECORD[:2]],  # a cell is missing: which one, nobody knows
        [["000"], NAMES, [*RECORD, "more"]],
        [["000"], NAMES, RECORD, []],
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_itself(rows: list[list[str]]) -> None:
    with pytest.raises(BadReply):
        opened(*rows)


def test_a_column_that_does_not_come_is_not_made_up() -> None:
    assert opened(["000"], ["XM", "性别"], ["样例", "1"])["records"] == [{"XM": "样例"}]
