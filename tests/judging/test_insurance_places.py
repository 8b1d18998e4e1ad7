"""Where the months must have been paid: cities, provinces, and pools that no city can be read from."""

from __future__ import annotations

import pytest

from gateway.judging import insurance
from gateway.model import Reason

from .insured import ELSEWHERE, HERE, SAME_PROVINCE, applies, found, months, rules

CONTINUOUS, TOO_SHORT, NOT_HERE = Reason.INSURANCE_CONTINUOUS, Reason.INSURANCE_TOO_SHORT, Reason.INSURANCE_ELSEWHERE


@pytest.mark.parametrize(
    ("place", "region", "said"),
    [
        ("same_city", HERE, CONTINUOUS),
        ("same_city", "229999", CONTINUOUS),
        ("same_city", "220101", NOT_HERE),
        ("same_province", SAME_PROVINCE, CONTINUOUS),
        ("same_province", "220101", CONTINUOUS),
        ("same_province", ELSEWHERE, NOT_HERE),
        ("anywhere", ELSEWHERE, CONTINUOUS),
    ],
)
def test_place(place: str, region: str, said: Reason) -> None:
    rows = [*months("2017-04..2017-12"), *({**row, "region": region} for row in months("2018-01..2018-03"))]
    assert insurance.rule(found(*rows), applies(), rules(place=place)).reason is said


@pytest.mark.parametrize(
    ("unit_code", "regions", "said"),
    [
        # A municipality is one city, whatever its districts are.
        ("110101000000", ["110101", "110229"], CONTINUOUS),
        ("110000000000", ["110101", "110229"], CONTINUOUS),
        ("110101000000", ["110101", "120101"], NOT_HERE),
        # A county right under the province is no other county's city.
        ("429004000000", ["429004", "429004"], CONTINUOUS),
        ("429004000000", ["429004", "429005"], NOT_HERE),
        # A unit of the whole province: all months in one of its cities, whichever, but not in two.
        ("220000000000", ["220201", "220202"], CONTINUOUS),
        ("220000000000", ["220201", "220301"], NOT_HERE),
        ("220000000000", ["210101", "210101"], NOT_HERE),
        ("220000000000", ["220000", "220000"], CONTINUOUS),
    ],
)
def test_what_a_city_is(unit_code: str, regions: list[str], said: Reason) -> None:
    halves = zip(regions, (months("2017-04..2017-12"), months("2018-01..2018-03")), strict=True)
    rows = [{**row, "region": region} for region, half in halves for row in half]
    assert insurance.rule(found(*rows), applies(unit_code=unit_code), rules(place="same_city")).reason is said


@pytest.mark.parametrize(
    ("region", "pools", "said"),
    [
        ("220000", ["0000", "9900"], Reason.NEEDS_OFFICER),
        ("229900", ["0000", "9900"], Reason.NEEDS_OFFICER),
        ("220000", [], NOT_HERE),
        ("210000", ["0000"], NOT_HERE),  # another province's
        ("220301", ["0000"], NOT_HERE),
    ],
)
def test_a_month_in_the_province_s_pool_may_be_of_this_city(region: str, pools: list[str], said: Reason) -> None:
    rows = [{**row, "region": "220101"} for row in months("2017-04..2017-12")]
    rows += [{**row, "region": region} for row in months("2018-01..2018-03")]
    parameters = rules(place="same_city", province_pools=pools)
    assert insurance.rule(found(*rows), applies(unit_code="220102000000"), parameters).reason is said


def test_a_pool_does_not_excuse_what_is_too_short_anyway() -> None:
    rows = [{**row, "region": "220000"} for row in months("2017-06..2018-03")]
    parameters = rules(place="same_city", province_pools=["0000"])
    assert insurance.rule(found(*rows), applies(unit_code="220102000000"), parameters).reason is TOO_SHORT
