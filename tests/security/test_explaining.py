"""Who may ask a question, who may not and why: each consumer's standing."""

from __future__ import annotations

from typing import Any

from gateway.contract.consumers import ConsumerFile
from gateway.contract.files import Document
from gateway.security import keys
from gateway.security.explaining import OfConsumer, explain
from gateway.security.grants import Consumers, Loaded
from tests.still import START_UNIX

PUBLIC = keys.new_ed25519()[1].decode()
UNIT = "229901000000"


def standing(*grants: dict[str, Any], now: float = START_UNIX, **more: Any) -> OfConsumer:
    file = {
        "consumer": "counter",
        "title": {"zh": "窗口", "en": "counter"},
        "keys": [{"id": "k", "public_key": PUBLIC}, {"id": "old", "public_key": PUBLIC, "state": "revoked"}],
        "grants": [{"purpose": "exit_entry", "regions": ["22"], **grant} for grant in grants],
        **more,
    }
    consumers = Consumers([Loaded(ConsumerFile.model_validate(file), Document("counter.yaml", None, {}, []))])
    (only,) = explain(consumers, "exit_entry", ["permit", "proof"], UNIT, now)
    return only


def test_all_or_nothing_but_each_by_its_own_grant():
    found = standing({"materials": ["permit"]}, {"materials": ["proof"], "until": "2018-05-02"})
    assert found.is_allowed
    assert [(each.material, each.nearest.number) for each in found.materials] == [("permit", 0), ("proof", 1)]
    part = standing({"materials": ["permit"]})
    assert [each.is_granted for each in part.materials] == [True, False]
    assert part.materials[1].nearest.lacks == ("material",)
    assert not part.is_allowed


def test_the_day_is_the_counters():
    """17:00 UTC is the next day there."""
    grant = {"materials": ["permit", "proof"], "until": "2018-05-02"}
    assert standing(grant, now=START_UNIX + 16 * 3600 - 1).is_allowed
    assert not standing(grant, now=START_UNIX + 16 * 3600).is_allowed


def test_grants_without_a_key_that_may_sign_are_moot():
    grant = {"materials": ["permit", "proof"]}
    assert standing(grant).may_sign == ("k",)
    suspended = standing(grant, state="suspended")
    assert (suspended.may_sign, suspended.is_allowed) == ((), False)
    assert all(each.is_granted for each in suspended.materials)


def test_without_grants_nothing_is_near():
    found = standing()
    assert [each.nearest for each in found.materials] == [None, None]
    assert not found.is_allowed
