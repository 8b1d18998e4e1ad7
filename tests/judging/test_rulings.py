"""The merge is a lattice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.judging.rulings import Ruling, merge, silence
from gateway.model import Decision, Reason, Status

from .builders import FAULTS, finding

ORDER = [Decision.NO_RECORD, Decision.CONTRADICTED, Decision.UNDETERMINED, Decision.CONFIRMED]
RULINGS = st.builds(Ruling, st.sampled_from(ORDER), st.sampled_from(list(Reason)))
SEVERAL = st.lists(RULINGS, min_size=1, max_size=6)


@pytest.mark.parametrize("low", range(4))
@pytest.mark.parametrize("high", range(4))
def test_confirmed_then_undetermined_then_contradicted_then_no_record(low: int, high: int) -> None:
    both = merge([Ruling(ORDER[low], Reason.TIMEOUT), Ruling(ORDER[high], Reason.BUSY)])
    assert both.decision is ORDER[max(low, high)]


@given(RULINGS, RULINGS)
def test_commutative(a: Ruling, b: Ruling) -> None:
    assert merge([a, b]) == merge([b, a])


@given(SEVERAL, SEVERAL, SEVERAL)
def test_associative(a: list[Ruling], b: list[Ruling], c: list[Ruling]) -> None:
    assert merge([merge([*a, *b]), merge(c)]) == merge([merge(a), merge([*b, *c])]) == merge([*a, *b, *c])


@given(RULINGS)
def test_idempotent(a: Ruling) -> None:
    assert merge([a, a]) == merge([a]) == a


@given(SEVERAL, RULINGS, st.integers(0, 5))
def test_monotone(rulings: list[Ruling], better: Ruling, at: int) -> None:
    at %= len(rulings)
    raised = [*rulings[:at], merge([rulings[at], better]), *rulings[at + 1 :]]
    assert ORDER.index(merge(raised).decision) >= ORDER.index(merge(rulings).decision)


@given(SEVERAL)
def test_the_merge_is_one_of_its_rulings(rulings: list[Ruling]) -> None:
    assert merge(rulings) in rulings


def test_nothing_cannot_be_merged() -> None:
    with pytest.raises(ValueError, match=r"empty|iterable"):
        merge([])


def test_among_equals_the_reason_listed_first_is_given() -> None:
    officer = Ruling(Decision.UNDETERMINED, Reason.NEEDS_OFFICER)
    assert merge([Ruling(Decision.UNDETERMINED, Reason.TIMEOUT), officer]) == officer


@pytest.mark.parametrize("status", FAULTS)
def test_a_fault_is_undetermined_under_its_own_name(status: Status) -> None:
    ruling = silence(finding("any", status))
    assert ruling is not None
    assert ruling.decision is Decision.UNDETERMINED
    assert ruling.reason.value == status.value


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.NO_RECORD])
def test_a_reply_is_not_silence(status: Status) -> None:
    assert silence(finding("any", status)) is None
