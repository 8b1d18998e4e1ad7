"""Which city a division lies in."""

from __future__ import annotations

import pytest

from gateway.mapping import regions


@pytest.mark.parametrize(
    ("code", "city"),
    [
        ("220102", "2201"),
        ("220102000000", "2201"),
        ("220100", "2201"),  # the city itself
        ("229901", "2299"),
        ("220000", None),  # the province
        ("110101", "11"),  # a municipality's districts and counties are one city
        ("110229", "11"),
        ("110000", "11"),
        ("500241", "50"),
        ("429004", "429004"),  # a county right under the province is no city's
        ("469021", "469021"),
    ],
)
def test_the_city_of_a_code(code: str, city: str | None) -> None:
    assert regions.city(code) == city
