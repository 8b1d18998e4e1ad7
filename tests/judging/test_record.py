"""The generic judge: every edge of a condition, and what a policy may not say of one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.authority import OperationMapping
from gateway.contract.policies import RecordParameters
from gateway.judging import record
from gateway.judging.conditions import condition_problems
from gateway.judging.rulings import NEEDS_OFFICER
from gateway.model import Decision, Facts, Reason, Status

from .builders import DAY, FAULTS, finding

YESTERDAY, TOMORROW = DAY - timedelta(1), DAY + timedelta(1)
HOLDS = (Decision.CONFIRMED, Reason.RECORD_HOLDS)
FAILS = (Decision.CONTRADICTED, Reason.RECORD_DOES_NOT_HOLD)
NONE = (Decision.NO_RECORD, Reason.NO_SUCH_RECORD)
OFFICER = (Decision.UNDETERMINED, Reason.NEEDS_OFFICER)

VALID = {"fact": "state", "any_of": ["valid", "renewed"]}
UNTIL = {"fact": "until", "not_before": "application_date"}
OPEN_ENDED = UNTIL | {"missing": "holds"}
SINCE = {"fact": "since", "not_after": "application_date"}
ROW = [{"fact": "grades/kind", "any_of": ["sight"]}, {"fact": "grades/level", "any_of": ["1", "2"]}]


def rules(*conditions: dict[str, Any]) -> RecordParameters:
    return RecordParameters.model_validate({"holds": list(conditions)})


def ruled(facts: Facts | None, *conditions: dict[str, Any]) -> tuple[Decision, Reason]:
    ruling = record.rule(finding("any", Status.ANSWERED, {"step": facts}), DAY, rules(*conditions))
    return ruling.decision, ruling.reason


@pytest.mark.parametrize(
    ("facts", "conditions", "expected"),
    [
        ({"state": "valid"}, [VALID], HOLDS),
        ({"state": "renewed"}, [VALID], HOLDS),
        ({"state": "ended"}, [VALID], FAILS),
        ({"state": None}, [VALID], OFFICER),
        ({"until": DAY}, [UNTIL], HOLDS),
        ({"until": TOMORROW}, [UNTIL], HOLDS),
        ({"until": YESTERDAY}, [UNTIL], FAILS),
        ({"until": None}, [UNTIL], OFFICER),
        ({"until": None}, [OPEN_ENDED], HOLDS),
        ({"until": YESTERDAY}, [OPEN_ENDED], FAILS),
        ({"since": DAY}, [SINCE], HOLDS),
        ({"since": TOMORROW}, [SINCE], FAILS),
        ({"since": "20180501"}, [SINCE], OFFICER),  # no day: nothing is guessed
        ({"state": "ended", "until": None}, [VALID, UNTIL], FAILS),  # one that fails outweighs one that nobody can tell
        ({"state": "valid", "until": None}, [VALID, UNTIL], OFFICER),
        ({"grades": [{"kind": "sight", "level": "1"}]}, ROW, HOLDS),
        (
            {"grades": [{"kind": "sight", "level": "4"}, {"kind": "hearing", "level": "1"}]},
            ROW,
            FAILS,
        ),  # not of one row
        ({"grades": [{"kind": "hearing", "level": "3"}, {"kind": "sight", "level": "2"}]}, ROW, HOLDS),
        ({"grades": [{"kind": "sight", "level": None}]}, ROW, OFFICER),
        ({"grades": []}, ROW, FAILS),
        (None, [VALID], NONE),
    ],
)
def test_every_edge_of_a_condition(facts: Facts | None, conditions: Any, expected: tuple[Decision, Reason]) -> None:
    assert ruled(facts, *conditions) == expected


@pytest.mark.parametrize("status", FAULTS)
def test_silence_is_undetermined_under_its_own_name(status: Status) -> None:
    ruling = record.rule(finding("any", status), DAY, rules(VALID))
    assert (ruling.decision, ruling.reason) == (Decision.UNDETERMINED, Reason(status.value))


def test_an_authority_that_has_none_and_replies_that_no_judge_was_made_for() -> None:
    assert record.rule(finding("any", Status.NO_RECORD), DAY, rules(VALID)).decision is Decision.NO_RECORD
    two = finding("any", Status.ANSWERED, {"one": {"state": "valid"}, "two": {"state": "valid"}})
    assert record.rule(two, DAY, rules(VALID)) == NEEDS_OFFICER


@given(st.lists(st.sampled_from(["valid", "ended", None]), min_size=1, max_size=4))
def test_all_conditions_must_hold_and_only_a_failing_one_is_a_no(states: list[str | None]) -> None:
    facts = {f"f{at}": state for at, state in enumerate(states)}
    expected = FAILS if "ended" in states else OFFICER if None in states else HOLDS
    assert ruled(facts, *({"fact": name, "any_of": ["valid"]} for name in facts)) == expected


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.dates(date(2000, 1, 1), date(2040, 1, 1)))
def test_a_span_holds_exactly_on_its_days(since: date, until: date) -> None:
    expected = HOLDS if since <= DAY <= until else FAILS
    assert ruled({"since": since, "until": until}, SINCE, UNTIL) == expected


def test_the_judge_reads_the_facts_of_its_conditions_and_no_others() -> None:
    assert record.reads(rules(VALID, *ROW)) == {"state", "grades/kind", "grades/level"}


MAPPED = OperationMapping.model_validate(
    {
        "request": {},
        "records": "/data",
        "facts": {
            "state": {"path": "/s", "table": "states"},
            "until": {"path": "/u", "convert": "date"},
            "since": {"path": "/b", "convert": "date_compact", "optional": "true"},
            "note": {"path": "/n"},
        },
        "rows": {"grades": {"path": "/g", "facts": {"kind": {"path": "/k", "table": "kinds"}}}},
    }
)
TABLES = {"states": {"1": "valid", "2": "ended"}, "kinds": {"1": "sight"}}


@pytest.mark.parametrize(
    ("condition", "pointer", "text"),
    [
        ({"fact": "state", "any_of": ["valid", "vaild"]}, (0, "any_of", 1), "did you mean 'valid'?"),
        ({"fact": "grades/kind", "any_of": ["sigth"]}, (0, "any_of", 0), "did you mean 'sight'?"),
        ({"fact": "note", "not_before": "application_date"}, (0, "fact"), "is no day"),
        ({"fact": "until", "any_of": ["2018-05-02"]}, (0, "any_of"), "compare it with"),
        (OPEN_ENDED, (0, "missing"), "does not let this fact be empty"),
    ],
)
def test_what_no_reply_can_meet_is_found_at_load(condition: dict[str, Any], pointer: Any, text: str) -> None:
    ((found, said),) = condition_problems(rules(condition), {"share": {"step": MAPPED}}, TABLES)
    assert found == pointer
    assert text in said


@pytest.mark.parametrize(
    "condition",
    [
        {"fact": "state", "any_of": ["valid"]},
        UNTIL,
        SINCE | {"missing": "holds"},
        {"fact": "note", "any_of": ["anything"]},
        {"fact": "elsewhere/kind", "any_of": ["x"]},
        {"fact": "nowhere", "any_of": ["x"]},
    ],
)
def test_what_can_be_met_is_no_problem_here(condition: dict[str, Any]) -> None:
    assert list(condition_problems(rules(condition), {"share": {"step": MAPPED}}, TABLES)) == []
