"""Idempotency keys, as one process decides on them and as two on one file do."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import CaseBound, OverBudget, OverRate, Replayed
from gateway.model import Limits
from gateway.store import limits, repeats, shards, tables
from gateway.store.limits import Binding
from gateway.store.repeats import KEPT_SECONDS, AnotherQuestion, Answered, InProgress
from gateway.store.sqlite import Store, connect
from gateway.store.tables import Addition, Answer
from tests.store.storing import NOW, answered, asked, claim, entry, entry_ids, once, select, together

TAKEN = int
ROOMY = Limits(10**6, 10**6, 10**6)


async def outcome(store: Store, addition: Addition) -> Any:
    (found,) = await together(store, store.add(addition))
    return type(found)


def ended(name: str, *, is_answered: bool = True) -> Addition:
    """The end of the question of that name."""
    closing_ = replace(entry(f"end-of-{name}"), closes=f"entry-{name}")
    return Addition(entry=closing_, answer=Answer(name, 1, "intake", b"{}") if is_answered else None)


async def test_a_repeat_is_in_progress_until_its_question_is_answered(store: Store) -> None:
    assert await outcome(store, once("a", "k", "b")) is TAKEN
    assert await outcome(store, once("r1", "k", "b")) is InProgress
    await store.add(ended("a"))
    (found,) = await together(store, store.add(once("r2", "k", "b")))
    assert isinstance(found, Answered)
    assert found.verification_id == "a"


async def test_another_question_under_the_key_is_told_so_whatever_became_of_the_first(store: Store) -> None:
    await store.add(once("a", "k", "b"))
    assert await outcome(store, once("r1", "k", "other")) is AnotherQuestion
    await store.add(ended("a"))
    assert await outcome(store, once("r2", "k", "other")) is AnotherQuestion


async def test_a_question_that_was_closed_without_an_answer_gives_its_key_back(store: Store) -> None:
    await store.add(once("a", "k", "b"))
    await store.add(ended("a", is_answered=False))
    assert await outcome(store, once("r1", "k", "b")) is TAKEN
    assert await outcome(store, once("r2", "k", "b")) is InProgress
    assert await select(store, "SELECT verification_id FROM repeat") == [("r1",)]


@pytest.mark.parametrize("seconds", [KEPT_SECONDS - 1, KEPT_SECONDS])
async def test_a_key_stands_for_a_day(store: Store, seconds: int) -> None:
    await store.add(once("a", "k", "b"))
    await store.add(ended("a"))
    found = await outcome(store, once("r", "k", "other", at=NOW + seconds))
    assert found is (TAKEN if seconds == KEPT_SECONDS else AnotherQuestion)


async def test_of_equal_keys_in_one_batch_the_first_is_taken(store: Store) -> None:
    work = [store.add(once(name, "k", body)) for name, body in zip("abc", ("b", "b", "other"), strict=True)]
    assert [type(each) for each in await together(store, *work)] == [TAKEN, InProgress, AnotherQuestion]
    assert store.counts.batches == 1
    assert await entry_ids(store) == ["entry-a"]


async def test_who_is_told_spends_nothing_and_may_sign_the_same_nonce_for_its_reading(store: Store) -> None:
    await store.add(once("a", "k", "b"))
    before = await store.read(lambda connection: connection.total_changes)
    assert await outcome(store, once("r", "k", "b")) is InProgress
    assert await store.read(lambda connection: connection.total_changes) == before
    assert await outcome(store, Addition(claim("r"))) is type(None)


async def test_a_replay_is_a_replay_before_it_is_a_repeat(store: Store) -> None:
    await store.add(once("a", "k", "b"))
    assert await outcome(store, once("a", "k", "b")) is Replayed


@pytest.mark.parametrize(
    ("narrow", "refusal"), [(Limits(burst=1, per_minute=1), OverRate), (Limits(subjects_per_day=2), OverBudget)]
)
async def test_a_question_that_may_not_be_asked_leaves_its_key_free(
    store: Store, narrow: Limits, refusal: type[Exception]
) -> None:
    for name in "xy"[: narrow.subjects_per_day if refusal is OverBudget else 1]:
        await store.add(asked(name, limits=narrow))
    work = [store.add(once(name, "k", "b", limits=narrow)) for name in "ab"]
    assert [type(each) for each in await together(store, *work)] == [refusal, refusal]
    assert await outcome(store, once("c", "k", "other", at=NOW + 60)) is TAKEN


async def test_a_repeat_costs_no_budget(store: Store) -> None:
    narrow = Limits(subjects_per_day=2)
    await store.add(once("a", "k", "b", limits=narrow))
    await store.add(ended("a"))
    for number in range(9):
        assert await outcome(store, once(f"r{number}", "k", "b", limits=narrow)) is Answered
    assert await outcome(store, asked("z", limits=narrow)) is TAKEN


async def test_another_consumers_key_is_another_key(store: Store) -> None:
    await store.add(once("a", "k", "b"))
    theirs = once("z", "k", "other", consumer="other")
    assert theirs.once
    assert await outcome(store, replace(theirs, once=replace(theirs.once, consumer="other"))) is TAKEN


async def test_a_key_is_recognised_under_a_former_epoch(store: Store) -> None:
    await store.add(once("a", "e1:k", "e1:b"))
    later = once("r", "e2:k", "e2:b")
    assert later.once
    both = (("e2:k", "e2:b"), ("e1:k", "e1:b"))
    assert await outcome(store, replace(later, once=replace(later.once, known=both))) is InProgress
    await store.add(ended("a", is_answered=False))
    assert await outcome(store, replace(later, once=replace(later.once, known=both))) is TAKEN
    assert await select(store, "SELECT key, body FROM repeat") == [("e2:k", "e2:b")]


async def test_the_first_answer_is_the_first_whatever_followed(store: Store) -> None:
    await store.add(once("a", "k", "b"))
    await store.add(ended("a"))
    await store.add(answered("a", revision=2, body=b'{"second":2}'))
    first = await store.read(lambda connection: repeats.first_answer(connection, "a", "intake"))
    assert first == (b"{}", "entry-end-of-a", b"h" * 32)
    assert await store.read(lambda connection: repeats.first_answer(connection, "a", "other")) is None


async def test_keys_that_hold_nothing_any_more_are_swept(store: Store) -> None:
    for number in range(30):
        await store.add(once(str(number), f"k{number}", "b"))
    sweeper = limits.Sweeper()
    for at, left in ((KEPT_SECONDS, 30), (KEPT_SECONDS + 1, 0)):
        for _ in range(4):
            await store.write(lambda connection, at=at: sweeper.sweep(connection, NOW + at, 10))  # type: ignore[misc]
        assert await select(store, "SELECT COUNT(*) FROM repeat") == [(left,)]


STEPS = st.one_of(
    st.lists(st.tuples(st.sampled_from("kl"), st.sampled_from("bc"), st.booleans()), min_size=1, max_size=5),
    st.booleans(),  # the oldest open question ends: with an answer, or without
    st.sampled_from((3600.0, KEPT_SECONDS - 3600.0, KEPT_SECONDS * 1.0)),  # time passes
)


@dataclass
class Told:
    """What a key stands for, told one by one: what the store must find out about whole batches."""

    name: str
    body: str
    until: float
    state: str = "open"


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_batches_decide_as_one_after_another(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        Store.create(path)
        with closing(connect(path, 5)) as connection:
            shard = shards.take(connection, path)
            try:
                _play(connection, shard, steps)
            finally:
                shard.release()


def _play(connection: Any, shard: shards.Held, steps: list[Any]) -> None:
    at, number, held, begun = NOW, 0, dict[str, Told](), list[Told]()
    tables.add(connection, shard, [Addition(binding=Binding("intake", "another's", "somebody", NOW))])
    for step in steps:
        if isinstance(step, float):
            at += step
        elif isinstance(step, bool):
            if begun:
                ending = begun.pop(0)
                ending.state = "answered" if step else "closed"
                tables.add(connection, shard, [ended(ending.name, is_answered=step)])
        else:
            additions, expected = [], []
            for key, body, may_ask in step:
                number += 1
                case = None if may_ask else "another's"
                additions.append(once(f"q{number}", key, body, at=at, case=case, limits=ROOMY))
                expected.append(_expected(held, begun, (f"q{number}", key, body, may_ask), at))
            assert [type(each) for each in tables.add(connection, shard, additions)] == expected
        shard.committed()


def _expected(held: dict[str, Told], begun: list[Told], asking: tuple[str, str, str, bool], at: float) -> type:
    name, key, body, may_ask = asking
    now = held.get(key)
    if now is not None and now.until > at and now.state != "closed":
        if now.body != body:
            return AnotherQuestion
        return Answered if now.state == "answered" else InProgress
    if not may_ask:
        return CaseBound
    held[key] = Told(name, body, int(at) + KEPT_SECONDS)
    begun.append(held[key])
    return TAKEN
