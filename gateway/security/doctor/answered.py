"""The gateway's refusal held against the capture: which of its lines is another one, and what it must have been."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from gateway.security.doctor.alternatives import WORDS, values_of
from gateway.security.doctor.captures import Message, Unreadable
from gateway.security.doctor.cases import Case, Cause
from gateway.security.doctor.diagnosis import Diagnosis


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the gateway answered. `shown` is by component: the SHA-256 of the line as it was rebuilt there."""

    code: str
    shown: Mapping[str, str]


def refusal(answer: Message) -> Refusal:
    """Reads a problem document. Raises Unreadable."""
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("the answer's body is not JSON") from error
    if not isinstance(document, dict):
        raise Unreadable("the answer's body is not a problem document")
    lines = document.get("signature_base")
    shown = {
        str(line.get("component")): str(line.get("sha256"))
        for line in (lines if isinstance(lines, list) else ())
        if isinstance(line, dict)
    }
    return Refusal(str(document.get("code", "")), shown)


def compared(case: Case, diagnosis: Diagnosis, answer: Refusal) -> tuple[Cause, ...]:
    """The causes that only the answer shows: lines that arrived as others, or a key registered as another."""
    causes = [
        _arrived(case, component, line, answer.shown[component])
        for component, line in diagnosis.lines
        if line is not None and component in answer.shown and digest_of(line) != answer.shown[component]
    ]
    if not causes and diagnosis.code == "" and answer.code in _ONLY_THERE:
        causes.append(_ONLY_THERE[answer.code])
    return tuple(causes)


_ONLY_THERE: Final[Mapping[str, Cause]] = {
    "signature_invalid": Cause("registered_key", is_proved=True),
    "digest": Cause("body_changed", '"content-digest"', is_proved=True),
    "key": Cause("key_refused", '"@signature-params"', is_proved=True),
}
"""By the answer's code: what must be so at the gateway, where everything is right here and each line arrived as it is."""


def digest_of(line: str) -> str:
    """As `signature_base` in a refusal has it."""
    return hashlib.sha256(line.encode("utf-8")).hexdigest()


def _arrived(case: Case, component: str, line: str, wanted: str) -> Cause:
    """The line as it arrived, found by its digest among what proxies make of it."""
    ours = line.partition(": ")[2]
    for value in values_of(case, component):
        if digest_of(f"{component}: {value}") == wanted:
            return Cause(WORDS[component], component, ours, value, is_proved=True)
    return Cause(WORDS.get(component, "parameters"), component, ours, None, is_proved=True)


def unix_of(answer: Message) -> float | None:
    """The gateway's time, by the header Date of any answer, a refusal or not."""
    try:
        return parsedate_to_datetime(answer.header("date")[0]).timestamp()
    except (IndexError, ValueError, TypeError):
        return None
