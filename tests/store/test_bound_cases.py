"""A case number belongs to the person whom it was first answered about."""

from __future__ import annotations

from gateway.errors import CaseBound
from gateway.store.limits import BOUND_DAYS, Spending
from gateway.store.sqlite import Store
from gateway.store.tables import Addition
from tests.store.storing import NOW, asked, claim, entry, select, together
from tests.store.test_limits import DAY, FEW, HOUR, NARROW, answered, outcome


async def test_a_case_is_bound_to_whom_it_was_answered_about(store: Store) -> None:
    assert await outcome(store, asked("a", case="case")) == "taken"
    assert await outcome(store, asked("b", case="case")) == "taken", "nothing was answered yet"
    await store.add(answered("case", "b"))
    await store.add(answered("case", "a"))  # asked before, answered later: the first answer binds
    assert await outcome(store, asked("c", case="case")) is CaseBound
    assert await outcome(store, asked("a-2", case="case")) is CaseBound
    again = Addition(claim("b-2"), entry("b-2"), spending=Spending("intake", FEW, NOW, "b", "case"))
    assert await outcome(store, again) == "taken"


async def test_of_two_answers_in_one_batch_the_first_binds(store: Store) -> None:
    await together(store, *(store.add(answered("case", name)) for name in "ab"))
    assert await select(store, "SELECT subject FROM binding") == [("a",)]


async def test_a_bound_case_costs_no_budget(store: Store) -> None:
    await store.add(answered("case", "somebody"))
    for name in "abcde":
        assert await outcome(store, asked(name, case="case", limits=NARROW)) is CaseBound
    assert await outcome(store, asked("x", limits=NARROW)) == "taken"
    assert await select(store, "SELECT spent FROM account") == [(f'{{"{int(NOW) // HOUR}": 1}}',)]


async def test_a_case_is_free_again_after_its_time(store: Store) -> None:
    await store.add(answered("case", "a"))
    still, after = NOW + BOUND_DAYS * DAY, NOW + (BOUND_DAYS + 1) * DAY
    assert await outcome(store, asked("b", case="case", at=still)) is CaseBound
    assert await outcome(store, asked("c", case="case", at=after)) == "taken"
    await store.add(answered("case", "c", at=after))
    assert await outcome(store, asked("d", case="case", at=after)) is CaseBound


async def test_a_case_stays_bound_when_an_epoch_ends(store: Store) -> None:
    """Its people and its number have other pseudonyms then; what it was bound under before is asked about as well."""
    await store.add(answered("e1:case", "e1:a"))

    def under_the_next(name: str, *formerly: tuple[str, str]) -> Addition:
        spending = Spending("intake", FEW, NOW, f"e3:{name}", "e3:case", (f"e3:{name}",), formerly)
        return Addition(claim(f"3{name}"), entry(f"3{name}"), spending=spending)

    assert await outcome(store, under_the_next("b", ("e2:case", "e2:b"), ("e1:case", "e1:b"))) is CaseBound
    assert await outcome(store, under_the_next("a", ("e2:case", "e2:a"), ("e1:case", "e1:a"))) == "taken"
    assert await outcome(store, under_the_next("c", ("e2:case", "e2:c"))) == "taken", "destroyed: nobody knows any more"
