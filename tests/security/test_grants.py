"""Grants: deny by default, per purpose, material, region and day; and which grant is nearest to allowing."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.contract.consumers import Grant, LimitsGiven, Term
from gateway.model import Ground, LegalBasis, Limits
from gateway.security.grants import Consumer, Wanted, lacks, nearest

TODAY = date(2018, 5, 2)


def grant(**more: object) -> Grant:
    values = {"purpose": "exit_entry", "materials": ["permit"], "regions": ["2299"], "until": date(2018, 5, 31)}
    return Grant.model_validate(values | more)


def may(consumer: Consumer, material: str = "permit", **more: object) -> bool:
    return ground(consumer, material, **more) is not None


def ground(consumer: Consumer, *materials: str, **more: object) -> Ground | None:
    return consumer.ground(
        materials=materials, **{"purpose": "exit_entry", "unit_code": "229901000000", "today": TODAY} | more
    )


def test_what_is_granted_may_be_asked():
    assert may(Consumer("counter", (grant(),)))
    assert may(Consumer("counter", (grant(until=None),)), today=date(2099, 1, 1))
    assert may(Consumer("counter", (grant(),)), today=date(2018, 5, 31))


@pytest.mark.parametrize(
    "more",
    [
        {"purpose": "exit_entr"},
        {"purpose": "other"},
        {"material": "proof"},
        {"material": "permi"},
        {"unit_code": "229801000000"},
        {"unit_code": "122990100000"},
        {"unit_code": "229"},
        {"today": date(2018, 6, 1)},
    ],
)
def test_one_thing_else_is_refused(more):
    assert not may(Consumer("counter", (grant(),)), **more)


def test_without_grants_nothing_may_be_asked():
    assert not may(Consumer("counter", ()))


def test_grants_do_not_mix():
    """The purpose of one and the material of another is no grant."""
    consumer = Consumer("counter", (grant(materials=["proof"]), grant(purpose="other"), grant(regions=["11"])))
    assert not may(consumer)
    assert may(consumer, material="proof")


CODES = st.sampled_from(["220000000000", "229901000000", "110000000000"])


@given(st.lists(st.sampled_from(["22", "2299", "229901", "11"]), min_size=1, max_size=3), CODES)
def test_a_region_is_a_prefix_of_the_units_code(regions, code):
    assert may(Consumer("c", (grant(regions=regions),)), unit_code=code) == any(code.startswith(r) for r in regions)


# Every cell of the matrix

PURPOSES, MATERIALS = ("exit_entry", "statistics"), ("permit", "proof", "insurance")
UNITS = ("229901000000", "220201000000", "110000000000", "310101000000")
DAYS = tuple(date(2018, 5, day) for day in (1, 2, 3))
A_DAY = st.none() | st.sampled_from(DAYS)


@st.composite
def granted(draw: st.DrawFn) -> Grant:
    days = sorted(day for day in (draw(A_DAY), draw(A_DAY)) if day)
    since, until = (days[0], days[1]) if len(days) == 2 else (draw(st.sampled_from([*days, None])), None)
    return Grant.model_validate(
        {
            "purpose": draw(st.sampled_from(PURPOSES)),
            "materials": draw(st.lists(st.sampled_from(MATERIALS), min_size=1, unique=True)),
            "regions": draw(st.lists(st.sampled_from(["22", "2202", "229901", "11"]), min_size=1, unique=True)),
            "from": since,
            "until": until,
            "disclose_after_days": draw(st.sampled_from([0, 30])),
        }
    )


def cells(grant: Grant) -> set[tuple[str, str, str, date]]:
    """What one grant names, written out cell by cell, in other words than the code's."""
    units = {unit for unit in UNITS for region in grant.regions if unit[: len(region)] == region}
    days = {day for day in DAYS if (grant.since or day) <= day <= (grant.until or day)}
    return set(product([grant.purpose], grant.materials, units, days))


@given(st.lists(st.lists(granted(), max_size=4), min_size=1, max_size=3))
def test_the_matrix_denies_everything_that_no_grant_names(of_each):
    for grants in of_each:
        consumer, named = Consumer("counter", tuple(grants)), set().union(*map(cells, grants))
        for cell in product(PURPOSES, MATERIALS, UNITS, DAYS):
            purpose, material, unit, day = cell
            ground = consumer.ground(purpose, [material], unit, day)
            assert (ground is not None) == (cell in named), cell
            found = nearest(grants, Wanted(*cell))
            assert (found is not None and not found.lacks) == (cell in named), "what is explained is what is done"
            if ground is not None and found is not None:
                assert ground.disclose_after_days == found.grant.disclose_after_days, "and the same grant is used"
            assert found is None or tuple(lacks(found.grant, Wanted(*cell))) == found.lacks


@pytest.mark.parametrize(
    ("grants", "number", "lacking"),
    [
        ([grant()], 0, ()),
        ([grant(purpose="other"), grant()], 1, ()),
        ([grant(purpose="other"), grant(regions=["11"])], 1, ("region",)),
        ([grant(materials=["proof"]), grant(regions=["11"])], 1, ("region",)),
        ([grant(regions=["11"]), grant(until=date(2018, 5, 1))], 1, ("over",)),
        ([grant(**{"from": date(2018, 5, 3)}), grant(regions=["11"])], 0, ("not_yet",)),
        ([grant(regions=["11"], materials=["proof"]), grant(purpose="other")], 1, ("purpose",)),
        ([grant(regions=["11"]), grant(regions=["12"])], 0, ("region",)),
        ([grant(disclose_after_days=90), grant(disclose_after_days=30), grant(disclose_after_days=30)], 1, ()),
    ],
)
def test_the_nearest_grant_lacks_least(grants, number, lacking):
    found = nearest(grants, Wanted("exit_entry", "permit", "229901000000", TODAY))
    assert (found.number, found.lacks) == (number, lacking)


# The ground


def named(law: str, **more: object) -> Grant:
    return grant(legal_basis={"zh": f"依据{law}", "en": law}, **more)


def laws(found: Ground | None) -> list[str]:
    assert found is not None
    return [each.en for each in found.legal_basis]


def test_the_ground_is_the_legal_basis_of_every_grant_used():
    consumer = Consumer(
        "c",
        (named("A", materials=["proof"]), named("B"), grant(materials=["insurance"]), named("A", materials=["kin"])),
    )
    assert consumer.ground("exit_entry", ["permit"], "229901000000", TODAY) == Ground((LegalBasis("依据B", "B"),), 0)
    assert laws(ground(consumer, "permit", "proof", "permit", "insurance", "kin")) == ["A", "B"]
    assert ground(consumer, "insurance") == Ground()
    assert ground(consumer, "permit", "nothing") is None


def test_of_several_grants_the_one_disclosed_soonest_is_used_then_the_first():
    consumer = Consumer(
        "c",
        (named("A", disclose_after_days=90), named("B", disclose_after_days=30), named("C", disclose_after_days=30)),
    )
    assert (laws(found := ground(consumer, "permit")), found.disclose_after_days) == (["B"], 30)


def test_of_several_materials_the_latest_disclosure_counts():
    consumer = Consumer("c", (named("A"), named("B", materials=["proof"], disclose_after_days=3650)))
    assert [ground(consumer, "permit").disclose_after_days, ground(consumer, "permit", "proof").disclose_after_days] == [
        0, 3650,
    ]  # fmt: skip


def test_accesses_are_granted_by_their_own_term_and_by_nothing_else():
    asks_all = Consumer("c", (grant(purpose="accesses", materials=["accesses"]),))
    assert asks_all.ground_for_accesses(TODAY) is None
    law = {"zh": "依据", "en": "the law"}
    term = Term.model_validate({"from": "2018-05-02", "until": "2018-05-02", "legal_basis": law})
    shows = Consumer("portal", (), accesses=term)
    assert [shows.ground_for_accesses(day) for day in DAYS] == [None, Ground((LegalBasis("依据", "the law"),)), None]
    assert not may(shows)
    assert not shows.has_a_grant(TODAY)
    assert Consumer("portal", (), accesses=Term()).ground_for_accesses(TODAY) == Ground()


def test_without_grants_none_is_near():
    assert nearest([], Wanted("exit_entry", "permit", "229901000000", TODAY)) is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"from": "2018-05-03", "until": "2018-05-02"}, "so this grant never holds"),
        ({"until": "20180502"}, "must be a day, written YYYY-MM-DD"),
        ({"from": "1525219200"}, "must be a day, written YYYY-MM-DD"),
        ({"legal_basis": {"zh": "依据"}}, "Field required"),
        ({"disclose_after_days": -1}, "greater than or equal to 0"),
        ({"disclose_after_days": 3651}, "less than or equal to 3650"),
    ],
)
def test_a_grant_that_is_none(more, said):
    with pytest.raises(ValidationError, match=said):
        grant(**{"until": None, **more})


def test_a_grant_holds_on_its_first_day_and_on_its_last():
    one_day = grant(**{"from": "2018-05-02", "until": "2018-05-02", "legal_basis": {"zh": "依据", "en": "the law"}})
    assert [may(Consumer("c", (one_day,)), today=day) for day in DAYS] == [False, True, False]


def test_a_consumer_has_a_grant_from_the_first_day_of_one_to_its_last():
    one_day = grant(**{"from": "2018-05-02", "until": "2018-05-02", "legal_basis": {"zh": "依据", "en": "the law"}})
    assert [Consumer("c", (one_day,)).has_a_grant(day) for day in DAYS] == [False, True, False]
    assert [Consumer("c", (one_day, grant(until=None))).has_a_grant(day) for day in DAYS] == [True] * 3
    assert not Consumer("c", ()).has_a_grant(DAYS[1])


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({}, Limits(120, 90, 50)),
        ({"per_minute": 7}, Limits(7, 7, 50)),
        ({"burst": 3}, Limits(120, 3, 50)),
        ({"per_minute": 7, "burst": 2, "subjects_per_day": 9}, Limits(7, 2, 9)),
    ],
)
def test_a_consumers_own_limits_stand_above_the_usual_ones(own: dict[str, int], expected: Limits):
    """A rate of its own brings its own burst: another rate's would be no limit to it, or too small a one."""
    assert Consumer("counter", (), LimitsGiven(**own)).limits(Limits(120, 90, 50)) == expected
