"""The ring: what must be in it, who signs, and that a change of it is taken up whole or not at all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.contract.ring import RingKey
from gateway.errors import BrokenFiles, ConfigFault
from gateway.security import keys
from gateway.security.holders import InProcess
from gateway.security.ring import ANSWERS, Active, Ring, RingReader, suite_of
from gateway.security.signer_process import OverSocket
from gateway.watching import Watched
from tests.security.rings import NOW, key, written


def problems(home: Path) -> str:
    with pytest.raises(BrokenFiles) as broken:
        RingReader(home, "ring.yaml").read()
    return str(broken.value)


def watched(home: Path) -> Watched[Ring]:
    reader = RingReader(home, "ring.yaml")
    return Watched(reader.read, reader.stamp)


@pytest.mark.parametrize("alg", ["ed25519", "ecdsa-p256-sha256", "sm2-sm3"])
def test_the_active_key_signs(tmp_path: Path, alg) -> None:
    ring = written(tmp_path, key(tmp_path, "a", alg=alg), key(tmp_path, "b", state="pending"))
    holder = RingReader(tmp_path, "ring.yaml").read().holders[ANSWERS]
    signature = holder.sign(b"data")
    assert isinstance(signature, bytes)
    assert (holder.keyid, holder.alg, holder.ready()) == ("a", alg, None)
    keys.verifier("a", ring.keys[0].public_key.encode()).verify(signature, b"data")


def test_what_the_file_says_is_read_back(tmp_path: Path) -> None:
    retiring = key(tmp_path, "b", state="retiring", until=NOW)
    gone = key(tmp_path, "c", state="revoked", revoked_at=NOW, reason='测试 a test: "quoted"', expires=NOW)
    ring = written(tmp_path, key(tmp_path, "a"), retiring, gone)
    assert RingReader(tmp_path, "ring.yaml").read().file == ring


def test_requests_to_authorities_have_one_key_in_each_suite(tmp_path: Path) -> None:
    written(
        tmp_path,
        key(tmp_path, "a"),
        key(tmp_path, "o", "outbound", "ecdsa-p256-sha256"),
        key(tmp_path, "s", "outbound", "sm2-sm3"),
    )
    ring = RingReader(tmp_path, "ring.yaml").read()
    assert {suite: Active(lambda: ring, suite).keyid for suite in ("international", "sm")} == {
        "international": "o", "sm": "s",
    }  # fmt: skip
    written(tmp_path, key(tmp_path, "a"), key(tmp_path, "o", "outbound"), key(tmp_path, "p", "outbound"))
    assert "ring.yaml:26:3: another key is active for outbound (suite international) already" in problems(tmp_path)


def test_of_keys_that_do_not_sign_the_private_half_may_be_destroyed(tmp_path: Path) -> None:
    old = key(tmp_path, "b", state="retiring", until=NOW)
    written(tmp_path, key(tmp_path, "a"), old, key(tmp_path, "c", state="pending"))
    for name in ("b.pem", "c.pem"):
        (tmp_path / name).unlink()
    assert RingReader(tmp_path, "ring.yaml").read().holders[ANSWERS].keyid == "a"


def test_a_private_half_of_another_key_is_refused(tmp_path: Path) -> None:
    written(tmp_path, key(tmp_path, "a"))
    for other in (keys.new_ed25519, keys.new_p256):
        (tmp_path / "a.pem").write_bytes(other()[0])
        assert "key 'a': the private half is not that of public_key" in problems(tmp_path)


@pytest.mark.parametrize("state", ["active", "pending"])
def test_a_private_half_beside_the_public_one_is_refused_and_never_told(tmp_path: Path, state: str) -> None:
    both = key(tmp_path, "b", "receipts", state=state)
    private = (tmp_path / "b.pem").read_text()
    written(tmp_path, key(tmp_path, "a"), both.model_copy(update={"public_key": both.public_key + private}))
    said = problems(tmp_path)
    assert said.count("ring.yaml:18:3: key 'b': must be one public key in PEM (SPKI) and nothing else") == 1
    assert private.splitlines()[1] not in said


def test_every_problem_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    written(tmp_path, key(tmp_path, "a"), key(tmp_path, "a", "receipts"), key(tmp_path, "c", "checkpoints"))
    (tmp_path / "c.pem").unlink()
    said = problems(tmp_path)
    assert "this key id stands twice in the ring" in said
    assert "file:c.pem: " in said
    assert "No such file" in said


def test_an_expired_key_is_told_with_how_to_mend_it(tmp_path: Path) -> None:
    soon, never = key(tmp_path, "a", expires=NOW), key(tmp_path, "r", "receipts")
    pending = key(tmp_path, "b", state="pending", expires=NOW)
    written(tmp_path, soon, pending, never)
    ring = RingReader(tmp_path, "ring.yaml").read()
    assert list(ring.expired(NOW.timestamp() - 1)) == []
    (found,) = ring.expired(NOW.timestamp())
    assert (found.line, "keys new answers" in found.text, "keys rotate answers" in found.text) == (13, True, True)


def test_a_key_elsewhere_is_asked_for_nothing_when_the_ring_is_read(tmp_path: Path) -> None:
    written(tmp_path, key(tmp_path, "a", key="unix:/nowhere/signer.sock#a"))
    assert isinstance(RingReader(tmp_path, "ring.yaml").read().holders[ANSWERS], OverSocket)


async def test_a_changed_ring_is_taken_up_and_what_is_in_use_signs_with_the_new_key(tmp_path: Path) -> None:
    first, second = key(tmp_path, "a", "outbound"), key(tmp_path, "b", "outbound", state="pending")
    written(tmp_path, key(tmp_path, "x"), first, second)
    ring = watched(tmp_path)
    signer = Active(lambda: ring.current, "international")
    assert (signer.keyid, await ring.poll()) == ("a", False)
    was = first.model_copy(update={"state": "retiring", "until": NOW + timedelta(days=1)})
    written(tmp_path, key(tmp_path, "x"), was, second.model_copy(update={"state": "active"}))
    assert (await ring.poll(), signer.keyid, ring.problems) == (True, "b", ())
    keys.verifier("b", second.public_key.encode()).verify(signer.sign(b"data"), b"data")


async def test_a_broken_ring_keeps_the_last_good_one_and_the_next_good_one_counts(tmp_path: Path) -> None:
    file = written(tmp_path, key(tmp_path, "a"), key(tmp_path, "o", "outbound"))
    ring = watched(tmp_path)
    written(tmp_path, file.keys[1])  # nothing to sign answers with
    assert await ring.poll()
    assert "no key is active for answers" in str(ring.problems[0])
    assert ring.current.file == file
    (tmp_path / "ring.yaml").unlink()
    assert await ring.poll()
    assert (ring.problems != (), ring.current.file) == (True, file)
    written(tmp_path, key(tmp_path, "b"), file.keys[1])
    assert await ring.poll()
    assert (ring.problems, ring.current.holders[ANSWERS].keyid) == ((), "b")


def revoked(key: RingKey) -> RingKey:
    return key.model_copy(update={"state": "revoked", "revoked_at": NOW})


async def test_a_key_that_cannot_be_read_stands_in_the_way_of_no_revocation(tmp_path: Path) -> None:
    old, new = key(tmp_path, "a"), key(tmp_path, "b", state="pending")
    out, away = key(tmp_path, "o", "outbound"), tmp_path / "away"
    written(tmp_path, old, new, out)
    ring = watched(tmp_path)
    (tmp_path / "o.pem").rename(away)
    file = written(tmp_path, revoked(old), new.model_copy(update={"state": "active"}), out)
    assert await ring.poll()
    assert (ring.current.file, ring.current.holders[ANSWERS].keyid) == (file, "b")
    signer = Active(lambda: ring.current, "international")
    keys.verifier("o", out.public_key.encode()).verify(signer.sign(b"data"), b"data")
    assert await ring.poll(), "it is tried again"
    assert ["file:o.pem: " in each.text for each in ring.current.problems] == [True]
    away.rename(tmp_path / "o.pem")
    assert (await ring.poll(), ring.current.problems) == (True, ())
    assert (await ring.poll(), await ring.poll()) == (True, False)


async def test_a_key_that_cannot_be_read_does_not_sign_as_another(tmp_path: Path) -> None:
    """Neither under the id of another key nor with the half of another one."""
    first = key(tmp_path, "o", "outbound")
    again = key(tmp_path, "o", "outbound")
    for changed in (key(tmp_path, "p", "outbound"), again):
        (tmp_path / "o.pem").unlink(missing_ok=True)
        first = key(tmp_path, "o", "outbound")
        written(tmp_path, key(tmp_path, "a"), first)
        ring = watched(tmp_path)
        signer = Active(lambda ring=ring: ring.current, "international")
        (tmp_path / f"{changed.id}.pem").unlink()
        written(tmp_path, key(tmp_path, "a"), changed)
        assert await ring.poll()
        assert ring.current.file.keys[1] == changed
        with pytest.raises(ConfigFault, match="no key of ours signs outbound"):
            signer.sign(b"data")


async def test_requests_to_authorities_are_not_signed_with_a_revoked_key(tmp_path: Path) -> None:
    answers, out = key(tmp_path, "a"), key(tmp_path, "o", "outbound")
    written(tmp_path, answers, out)
    ring = watched(tmp_path)
    written(tmp_path, answers, revoked(out))
    assert await ring.poll()
    assert "no key is active for outbound (suite international)" in str(ring.current.problems[0])
    with pytest.raises(ConfigFault):
        Active(lambda: ring.current, "international").sign(b"data")


async def test_answers_must_be_signed_by_somebody(tmp_path: Path) -> None:
    old, new = key(tmp_path, "a"), key(tmp_path, "b")
    file = written(tmp_path, old)
    ring = watched(tmp_path)
    (tmp_path / "b.pem").unlink()
    written(tmp_path, revoked(old), new)
    assert await ring.poll()
    assert (ring.current.file, "file:b.pem: " in str(ring.problems[0])) == (file, True)


def test_nothing_secret_is_in_any_text_about_it(tmp_path: Path) -> None:
    written(tmp_path, key(tmp_path, "a"), key(tmp_path, "o", "outbound"))
    ring = RingReader(tmp_path, "ring.yaml").read()
    holder = ring.holders[ANSWERS]
    assert isinstance(holder, InProcess)
    texts = f"{ring!r} {holder!r} {holder.signer!r} {Active(lambda: ring, 'international')!r}"
    assert (tmp_path / "a.pem").read_text().splitlines()[1][:20] not in texts


def test_each_algorithm_is_of_one_suite() -> None:
    found = [suite_of(alg) for alg in ("ed25519", "ecdsa-p256-sha256", "sm2-sm3")]
    assert found == ["international", "international", "sm"]
