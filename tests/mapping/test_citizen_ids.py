"""Citizen identity numbers: every number here is fictitious (domain section 11)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mapping import citizen_ids

REGIONS = st.sampled_from(["229901", "219901", "239903", "379901", "449999", "119901", "659901"])
DAYS = st.dates(date(1900, 1, 1), date(2030, 12, 31))
SEQUENCES = st.integers(0, 999)

CAST = [
    "229901198805121012",
    "22990120030502104X",
    "229909195805021078",
    "449901200002291115",
    "810000189901010015",
    "820000189901010033",
    "830000189901010027",
    "922999199001010017",
]


def number(region: str, born: date, sequence: int) -> str:
    digits = f"{region}{born:%Y%m%d}{sequence:03d}"
    return digits + citizen_ids.check_character(digits)


NUMBERS = st.builds(number, REGIONS, DAYS, SEQUENCES)


@pytest.mark.parametrize("citizen_id", CAST)
def test_the_region_never_refuses(citizen_id: str) -> None:
    assert citizen_ids.canonical(citizen_id) == citizen_id


@pytest.mark.parametrize("x", ["X", "x", "Ｘ", "ｘ"])
def test_x_has_four_spellings(x: str) -> None:
    assert citizen_ids.canonical("22990219920202103" + x) == "22990219920202103X"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("379901198602291102", "birth date"),
        ("229901198805121013", "check character"),
        ("229901880512101", "17 ASCII digits"),
        ("", "17 ASCII digits"),
        ("２29901198805121012", "17 ASCII digits"),
        ("22990119880512101２", "17 ASCII digits"),
        (" 229901198805121012", "17 ASCII digits"),
        ("229901198805121012\n", "17 ASCII digits"),
        ("2299021992020210ⅩX", "17 ASCII digits"),
        ("2299021992020X103X", "17 ASCII digits"),
        ("22990219920202103Х", "17 ASCII digits"),  # a Cyrillic look-alike
        ("229901000000001012", "birth date"),
    ],
)
def test_everything_else_is_refused_without_showing_it(wrong: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        citizen_ids.canonical(wrong)
    assert len(wrong) < 15 or wrong not in str(caught.value)
    assert caught.value.__context__ is None


def refusal(text: str) -> str | None:
    try:
        citizen_ids.canonical(text)
    except ValueError as error:
        return str(error)
    return None


@given(st.text(max_size=24) | st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True).map(lambda text: "2299" + text[4:]))
def test_no_text_shows_up_in_an_error(text: str) -> None:
    fixed = {citizen_ids._WRONG_SHAPE, citizen_ids._WRONG_DATE, citizen_ids._WRONG_CHECK}
    assert refusal(text) in fixed | {None}
    assert refusal(text + "1" * 19) == citizen_ids._WRONG_SHAPE


@given(NUMBERS)
def test_canonical_numbers_stay_as_they_are(citizen_id: str) -> None:
    assert citizen_ids.canonical(citizen_id) == citizen_id


@given(NUMBERS, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_every_single_wrong_character_is_found(citizen_id: str, at: int, wrong: str) -> None:
    corrupted = citizen_id[:at] + wrong + citizen_id[at + 1 :]
    if corrupted == citizen_id:
        assert citizen_ids.canonical(corrupted) == citizen_id
    else:
        with pytest.raises(ValueError):
            citizen_ids.canonical(corrupted)


@given(NUMBERS, st.integers(0, 16))
def test_two_neighbours_swapped_are_found(citizen_id: str, at: int) -> None:
    swapped = citizen_id[:at] + citizen_id[at + 1] + citizen_id[at] + citizen_id[at + 2 :]
    if swapped != citizen_id:
        with pytest.raises(ValueError):
            citizen_ids.canonical(swapped)


@pytest.mark.parametrize(
    "sent",
    [
        "２２９９０１１９８８０５１２１０１２",
        " 229901198805121012 ",
        "\u3000229901198805121012\t",
        "229901198805121012",
    ],
)
def test_authorities_may_send_full_width_and_padding(sent: str) -> None:
    assert citizen_ids.canonical_from_authority(sent) == "229901198805121012"
    assert citizen_ids.canonical_from_authority("22990219920202103ｘ") == "22990219920202103X"


def test_authorities_may_not_send_anything_else() -> None:
    with pytest.raises(ValueError, match="17 ASCII digits"):
        citizen_ids.canonical_from_authority("229901880512101")


@pytest.mark.parametrize(
    ("citizen_id", "day", "age"),
    [
        ("229901200205021050", date(2018, 5, 2), 16),
        ("229901200205031064", date(2018, 5, 2), 15),
        ("229901200205031064", date(2018, 6, 1), 16),
        ("229901195805021078".replace("229901", "229909"), date(2018, 5, 2), 60),
        ("449901200002291115", date(2015, 2, 28), 14),
        ("449901200002291115", date(2015, 3, 1), 15),
        ("449901200002291115", date(2016, 2, 28), 15),
        ("449901200002291115", date(2016, 2, 29), 16),
        ("229901201709091161", date(2017, 9, 8), -1),
    ],
)
def test_ages(citizen_id: str, day: date, age: int) -> None:
    assert citizen_ids.age_on(citizen_id, day) == age


@given(DAYS, st.integers(0, 40_000))
def test_age_never_falls_and_grows_once_a_year(born: date, days: int) -> None:
    citizen_id = number("229901", born, 1)
    day = born + timedelta(days)
    assert citizen_ids.born_on(citizen_id) == born
    step = citizen_ids.age_on(citizen_id, day + timedelta(1)) - citizen_ids.age_on(citizen_id, day)
    assert step in (0, 1)
    assert citizen_ids.age_on(citizen_id, born) == 0
    assert abs(citizen_ids.age_on(citizen_id, day) - days / 365.2425) < 1.01
