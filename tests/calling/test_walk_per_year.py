"""How many calls one check takes, and what they say together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gateway.calling.walk import walk
from gateway.errors import BadReply, TimedOut, Trouble, Unreachable
from gateway.model import Check, Finding, Intent, Status

from .doubles import QUESTION, WHO, check, finding, intent, question

BY_YEARS = question("per_year", months_back=15)


class ByYear:
    """Says for each year what it was told."""

    def __init__(self, said: dict[int, Finding | Trouble]) -> None:
        self.said = said
        self.asked: list[Check] = []

    async def __call__(self, intent: Intent, check: Check) -> Finding:
        self.asked.append(check)
        said = self.said[check.year or 0]
        if isinstance(said, Trouble):
            raise said
        return said


async def walked(said: dict[int, Finding | Trouble], asked: Check | None = None) -> tuple[Finding, ByYear]:
    double = ByYear(said)
    return await walk({QUESTION: BY_YEARS})(double)(intent(), asked or check()), double


def paid(*months: str, name: str = WHO.name, **more: Any) -> Finding:
    return finding(name=name, months=[{"month": first_day(month)} for month in months], **more)


def first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


NONE = finding(Status.NO_RECORD)


async def test_every_year_is_asked_over_the_year_s_end() -> None:
    _, double = await walked({2017: NONE, 2018: NONE})
    assert [(asked.year, asked.step, asked.operation) for asked in double.asked] == [
        (2017, "insured", "ask_insured"),
        (2018, "insured", "ask_insured"),
    ]
    assert all(asked.about == {"person": WHO} for asked in double.asked)


async def test_an_application_in_march_asks_three_years() -> None:
    _, double = await walked(dict.fromkeys((2016, 2017, 2018), NONE), check(as_of=date(2018, 3, 1)))
    assert [asked.year for asked in double.asked] == [2016, 2017, 2018]


async def test_the_years_are_one_record_in_their_order() -> None:
    found, _ = await walked({2017: paid("2017-11", "2017-12"), 2018: paid("2018-01")})
    assert found.status is Status.ANSWERED
    facts = found.records["insured"]
    assert facts is not None
    assert [row["month"] for row in facts["months"]] == [first_day(m) for m in ("2017-11", "2017-12", "2018-01")]
    assert facts["name"] == WHO.name


async def test_a_row_of_another_year_than_asked_is_a_bad_reply() -> None:
    """Replies that were mixed up between the years: the same person, so no echo can tell."""
    with pytest.raises(BadReply, match="another year"):
        await walked({2017: paid("2018-01"), 2018: paid("2018-01")})


async def test_of_tables_without_days_the_last_year_s_word_counts() -> None:
    then, now = ([{"kind": "pension_employee", "participation": word}] for word in ("normal", "ended"))
    found, _ = await walked({2017: paid("2017-12", kinds=then), 2018: paid(kinds=now)})
    assert (found.records["insured"] or {})["kinds"] == now
    assert [row["month"] for row in (found.records["insured"] or {})["months"]] == [first_day("2017-12")]


async def test_a_last_year_that_says_nothing_takes_nothing_back() -> None:
    ended = [{"kind": "pension_employee", "participation": "ended"}]
    found, _ = await walked({2017: paid("2017-12", kinds=ended), 2018: paid("2018-01", kinds=[])})
    assert (found.records["insured"] or {})["kinds"] == ended
    found, _ = await walked({2017: paid("2017-12", kinds=[]), 2018: paid("2018-01", kinds=[])})
    assert (found.records["insured"] or {})["kinds"] == []


async def test_the_facts_of_a_year_are_not_changed() -> None:
    first = paid("2017-12")
    await walked({2017: first, 2018: paid("2018-01")})
    assert first == paid("2017-12")


@pytest.mark.parametrize("silent", [2017, 2018])
async def test_a_year_without_a_record_adds_nothing(silent: int) -> None:
    other = 4035 - silent
    found, _ = await walked({silent: NONE, other: paid(f"{other}-05")})
    assert found.status is Status.ANSWERED
    assert found.records == paid(f"{other}-05").records


async def test_there_is_no_record_only_where_no_year_has_one() -> None:
    found, _ = await walked({2017: NONE, 2018: NONE})
    assert (found.status, found.records) == (Status.NO_RECORD, {"insured": None})


async def test_a_name_written_otherwise_in_another_year_is_the_same() -> None:
    found, _ = await walked({2017: paid(), 2018: paid(name=WHO.name.replace("·", "•"))})
    assert found.status is Status.ANSWERED


@pytest.mark.parametrize("other", [paid(name="测试母"), paid(name="测试?")])
async def test_years_that_contradict_each_other_are_a_bad_reply(other: Finding) -> None:
    with pytest.raises(BadReply, match="'name' is not the same in every year") as caught:
        await walked({2017: paid(), 2018: other})
    assert "测试" not in str(caught.value)


async def test_a_trouble_in_any_year_is_the_check_s_and_the_first_one_speaks() -> None:
    with pytest.raises(Unreachable):
        await walked({2017: NONE, 2018: Unreachable("x")})
    with pytest.raises(TimedOut):
        await walked({2017: TimedOut("x"), 2018: Unreachable("x")})


async def test_one_year_is_one_call() -> None:
    only = question("per_year", months_back=0)
    found = await walk({QUESTION: only})(ByYear({2018: paid("2018-01")}))(intent(), check())
    assert found == paid("2018-01")


async def test_once() -> None:
    double = ByYear({0: paid("2018-01")})
    assert await walk({QUESTION: question()})(double)(intent(), check()) == paid("2018-01")
    assert [asked.year for asked in double.asked] == [None]


async def test_all_of_asks_every_step() -> None:
    class ByStep:
        async def __call__(self, intent: Intent, check: Check) -> Finding:
            facts = None if check.step == "kin" else {"step": check.step}
            status = Status.NO_RECORD if facts is None else Status.ANSWERED
            return replace(finding(), status=status, records={check.step or "": facts})

    steps = {QUESTION: question("all_of", "person", "kin")}
    found = await walk(steps)(ByStep())(intent(), check())
    assert (found.status, found.records) == (Status.ANSWERED, {"person": {"step": "person"}, "kin": None})
