"""Every operation whose records come in pages: all rows come, in order, and a token leads to one person's page alone."""

from __future__ import annotations

import pytest

from gateway.model import Status
from mocks.answers import Answers
from mocks.trees import at
from tests.conformance.conversing import CASTS, FOLDERS, SCENARIOS, STRANGERS, Case, by_pages, cases, conversation
from tests.conformance.reading import chosen, request_about

PAGED = {
    (case.authority, case.operation): case
    for case in cases()
    if FOLDERS[case.authority].contract.channels[case.channel].operations[case.operation].next is not None
}
BY_OPERATION = pytest.mark.parametrize("case", PAGED.values(), ids=lambda case: f"{case.authority}.{case.operation}")


def held(case: Case, finding) -> list:
    """The rows of the one table that comes in pages."""
    (table,) = FOLDERS[case.authority].mapping.operations[case.operation].rows
    return finding.records["only"][table]


def given(case: Case, people) -> str:
    """The token that the mock gives with the first page."""
    answers = Answers(FOLDERS[case.authority], SCENARIOS[case.authority], CASTS[case.authority])
    answer = answers.find(case.operation, request_about(case, people))
    operation = FOLDERS[case.authority].contract.channels[case.channel].operations[case.operation]
    return at(answers.compose(case.operation, answer), operation.next)


def test_there_is_one():
    assert PAGED


@BY_OPERATION
async def test_every_row_comes_in_order_and_each_page_is_asked_once(case):
    told = list(by_pages(case.authority, case.operation))
    assert told, "nobody in the cast has more than a page"
    for people, rows, named in told:
        async with conversation(named) as talk:
            finding = await talk.ask(named, people)
            journal = list(talk.mocks.journals[case.authority])
        pages = -(-len(rows) // named.scenario.pages.size)
        assert (finding.status, finding.attempts, len(journal)) == (Status.ANSWERED, pages, pages)
        assert len(finding.evidence) == pages
        assert len(held(case, finding)) == len(rows)
        assert len({tuple(row.items()) for row in held(case, finding)}) == len({str(row) for row in rows})


@BY_OPERATION
def test_a_token_is_the_same_in_every_run_and_another_for_each_person(case):
    told = [(people, named) for people, _, named in by_pages(case.authority, case.operation)]
    tokens = [given(named, people) for people, named in told]
    assert tokens == [given(named, people) for people, named in told]
    assert all(tokens)
    assert len(set(tokens)) == len(tokens) >= 2
    assert not [person for people, _ in told for person in people if person.citizen_id in "".join(tokens)]


@BY_OPERATION
async def test_a_token_of_somebody_else_or_of_nobody_is_refused_and_is_no_answer(case):
    (people, _, named), (others, _, _), *_ = by_pages(case.authority, case.operation)
    token = given(named, people)
    async with conversation(named, page_alone=True) as talk:
        assert (await talk.ask(named, people, token)).status is Status.ANSWERED
        for whose, page in ((STRANGERS[:1], token), (others, token), (people, token[::-1])):
            finding = await talk.ask(named, whose, page)
            *_, last = talk.mocks.journals[case.authority]
            assert not finding.status.is_reply
            assert (last.outcome, last.status) == ("refused: page", 400)
            assert page not in repr(last)


@BY_OPERATION
async def test_the_refusal_of_a_token_has_a_meaning(case):
    """The mock's own words are those of a scenario, so that the contract is held to them."""
    refused = [one for one in cases() if one.operation == case.operation and one.scenario.status == 400]
    assert refused
    assert all([await chosen(one) for one in refused])
