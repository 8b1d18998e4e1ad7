"""Holds in the store: one of each channel, with its entry or not at all, and seen by every process that looks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Unwritable
from gateway.store import holds
from gateway.store.holds import MOST_SECONDS, Change, Hold, Holds
from gateway.store.snapshots import snapshot
from gateway.store.sqlite import Store
from gateway.store.tables import Addition, AlreadyThere
from tests.store.storing import entry

HELD = Hold("social_insurance", "query", "drained", "op-1", "their move", 1000, 4600)
LATER = replace(HELD, state="open", who="op-2", since=2000, until=5600)
OTHER = replace(HELD, channel="share")
KEY = (HELD.authority, HELD.channel)


def change(name: str, hold: Hold | None, key: tuple[str, str] = KEY) -> Addition:
    return Addition(entry=entry(name), hold=Change(*key, hold))


async def stored(store: Store) -> list[Hold]:
    return await store.read(holds.read)


async def test_a_channel_has_one_hold_and_none_after_it_is_given_back(store: Store) -> None:
    await store.add(change("a", HELD))
    await store.add(change("b", OTHER, (OTHER.authority, OTHER.channel)))
    assert await stored(store) == [HELD, OTHER]
    await store.add(change("c", LATER))
    assert await stored(store) == [LATER, OTHER]
    await store.add(change("d", None))
    await store.add(change("e", None))
    assert await stored(store) == [OTHER]


async def test_a_hold_without_its_entry_is_none(store: Store) -> None:
    await store.add(change("a", OTHER, (OTHER.authority, OTHER.channel)))
    with pytest.raises(AlreadyThere):
        await store.add(change("a", HELD))
    assert await stored(store) == [OTHER]
    assert store.edge.size == 1


async def test_another_process_sees_it_at_its_next_look(path: Path) -> None:
    async with Store.open(path) as one, Store.open(path) as two:
        seen = Holds()
        await seen.look(two)
        await one.add(change("a", HELD))
        assert seen.of(*KEY, 1500) is None
        await seen.look(two)
        assert seen.of(*KEY, 1500) == HELD
        await one.add(change("b", None))
        await seen.look(two)
        assert seen.of(*KEY, 1500) is None
        with snapshot(path) as read:
            assert read.holds() == []


async def test_it_ends_by_itself_even_where_the_store_cannot_be_read(store: Store) -> None:
    await store.add(change("a", HELD))
    seen = Holds()
    await seen.look(store)

    class Gone:
        async def read(self, _: Any) -> Any:
            raise Unwritable("the ledger cannot be read")

    with pytest.raises(Unwritable):
        await seen.look(Gone())
    assert seen.of(*KEY, HELD.until - 0.001) == HELD
    assert seen.of(*KEY, HELD.until) is None
    assert seen.of(HELD.authority, "share", 1500) is None


@pytest.mark.parametrize(
    "wrong", [{"until": 1000}, {"until": 1000 + MOST_SECONDS + 1}, {"who": " "}, {"why": ""}], ids=str
)
def test_none_without_an_end_or_without_who_and_why(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a hold"):
        replace(HELD, **wrong)
    assert replace(HELD, until=1000 + MOST_SECONDS).until == 1000 + MOST_SECONDS
