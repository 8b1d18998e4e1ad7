"""The body of `POST /v1/verifications`; and how bodies are read: every fault at once, with its place, never with the input."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from gateway.contract import strict_json
from gateway.contract.policies import BusinessItem, ResidenceBasis
from gateway.contract.words import explain
from gateway.errors import Fault, Refused
from gateway.mapping import citizen_ids
from gateway.model import Operator, Person, Verification
from gateway.web.problems import refused

MAX_BODY_BYTES = 65536
MAX_FAULTS = 20
MAX_MEMBERS = 100
MOST_COMMAS = 4000
"""In a body, wherever they stand."""
"""Members and items in all. A question has some thirty; explaining the faults of thousands would cost more than it."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _printable(text: str) -> str:
    if any(not _is_printable(char) for char in text) or text != text.strip():
        raise ValueError("must not hold control characters, nor begin or end with white space")
    return text


def _is_printable(char: str) -> bool:
    kind = unicodedata.category(char)
    if kind == "Cn":  # new ideographs, which are in names sooner than in Python's tables, stand on planes 2 and 3
        return 0x20000 <= ord(char) <= 0x3FFFD and ord(char) & 0xFFFE != 0xFFFE
    return kind not in ("Cc", "Cs", "Zl", "Zp")


def _calendar_day(value: Any) -> Any:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("must be a day, written YYYY-MM-DD")
    return value


def _citizen_id(text: str) -> str:
    return citizen_ids.canonical(text)


Text = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_printable)]
FullName = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_printable)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,63}$")]
Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""A UUID as we write them."""
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Day = Annotated[date, BeforeValidator(_calendar_day), Field(strict=False)]
"""Not a number of seconds nor a time of day, which pydantic would take for one."""
CitizenId = Annotated[str, StringConstraints(max_length=32), AfterValidator(_citizen_id)]


class StrictBody(BaseModel):
    """Nothing unknown, and nothing taken for something else."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Form = TypeVar("Form", bound=StrictBody)


class AskedPerson(StrictBody):
    """Somebody by identity number (GB 11643, or the residence permits and cards of the same shape) and name."""

    citizen_id: CitizenId = Field(examples=["229901201206011035"])
    name: FullName = Field(examples=["测试子"])


class AskingOperator(StrictBody):
    """Who asks: required by every authority."""

    id: Identifier = Field(examples=["op-0117"])
    name: FullName = Field(examples=["样例警员"])
    unit_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")] = Field(examples=["229901000000"])


class Question(StrictBody):
    """One question about one applicant."""

    case_number: Identifier = Field(examples=["JL2018050200123"])
    application_date: Day = Field(examples=["2018-05-02"])
    business_items: list[BusinessItem] = Field(min_length=1, max_length=8)
    """What is applied for. A bare document is its first issue; some policies free renewals and group endorsements."""
    purpose: Word = Field(examples=["exit_entry_application"])
    residence_basis: ResidenceBasis | None = None
    operator: AskingOperator
    subject: AskedPerson
    guardian: AskedPerson | None = None
    materials: list[Word] | None = Field(default=None, min_length=1, max_length=8)
    """Left out, the policy decides."""
    deadline_ms: int | None = Field(default=None, ge=200, le=60000)
    """How long the counter waits, in milliseconds; the installation bounds it."""


def read(body: bytes) -> Question:
    """The question in a body. Raises Refused, as `strictly` does."""
    return strictly(body, Question)


def strictly(body: bytes, model: type[Form]) -> Form:
    """What a body says, in the form of that model.

    Raises:
        Refused: 400 with a code of strict JSON, `subject_format`, or `invalid_question` with every fault.
    """
    # Before anything is made of them: of so many, even the strings of a question could not hold the most.
    if body.count(b",") > MOST_COMMAS:
        raise _too_many()
    try:
        tree = strict_json.read(body)
    except strict_json.NotJson as error:
        fault = Fault(error.code, "", error.line, error.column)
        raise refused(error.code, faults=(fault,) if error.line else ()) from None
    if _members(tree) > MAX_MEMBERS:
        raise _too_many()
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        faults = _faults(error, body, model)
    # Outside the handler: an exception that carried the validation error along would carry the input.
    raise refused(_code(faults), faults=faults)


def _too_many() -> Refused:
    return refused("invalid_question", faults=(Fault("too_many_members", "", expected=f"at most {MAX_MEMBERS}"),))


def _members(tree: Any) -> int:
    """How many members and items there are, counted no further than needed."""
    count, level = 0, [tree]
    while level and count <= MAX_MEMBERS:
        inside = [list(one.values()) if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [value for values in inside for value in values]
        count += len(level)
    return count


def _faults(error: ValidationError, body: bytes, model: type[BaseModel]) -> tuple[Fault, ...]:
    explained = [explain(item, model) for item in error.errors(include_url=False, include_input=False)[:MAX_FAULTS]]
    wanted = {pointer for one in explained for pointer in (one.pointer, one.pointer[:-1])}
    places = strict_json.places(body.decode(), wanted)
    faults = []
    for one in explained:
        # The pointer of an unknown name would repeat the input: its place says enough.
        pointer = one.pointer[:-1] if one.code in ("unknown_field", "missing_field") else one.pointer
        line, column = places.get(one.pointer, places.get(one.pointer[:-1], (None, None)))
        code = "subject_format" if pointer and pointer[-1] == "citizen_id" else one.code
        expected = one.expected or one.text
        faults.append(Fault(code, "".join(f"/{part}" for part in pointer), line, column, expected, one.nearest))
    return tuple(faults)


def _code(faults: tuple[Fault, ...]) -> str:
    return "subject_format" if all(fault.code == "subject_format" for fault in faults) else "invalid_question"


def verification(question: Question, verification_id: str, consumer: str, deadline_ms: int) -> Verification:
    """The noun that the question becomes."""
    return Verification(
        verification_id=verification_id,
        consumer=consumer,
        case_number=question.case_number,
        application_date=question.application_date,
        business_items=tuple(question.business_items),
        purpose=question.purpose,
        residence_basis=question.residence_basis,
        operator=Operator(question.operator.id, question.operator.name, question.operator.unit_code),
        subject=_person(question.subject),
        guardian=_person(question.guardian) if question.guardian else None,
        materials=tuple(question.materials) if question.materials is not None else None,
        deadline_ms=deadline_ms,
    )


def _person(person: AskedPerson) -> Person:
    return Person(person.citizen_id, person.name)
