"""Grants: deny by default, per purpose, material, region and day; and consumers by their key ids."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.authority import Title
from gateway.contract.consumers import ConsumerFile, ConsumerKey, Grant, LimitsGiven
from gateway.model import Limits
from gateway.security import keys
from gateway.security.grants import Consumer, directory
from gateway.security.keys import UnusableKey

TODAY = date(2018, 5, 2)
PUBLIC = keys.new_ed25519()[1].decode()


def grant(**more: object) -> Grant:
    values = {"purpose": "exit_entry", "materials": ["permit"], "regions": ["2299"], "until": date(2018, 5, 31)}
    return Grant.model_validate(values | more)


def may(consumer: Consumer, **more: object) -> bool:
    question = {"purpose": "exit_entry", "material": "permit", "unit_code": "229901000000", "today": TODAY} | more
    return consumer.may_ask(**question)


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


def consumer_file(name: str, *ids: str, public_key: str = PUBLIC) -> ConsumerFile:
    made = [ConsumerKey(id=key, public_key=public_key) for key in ids]
    return ConsumerFile(consumer=name, title=Title(zh="窗口", en="counter"), keys=made, grants=[grant()])


def test_a_consumer_is_known_by_each_of_its_keys():
    known = directory([consumer_file("counter", "k-1", "k-2"), consumer_file("bulk", "k-3")])
    assert {key: found.consumer.name for key, found in known.items()} == {
        "k-1": "counter",
        "k-2": "counter",
        "k-3": "bulk",
    }
    assert known["k-1"].consumer.grants == (grant(),)
    assert [found.verifier.keyid for found in known.values()] == ["k-1", "k-2", "k-3"]


@pytest.mark.parametrize("files", [[consumer_file("a", "k", "k")], [consumer_file("a", "k"), consumer_file("b", "k")]])
def test_a_key_id_stands_for_one_consumer(files):
    with pytest.raises(ValueError, match="'k' stands twice"):
        directory(files)


def test_a_key_that_cannot_be_read():
    with pytest.raises(UnusableKey):
        directory([consumer_file("a", "k", public_key="SECRET")])


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


def test_the_directory_carries_them():
    file = consumer_file("counter", "key-1").model_copy(update={"limits": LimitsGiven(per_minute=7)})
    assert directory([file])["key-1"].consumer.limits(Limits()).per_minute == 7
