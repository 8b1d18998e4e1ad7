"""Consumers by their key ids, and which of their keys may sign at a moment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from gateway.contract.authority import Title
from gateway.contract.consumers import ConsumerFile, ConsumerKey, Grant, LimitsGiven
from gateway.contract.files import Document
from gateway.model import USUAL_LIMITS
from gateway.security import keys
from gateway.security.grants import Consumers, Loaded, Newest
from gateway.security.keys import UnusableKey
from tests.still import START_UNIX, StillClock

NOW = START_UNIX
PUBLIC = keys.new_ed25519()[1].decode()
GRANT = Grant(purpose="exit_entry", materials=["permit"], regions=["2299"])


def consumer_file(name: str, *ids: str, public_key: str = PUBLIC) -> ConsumerFile:
    made = [ConsumerKey(id=key, public_key=public_key) for key in ids]
    return ConsumerFile(consumer=name, title=Title(zh="窗口", en="counter"), keys=made, grants=[GRANT])


def consumers(*files: ConsumerFile) -> Consumers:
    return Consumers(Loaded(file, Document(f"{file.consumer}.yaml", None, {}, [])) for file in files)


def test_a_consumer_is_known_by_each_of_its_keys():
    found = consumers(consumer_file("counter", "k-1", "k-2"), consumer_file("bulk", "k-3"))
    known = {key: found.get(key, NOW) for key in ("k-1", "k-2", "k-3")}
    assert {key: each.consumer.name for key, each in known.items() if each} == {
        "k-1": "counter",
        "k-2": "counter",
        "k-3": "bulk",
    }
    assert known["k-1"].consumer.grants == (GRANT,)
    assert [each.verifier.keyid for each in known.values()] == ["k-1", "k-2", "k-3"]
    assert found.get("k-4", NOW) is None


def test_a_key_brings_its_consumers_own_limits():
    file = consumer_file("counter", "k").model_copy(update={"limits": LimitsGiven(per_minute=7)})
    known = consumers(file).get("k", NOW)
    assert known is not None
    assert known.consumer.limits(USUAL_LIMITS).per_minute == 7


@pytest.mark.parametrize("files", [[consumer_file("a", "k", "k")], [consumer_file("a", "k"), consumer_file("b", "k")]])
def test_a_key_id_stands_for_one_consumer(files):
    with pytest.raises(ValueError, match="'k' stands twice"):
        consumers(*files)


def test_a_key_that_cannot_be_read():
    with pytest.raises(UnusableKey):
        consumers(consumer_file("a", "k", public_key="SECRET"))


# The states of keys

STATES = {
    "pending": {"state": "pending"},
    "active": {"state": "active"},
    "retiring": {"state": "retiring", "until": "2018-05-02T12:00:00+08:00"},
    "revoked": {"state": "revoked"},
    "revoked-1": {"state": "revoked", "revoked_at": "2018-05-02T03:00:00Z", "reason": "the disk was stolen"},
}


def in_every_state(**more: object) -> Consumers:
    keys_of = [{"id": name, "public_key": PUBLIC, **state} for name, state in STATES.items()]
    tree = {"consumer": "counter", "title": {"zh": "窗口", "en": "counter"}, "keys": keys_of, "grants": [], **more}
    return consumers(ConsumerFile.model_validate(tree))


def test_only_active_keys_and_those_that_retire_later_may_sign():
    found = in_every_state()
    assert {name for name in STATES if found.get(name, NOW)} == {"active", "retiring"}


def test_a_retiring_key_may_sign_until_its_moment_and_not_at_it():
    found = in_every_state()
    noon = datetime(2018, 5, 2, 4, tzinfo=UTC).timestamp()
    assert found.get("retiring", noon - 0.001) is not None
    assert found.get("retiring", noon) is None
    assert found.get("active", noon) is not None


def test_no_key_of_a_suspended_consumer_may_sign():
    found = in_every_state(state="suspended", reason="the contract ended")
    assert [name for name in STATES if found.get(name, NOW)] == []
    assert set(found.loaded) == {"counter"}


def test_a_reason_belongs_to_what_is_suspended():
    with pytest.raises(ValidationError, match="'reason' belongs to 'state: suspended'"):
        in_every_state(reason="none")


def test_the_newest_reading_and_the_clock_decide():
    clock, readings = StillClock(), [consumers(consumer_file("a", "k")), in_every_state()]
    newest = Newest(lambda: readings[-1], clock)
    assert newest.get("retiring") is not None
    assert newest.get("k") is None
    clock.move(4 * 3600)
    assert newest.get("retiring") is None
    readings.append(readings[0])
    assert newest.get("k") is not None


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ({"state": "retiring"}, "'until' belongs to"),
        ({"until": "2018-05-02T12:00:00+08:00"}, "'until' belongs to"),
        ({"state": "revoked", "until": "2018-05-02T12:00:00+08:00"}, "'until' belongs to"),
        ({"revoked_at": "2018-05-02T12:00:00+08:00"}, "'revoked_at' and 'reason' belong to"),
        ({"state": "pending", "reason": "x"}, "'revoked_at' and 'reason' belong to"),
        ({"state": "retired"}, "'pending', 'active', 'retiring' or 'revoked'"),
        ({"state": "retiring", "until": "2018-05-02"}, "must be a moment with its zone"),
        ({"state": "retiring", "until": "2018-05-02T12:00:00"}, "must be a moment with its zone"),
        ({"state": "retiring", "until": "1525219200"}, "must be a moment with its zone"),
        ({"state": "retiring", "until": "2018-05-32T12:00:00Z"}, "day"),
        ({"state": "revoked", "reason": "two\nlines"}, "should match pattern"),
    ],
)
def test_a_key_says_what_belongs_to_its_state_and_nothing_else(key, said):
    with pytest.raises(ValidationError, match=said):
        ConsumerKey.model_validate({"id": "k", "public_key": PUBLIC, **key})
