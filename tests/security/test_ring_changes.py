"""Changes of a ring: whatever is done in whatever order, one key at a time is active for each use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.ring import RingFile, RingKey
from gateway.security import ring_changes
from gateway.security.ring import slot
from gateway.security.ring_changes import NotPossible

NOW = datetime(2018, 5, 2, tzinfo=UTC)
USES = st.sampled_from(["answers", "receipts", "outbound"])
ALGORITHMS = st.sampled_from(["ed25519", "sm2-sm3"])


def key(keyid: str, **more: Any) -> RingKey:
    fields = {"use": "answers", "alg": "ed25519", "state": "pending", "key": "file:x", "created": NOW} | more
    return RingKey(id=keyid, public_key="-", **fields)


def ring(*keys: RingKey) -> RingFile:
    return RingFile(keys=[key("first", state="active"), *keys])


def states(file: RingFile) -> dict[str, str]:
    return {each.id: each.state for each in file.keys}


def test_the_pending_key_takes_over_and_the_other_counts_until_the_overlap_ends() -> None:
    file = ring(key("next"))
    changed = ring_changes.rotated(file, ring_changes.next_in_turn(file, "answers"), NOW + timedelta(days=30))
    assert states(changed) == {"first": "retiring", "next": "active"}
    assert changed.keys[0].until == NOW + timedelta(days=30)


def test_a_rotation_touches_no_other_use_and_no_other_suite() -> None:
    others = [
        key("r", use="receipts", state="active"),
        key("o", use="outbound", state="active"),
        key("s", use="outbound", alg="sm2-sm3", state="active"),
    ]
    file = ring(*others, key("o2", use="outbound"))
    changed = ring_changes.rotated(file, ring_changes.next_in_turn(file, "outbound"), NOW)
    assert states(changed) == {"first": "active", "r": "active", "o": "retiring", "s": "active", "o2": "active"}


def test_without_a_pending_key_or_with_several_nothing_is_rotated() -> None:
    with pytest.raises(NotPossible, match="keys new answers"):
        ring_changes.next_in_turn(ring(), "answers")
    with pytest.raises(NotPossible, match=r"--id \(b, c\)"):
        ring_changes.next_in_turn(ring(key("b"), key("c")), "answers")
    assert ring_changes.next_in_turn(ring(key("b"), key("c")), "answers", "c").id == "c"


def test_a_revoked_key_says_when_and_why() -> None:
    changed, successor = ring_changes.revoked(ring(key("next")), "next", NOW, "lost")
    assert (changed.keys[1].revoked_at, changed.keys[1].reason, successor) == (NOW, "lost", None)
    with pytest.raises(NotPossible, match="revoked before"):
        ring_changes.revoked(changed, "next", NOW, "lost again")
    with pytest.raises(NotPossible, match="no such key"):
        ring_changes.revoked(changed, "unknown", NOW, "lost")


def test_the_signing_key_is_revoked_only_when_its_successor_is_there() -> None:
    with pytest.raises(NotPossible, match="keys new answers"):
        ring_changes.revoked(ring(key("other", use="receipts")), "first", NOW, "lost")
    changed, successor = ring_changes.revoked(ring(key("next")), "first", NOW, "lost")
    assert states(changed) == {"first": "revoked", "next": "active"}
    assert successor is not None
    assert successor.id == "next"


def test_an_id_is_never_used_twice() -> None:
    with pytest.raises(NotPossible, match="another id"):
        ring_changes.added(ring(), key("first", use="receipts"))


@given(
    st.lists(st.tuples(st.sampled_from(["new", "rotate", "revoke"]), USES, ALGORITHMS, st.integers(0, 9)), max_size=25)
)
def test_one_key_signs_whatever_is_done(steps: list[tuple[str, Any, Any, int]]) -> None:
    file = ring()
    for number, (what, use, alg, which) in enumerate(steps):
        before = {slot(each) for each in file.keys if each.state == "active"}
        try:
            if what == "new":
                file = ring_changes.added(file, key(f"k{number}", use=use, alg=alg))
            elif what == "rotate":
                file = ring_changes.rotated(file, ring_changes.next_in_turn(file, use), NOW)
            else:
                file, _ = ring_changes.revoked(file, file.keys[which % len(file.keys)].id, NOW, "why")
        except NotPossible:
            pass
        active = [slot(each) for each in file.keys if each.state == "active"]
        assert len(active) == len(set(active))
        assert before <= set(active), "what signed goes on being signed"
