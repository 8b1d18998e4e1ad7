"""The oracle: every set of months, every parameter, counted in another way; and what a month more may never do."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.policies import InsuranceParameters
from gateway.judging import insurance
from gateway.model import Decision, Reason

from .insured import ELSEWHERE, HERE, MEDICAL, PENSION, applies, found, months, rules

DAY = date(2018, 2, 14)  # the window of eight months crosses a year's end
MONTHS = [row["month"] for row in months("2017-08..2018-03")]
FATES = ("missing", "normal", "back_payment", "elsewhere")


def rows_of(fates: tuple[str, ...], of: list[date] = MONTHS) -> list[dict[str, Any]]:
    return [
        {
            "month": month, "kind": PENSION,
            "payment": "back_payment" if fate == "back_payment" else "normal",
            "region": ELSEWHERE if fate == "elsewhere" else HERE,
        }
        for month, fate in zip(of, fates, strict=True)
        if fate != "missing"
    ]  # fmt: skip


def oracle(fates: tuple[str, ...], asked: InsuranceParameters) -> bool:
    """Whether any stretch of the calendar is a run: all stretches are tried."""
    until = MONTHS.index(date(2018, 2, 1))
    good = {"normal"} | ({"back_payment"} if asked.count_back_payment else set())
    good |= {"elsewhere"} if asked.place == "anywhere" else set()
    for begin, end in combinations(range(until + 2), 2):  # [begin, end)
        stretch = [
            fate if fate in good else ("bridge" if fate == "back_payment" else "hole") for fate in fates[begin:end]
        ]
        if {stretch[0], stretch[-1]} & {"bridge", "hole"} or end - 1 < until - asked.reporting_lag_months:
            continue
        paid = sum(fate in good for fate in stretch)
        if paid >= asked.min_months and stretch.count("hole") <= asked.allowed_gap_months:
            return True
    return False


ASKED = st.builds(
    rules,
    min_months=st.integers(1, 5), reporting_lag_months=st.integers(0, 3), allowed_gap_months=st.integers(0, 2),
    count_back_payment=st.booleans(), place=st.sampled_from(["same_city", "anywhere"]),
)  # fmt: skip
ALL_FATES = st.tuples(*[st.sampled_from(FATES)] * len(MONTHS))


@given(ALL_FATES, ASKED)
def test_the_oracle_agrees(fates: tuple[str, ...], asked: InsuranceParameters) -> None:
    ruling = insurance.rule(found(*rows_of(fates)), applies(DAY), asked)
    assert (ruling.decision is Decision.CONFIRMED) == oracle(fates, asked)


@given(ALL_FATES, ASKED)
def test_every_no_says_truly_why(fates: tuple[str, ...], asked: InsuranceParameters) -> None:
    """Each reason names the one thing that, granted, would have confirmed; too short is what nothing alone would mend."""
    said = insurance.rule(found(*rows_of(fates)), applies(DAY), asked).reason
    granted = {
        Reason.INSURANCE_ELSEWHERE: {"place": "anywhere"},
        Reason.INSURANCE_LAPSED: {"reporting_lag_months": 12},
        Reason.INSURANCE_GAP: {"allowed_gap_months": 12},
    }
    if said in granted:
        assert oracle(fates, asked.model_copy(update=granted[said]))
    elif said is Reason.INSURANCE_TOO_SHORT:
        assert not oracle(fates, asked.model_copy(update=granted[Reason.INSURANCE_ELSEWHERE]))
        assert not oracle(fates, asked.model_copy(update=granted[Reason.INSURANCE_GAP]))


LONG_AGO = [row["month"] for row in months("2016-07..2018-02")]
MOSTLY_PAID = st.tuples(
    *[st.sampled_from(("normal", "normal", "back_payment", "back_payment", *FATES))] * len(LONG_AGO)
)


@given(MOSTLY_PAID, ASKED, st.integers(0, 4))
def test_what_nobody_had_to_be_asked_about_makes_no_no(
    fates: tuple[str, ...], asked: InsuranceParameters, bridges: int
) -> None:
    """Who would be confirmed by every month there is, is not refused on the months that every channel is asked for."""
    asked = asked.model_copy(update={"bridge_months": bridges})
    rows = rows_of(fates, LONG_AGO)
    first = LONG_AGO[-1 - insurance.reach(asked)]
    shown = [row for row in rows if row["month"] >= first]
    every, some = (insurance.rule(found(*each), applies(DAY), asked).decision for each in (rows, shown))
    assert every is not Decision.CONFIRMED or some in (Decision.CONFIRMED, Decision.UNDETERMINED)


ROWS = st.lists(
    st.fixed_dictionaries({
        "month": st.sampled_from(MONTHS), "kind": st.sampled_from([PENSION, MEDICAL]),
        "payment": st.sampled_from(["normal", "back_payment"]), "region": st.sampled_from([HERE, ELSEWHERE]),
    }),
    max_size=16,
)  # fmt: skip


@given(ROWS, st.sampled_from(MONTHS), st.sampled_from([PENSION, MEDICAL]), ASKED)
def test_a_month_more_never_makes_it_worse(
    rows: list[dict[str, Any]], month: date, paid_for: str, asked: InsuranceParameters
) -> None:
    more = [*rows, {"month": month, "kind": paid_for, "payment": "normal", "region": HERE}]
    before, after = (insurance.rule(found(*each), applies(DAY), asked) for each in (rows, more))
    if before.decision is Decision.CONFIRMED:
        assert after == before


@given(ROWS, st.randoms(use_true_random=False), ASKED)
def test_order_and_repeats_do_not_matter(rows: list[dict[str, Any]], chance: Any, asked: InsuranceParameters) -> None:
    mixed = [*rows, *rows[: len(rows) // 2]]
    chance.shuffle(mixed)
    assert insurance.rule(found(*rows), applies(DAY), asked) == insurance.rule(found(*mixed), applies(DAY), asked)
