"""One good question as bytes, and what reading a bad one gives."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest

from gateway.errors import Fault, Refused
from gateway.web import questions

GOOD: dict[str, Any] = {
    "case_number": "JL2018050200123",
    "application_date": "2018-05-02",
    "business_items": ["passport", "hkm_permit"],
    "purpose": "exit_entry_application",
    "residence_basis": "employment",
    "operator": {"id": "op-0117", "name": "样例警员", "unit_code": "229901000000"},
    "subject": {"citizen_id": "229901201206011035", "name": "测试子"},
    "guardian": {"citizen_id": "229901198805121012", "name": "测试父"},
    "materials": ["guardianship_proof"],
    "deadline_ms": 8000,
}
SECRET = "SECRET INPUT 7781"


def body(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}, ensure_ascii=False).encode()


def refused(data: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        questions.read(data)
    error = caught.value
    assert error.http_status == 400
    assert SECRET not in "".join(traceback.format_exception(error))
    return error


def fault(data: bytes) -> Fault:
    (found,) = refused(data).faults
    return found
