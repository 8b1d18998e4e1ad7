from datetime import date

from gateway.client import Question
from gateway.model import Operator, Person
from tests.client.gateway_double import QUESTION, Asking, GatewayDouble

ASKED = Question(
    case_number="JL2018050200123",
    application_date=date(2018, 5, 2),
    business_items=("passport", "hkm_permit"),
    purpose="exit_entry_application",
    operator=Operator("op-0117", "赵六", "229901000000"),
    subject=Person("229901201206011035", "古丽·买买提"),
    deadline_ms=8000,
)


def test_a_question_is_the_api_s_document() -> None:
    assert ASKED.document() == QUESTION


def test_a_question_with_everything() -> None:
    full = Question(
        "c",
        date(2018, 5, 2),
        ("passport",),
        "p",
        Operator("o", "n", "u"),
        Person("s", "n"),
        guardian=Person("g", "n"),
        residence_basis="employment",
        materials=(),
    )
    assert full.document()["guardian"] == {"citizen_id": "g", "name": "n"}
    assert (full.document()["residence_basis"], full.document()["materials"]) == ("employment", [])


def test_both_spellings_send_the_same_bytes(asking: Asking, gateway: GatewayDouble) -> None:
    asking.verify(ASKED)
    asking.verify(QUESTION)
    assert gateway.seen[0].read() == gateway.seen[1].read()


def test_a_question_does_not_show_whom_it_is_about() -> None:
    assert "229901201206011035" not in repr(ASKED)
    assert "古丽" not in repr(ASKED)
