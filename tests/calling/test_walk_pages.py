"""A walk page by page: what is asked, what the pages say together, and where it ends."""

from __future__ import annotations

import pytest

from gateway.calling.exchange import Reading, exchange
from gateway.calling.walk import walk
from gateway.errors import Ambiguous, BadReply, TimedOut
from gateway.model import Check, Finding, Intent, Status
from tests.calling.asked import intent as asked_intent
from tests.calling.test_exchange import ASKED, LINE, OPERATION, READINGS, RECORD, Double, asked, reply, tree
from tests.still import StillClock

from .doubles import QUESTION, check, finding, intent, question

BY_PAGES = question("pages", most_pages=3)


class Pages:
    """Says each page in turn."""

    def __init__(self, *says: tuple[Finding | Exception, str | None]) -> None:
        self.says = list(says)
        self.asked: list[str | None] = []

    async def __call__(self, _: Intent, asked: Check) -> Finding:
        self.asked.append(asked.page)
        said, following = self.says[len(self.asked) - 1]
        if isinstance(said, Exception):
            raise said
        return Finding(said.authority, said.channel, said.status, said.records, next_page=following)


async def walked(*says: tuple[Finding | Exception, str | None]) -> tuple[Finding, list[str | None]]:
    pages = Pages(*says)
    return await walk({QUESTION: BY_PAGES})(pages)(intent(), check()), pages.asked


def rows(*kinds: str, name: str = "x") -> Finding:
    return finding(name=name, grades=[{"kind": kind} for kind in kinds])


NONE = finding(Status.NO_RECORD)


async def test_tables_continue_from_page_to_page_and_the_rest_is_the_first_page_s() -> None:
    found, asked = await walked((rows("a", "b"), "t2"), (rows("c"), "t3"), (rows(), None))
    assert asked == [None, "t2", "t3"]
    assert found.status is Status.ANSWERED
    assert found.records == {"insured": {"name": "x", "grades": [{"kind": "a"}, {"kind": "b"}, {"kind": "c"}]}}
    assert found.next_page is None


async def test_one_page_is_asked_once() -> None:
    found, asked = await walked((rows("a"), None))
    assert asked == [None]
    assert found.records["insured"] == {"name": "x", "grades": [{"kind": "a"}]}


async def test_no_record_on_any_page_is_none_and_an_empty_page_adds_nothing() -> None:
    found, _ = await walked((NONE, "t2"), (NONE, None))
    assert (found.status, found.records) == (Status.NO_RECORD, {"insured": None})
    found, _ = await walked((rows("a"), "t2"), (NONE, None))
    assert found.records["insured"] == {"name": "x", "grades": [{"kind": "a"}]}


async def test_more_pages_than_there_can_be_are_never_taken_for_all() -> None:
    pages = Pages((rows("a"), "t2"), (rows("b"), "t3"), (rows("c"), "t4"))
    with pytest.raises(Ambiguous):
        await walk({QUESTION: BY_PAGES})(pages)(intent(), check())
    assert len(pages.asked) == 3


async def test_pages_that_lead_back_end() -> None:
    with pytest.raises(BadReply, match="lead back"):
        await walked((rows("a"), "t2"), (rows("b"), "t2"))


async def test_what_must_be_the_same_on_every_page() -> None:
    with pytest.raises(BadReply, match="'name' is not the same"):
        await walked((rows("a"), "t2"), (rows("b", name="y"), None))


async def test_a_page_that_fails_fails_the_whole() -> None:
    with pytest.raises(TimedOut):
        await walked((rows("a"), "t2"), (TimedOut("no reply"), None))


PAGED = OPERATION.model_copy(update={"next": "/next"})


async def said_to_follow(token: object) -> Finding:
    """What one exchange finds where the reply has this in the token's place."""
    opened = tree("0", RECORD)
    opened.tree["next"] = token
    readings = {ASKED: Reading.compiled(PAGED, READINGS[ASKED].records)}
    double = Double(opened, reply(), StillClock())
    return await exchange(LINE, double, readings, double.send, double.clock)(asked_intent(), asked())


@pytest.mark.parametrize(("token", "expected"), [("t2", "t2"), ("", None), (None, None)])
async def test_the_reply_names_the_page_that_follows(token: str | None, expected: str | None) -> None:
    found = await said_to_follow(token)
    assert found.next_page == expected
    assert "t2" not in repr(found)


@pytest.mark.parametrize("token", [2, ["t2"], "t" * 513])
async def test_a_token_that_could_not_be_sent_back_is_no_reply(token: object) -> None:
    with pytest.raises(BadReply, match="token"):
        await said_to_follow(token)
