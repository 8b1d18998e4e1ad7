import traceback
from typing import Any

import httpx
import pytest
import respx

from gateway.client import BadAnswer, Problem, RateLimit, Unreached, Unsendable
from gateway.client.conversation import timeout
from gateway.errors import Fault
from gateway.security.keys import UnusableKey
from tests.client.gateway_double import ANSWER_DOCUMENT, QUESTION, Asking, GatewayDouble

PROBLEM: dict[str, Any] = {
    "type": "/problems/subject_format",
    "title": "The identity number is not one",
    "status": 400,
    "code": "subject_format",
    "detail": "check digit",
    "faults": [
        {
            "code": "check_digit",
            "pointer": "/subject/citizen_id",
            "line": 1,
            "column": 120,
            "expected": "18 digits",
            "nearest": None,
            "unheard": "of",
        },
        "not a fault",
    ],
}


def test_the_body_is_compact_utf_8_json(asking: Asking, gateway: GatewayDouble) -> None:
    asking.verify({"subject": {"name": "古丽·买买提"}, "deadline_ms": 8000})
    assert gateway.seen[0].content == '{"subject":{"name":"古丽·买买提"},"deadline_ms":8000}'.encode()
    assert gateway.seen[0].headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("deadline_ms", "read", "connect"),
    [(8000, 10, 5), (500, 2.5, 2.5), (None, 10, 5), ("8000", 10, 5), (True, 10, 5), (-1, 10, 5), (10**400, 122, 5)],
)
def test_timeouts_come_from_the_deadline(deadline_ms: Any, read: float, connect: float) -> None:
    assert timeout(deadline_ms).as_dict() == {"connect": connect, "read": read, "write": read, "pool": read}


def test_the_request_carries_its_own_timeout(asking: Asking, gateway: GatewayDouble) -> None:
    asking.verify({**QUESTION, "deadline_ms": 1000})
    assert gateway.seen[0].extensions["timeout"]["read"] == 3


@pytest.mark.parametrize("key", ["", "a b", "é", "a\nb", "x" * 256])
def test_an_idempotency_key_must_fit_into_a_header(asking: Asking, key: str) -> None:
    with pytest.raises(Unsendable, match="idempotency key"):
        asking.verify(idempotency_key=key)


@pytest.mark.parametrize("verification_id", ["", "a/b", "..", "a?b", "é", "x" * 65, "a\n"])
def test_a_verification_id_must_fit_into_a_path(asking: Asking, verification_id: str) -> None:
    with pytest.raises(Unsendable, match="verification id"):
        asking.get(verification_id)


@pytest.mark.parametrize("value", [float("nan"), object(), "\ud800", {1, 2}])
def test_a_question_that_is_no_json_is_not_sent_and_not_told(asking: Asking, value: Any) -> None:
    with pytest.raises(Unsendable, match="cannot be written as JSON") as unsendable:
        asking.verify({**QUESTION, "case_number": value})
    assert unsendable.value.__cause__ is unsendable.value.__context__ is None


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "gw.example",
        "ftp://gw.example",
        "https://",
        "https://u:p@gw.example",
        "https://gw.example?a=b",
        "https://[::1",
    ],
)
def test_a_base_url_must_be_one(asking: Asking, base_url: str) -> None:
    asking.arguments["base_url"] = base_url
    with pytest.raises(Unsendable, match="base URL"):
        asking.verify()


def test_keys_are_read_when_the_client_is_made(asking: Asking) -> None:
    asking.arguments["gateway_keys"] = {"gw-2026": b"not pem"}
    with pytest.raises(UnusableKey, match="gw-2026"):
        asking.verify()


def test_a_base_url_may_have_a_path(asking: Asking, gateway: GatewayDouble, router: respx.MockRouter) -> None:
    router.post("/bureau/v1/verifications").mock(side_effect=gateway)
    asking.arguments["base_url"] = "https://gw.example/bureau/"
    asking.verify()
    assert gateway.seen[0].url.path == "/bureau/v1/verifications"


def test_a_problem_is_raised_with_all_it_says(asking: Asking, gateway: GatewayDouble) -> None:
    gateway.status, gateway.document, gateway.media_type = 400, PROBLEM, "application/problem+json"
    with pytest.raises(Problem) as raised:
        asking.verify()
    problem = raised.value
    assert str(problem) == "400 subject_format: check digit"
    assert (problem.title, problem.detail) == (PROBLEM["title"], "check digit")
    assert problem.faults == (
        Fault("check_digit", "/subject/citizen_id", line=1, column=120, expected="18 digits", nearest=None),
    )
    assert problem.raw == PROBLEM
    assert problem.retry_after_seconds is None


def test_a_thin_problem_still_has_its_code(asking: Asking, gateway: GatewayDouble) -> None:
    gateway.status, gateway.media_type = 503, "application/problem+json; charset=utf-8"
    gateway.document = {"type": "/problems/busy", "title": "Too much at once", "faults": {}}
    gateway.headers = {"Retry-After": "7"}
    with pytest.raises(Problem, match="503 busy: Too much at once") as raised:
        asking.get()
    assert (raised.value.faults, raised.value.retry_after_seconds) == ((), 7)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('"asking";r=12;t=48', RateLimit(12, 48)),
        (None, None),
        ("", None),
        ('"other";r=1;t=1', None),
        ('"asking";r=-1;t=1', None),
    ],
)
def test_an_answer_says_what_is_left_where_the_gateway_does(
    asking: Asking, gateway: GatewayDouble, said: str | None, expected: RateLimit | None
) -> None:
    gateway.headers = {} if said is None else {"RateLimit": said}
    assert asking.verify().rate_limit == expected


@pytest.mark.parametrize(
    ("status", "media_type", "document"),
    [
        (200, "application/json", b"not json"),
        (200, "application/json", b"\xff"),
        (200, "application/json", b"[" * 100_000),
        (200, "application/json", []),
        (200, "text/json", ANSWER_DOCUMENT),
        (200, "application/problem+json", PROBLEM),
        (400, "application/json", PROBLEM),
        (400, "application/problem+json", []),
        (304, "application/problem+json", PROBLEM),
    ],
)
def test_a_signed_answer_of_another_kind_is_a_bad_answer(
    asking: Asking, gateway: GatewayDouble, status: int, media_type: str, document: Any
) -> None:
    gateway.status, gateway.media_type, gateway.document = status, media_type, document
    gateway.is_bound = status == 200
    with pytest.raises(BadAnswer):
        asking.verify()


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), r"ConnectError: \[Errno 111\] Connection refused"),
        (httpx.ReadTimeout("229901201206011035"), r"\(ReadTimeout\)"),
        (httpx.RemoteProtocolError("229901201206011035"), r"\(RemoteProtocolError\)"),
    ],
)
def test_a_transport_failure_is_unreached_and_tells_nobody_s_number(
    asking: Asking, router: respx.MockRouter, failure: httpx.HTTPError, text: str
) -> None:
    router.post("/v1/verifications").mock(side_effect=failure)
    with pytest.raises(Unreached, match=text) as unreached:
        asking.verify()
    assert unreached.value.__cause__ is unreached.value.__context__ is None


@pytest.mark.parametrize("spoil", ["problem", "untrusted", "bad", "unreached"])
def test_no_error_contains_the_question(
    asking: Asking, gateway: GatewayDouble, router: respx.MockRouter, spoil: str
) -> None:
    if spoil == "problem":
        gateway.status, gateway.document, gateway.media_type = 400, PROBLEM, "application/problem+json"
    elif spoil == "untrusted":
        gateway.is_signed = False
    elif spoil == "bad":
        gateway.document = {}
    else:
        router.post("/v1/verifications").mock(side_effect=httpx.ReadError("x"))
    with pytest.raises(Exception) as raised:
        asking.verify()
    told = "".join(traceback.format_exception(raised.value)) + repr(vars(raised.value))
    assert QUESTION["subject"]["citizen_id"] not in told
    assert QUESTION["subject"]["name"] not in told
