"""Names: what is one name, what is another, and what nobody can tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mapping import names
from gateway.mapping.names import Likeness

DOTTED = "阿测·样例"


@pytest.mark.parametrize("dot", "·•・･‧∙⋅．﹒●.\u0387\u2024")
def test_every_dot_is_the_prescribed_dot(dot: str) -> None:
    assert names.canonical(f"阿测{dot}样例") == DOTTED


@pytest.mark.parametrize("space", [" ", "\u3000", "\t", "\u00a0", "\u200b", "\ufeff", "\u2060"])
def test_space_does_not_count(space: str) -> None:
    assert names.compare("测试父", f"测{space}试父{space}") is Likeness.EQUAL_AFTER_NORMALISATION


@pytest.mark.parametrize(
    "code", ["a8bc", "a6d9", "a6da", "a6db", "a6dc", "a6dd", "a6de", "a6df", "a6ec", "a6ed", "a6f3"]
)
def test_every_folded_point_is_what_the_2000_edition_decodes_to(code: str) -> None:
    point = bytes.fromhex(code).decode("gb18030")
    assert ord(point) in names._PRIVATE_USE
    assert names.canonical(f"测{point}") != f"测{point}"


@pytest.mark.parametrize(
    ("code", "now"),
    [
        ("fe59", "\u9fb4"),
        ("fe61", "\u9fb5"),
        ("fe66", "\u9fb6"),
        ("fe67", "\u9fb7"),
        ("fe6d", "\u9fb8"),
        ("fe7e", "\u9fb9"),
        ("fe90", "\u9fba"),
        ("fea0", "\u9fbb"),
        ("a8bc", "\u1e3f"),
        ("a6d9", "\ufe10"),
        ("a6da", "\ufe12"),
        ("a6db", "\ufe11"),
        ("a6f3", "\ufe19"),
        ("fe51", "\U00020087"),
        ("fe91", "\U000241fe"),
    ],
)
def test_peers_on_different_editions_of_gb18030_agree(code: str, now: str) -> None:
    then = bytes.fromhex(code).decode("gb18030")
    assert then != now
    assert names.compare(f"测试{now}", f"测试{then}") is Likeness.EQUAL_AFTER_NORMALISATION


def test_the_table_is_the_one_change_of_2005_the_eighteen_of_2022_and_the_six_of_extension_b() -> None:
    assert len(names._PRIVATE_USE) == 1 + 18 + 6
    assert len(set(names._PRIVATE_USE.values())) == 25
    assert all(0xE000 <= point <= 0xF8FF for point in names._PRIVATE_USE)


@pytest.mark.parametrize(
    ("asked", "answered", "likeness"),
    [
        ("测试父", "测试父", Likeness.EXACT),
        ("样例䶮", "样例䶮", Likeness.EXACT),
        ("SAMPLE ONE", "ＳＡＭＰＬＥ　ＯＮＥ", Likeness.EQUAL_AFTER_NORMALISATION),
        ("样例\u51c9", "样例\uf979", Likeness.EQUAL_AFTER_NORMALISATION),
        ("测试父", "测试母", Likeness.DIFFERS),
        ("阿测·样例", "阿测样例", Likeness.DIFFERS),
        ("测试父", "", Likeness.DIFFERS),
        ("样例䶮", "样例?", Likeness.LOSSY),
        ("样例䶮", "样例？", Likeness.LOSSY),
        ("样例䶮", "样例□", Likeness.LOSSY),
        ("样例䶮", "样例〓", Likeness.LOSSY),
        ("样例䶮", "样例\ufffd", Likeness.LOSSY),
        ("测试父", "测*父", Likeness.LOSSY),
        ("测试父", "＊试父", Likeness.LOSSY),
        ("测?父", "测试父", Likeness.DIFFERS),
        ("测?父", "测?父", Likeness.EXACT),
        ("测?父", "测 ？父", Likeness.EQUAL_AFTER_NORMALISATION),
    ],
)
def test_likeness(asked: str, answered: str, likeness: Likeness) -> None:
    assert names.compare(asked, answered) is likeness
    assert likeness.is_equal == (likeness in (Likeness.EXACT, Likeness.EQUAL_AFTER_NORMALISATION))


@given(st.text(max_size=20))
def test_the_canonical_form_is_its_own(name: str) -> None:
    assert names.canonical(names.canonical(name)) == names.canonical(name)


@given(st.text(max_size=12), st.text(max_size=12))
def test_equality_goes_both_ways(one: str, other: str) -> None:
    assert names.compare(one, other).is_equal == names.compare(other, one).is_equal
    assert names.compare(one, one) is Likeness.EXACT
    assert names.compare(one, f" {one}\u3000").is_equal
