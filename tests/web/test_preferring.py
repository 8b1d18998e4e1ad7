"""The Prefer header: an unsigned hint, of which `wait` counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.preferring import MOST_SECONDS, wait_of


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ([], None),
        (["wait=10"], 10),
        (["WAIT = 10"], 10),
        (['wait="10"'], 10),
        (["respond-async, wait=10"], 10),
        (["respond-async", "wait=10"], 10),
        (['foo="a, wait=3"; bar, wait=10'], 10),
        (["wait=10; x=y, handling=lenient"], 10),
        (["wait=7, wait=9"], 7),
        (["wait=100"], MOST_SECONDS),
        (["wait=0"], 0),
        (["wait"], None),
        (["wait="], None),
        (["wait=soon, wait=4"], None),
        (["wait=-1"], None),
        (["wait=1.5"], None),
        (["wait=\u0661"], None),
        (["wait=9999999999"], None),
        ([", wait=4"], None),
        (["(, wait=4"], None),
        (["x=" + "y" * 2000 + ", wait=4"], None),
        (["await=4"], None),
    ],
)
def test_the_first_wait_counts_and_what_cannot_be_read_is_nothing(lines: list[str], seconds: int | None):
    assert wait_of(lines) == seconds


@given(st.lists(st.text(max_size=40), max_size=3))
def test_whatever_comes_it_is_a_few_seconds_or_none(lines: list[str]):
    found = wait_of(lines)
    assert found is None or 0 <= found <= MOST_SECONDS
