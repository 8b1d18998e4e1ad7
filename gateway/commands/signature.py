"""`gateway signature explain`: a captured request replayed through the door's checks, offline, and why it is refused."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from gateway.clock import SystemClock
from gateway.commands import signature_text
from gateway.commands.screen import Exit, failures, say_json
from gateway.contract.files import load_or_raise
from gateway.installation import SETTINGS, read_consumers
from gateway.security import keys
from gateway.security.doctor import answered, captures, sight
from gateway.security.doctor.answered import Refusal
from gateway.security.doctor.captures import Message
from gateway.security.doctor.diagnosis import diagnose
from gateway.security.grants import Consumers
from gateway.security.signatures import Verifier
from gateway.settings import Settings

_KEYID = re.compile(r'keyid\s*=\s*"([!#-\[\]-~]{1,128})"')


@dataclass(frozen=True, slots=True)
class Given:
    """The options. Exactly one of `home` and `public_key` says whose keys count."""

    capture: Path
    home: Path
    public_key: Path | None
    answer: Path | None
    served_as: tuple[str, ...]
    now: int | None


@dataclass(frozen=True, slots=True)
class Known:
    """The keys that may sign, by id; the names in Host; of the other keys their state."""

    keys: dict[str, Verifier]
    names: tuple[str, ...]
    states: dict[str, str] = field(default_factory=dict)


def explain(given: Given, as_json: bool) -> Exit:
    """Prints the lines, their digests and the causes. Verifies: `DONE`; refused: `NO`; files that are none: `USAGE`."""
    with failures():
        captured = captures.read(given.capture.read_bytes())
        answer = captures.read_answer(given.answer.read_bytes()) if given.answer else captured.answer
        refusal = answered.refusal(answer) if answer is not None and _is_refusal(answer) else None
        now = _now(given, answer)
        known = _known(given, captured.request, now)
    with _quiet():
        told = _explained(captured.request, known, now, refusal)
    say_json(signature_text.document(told)) if as_json else signature_text.show(told)
    return Exit.DONE if told.is_right else Exit.NO


def _explained(request: Message, known: Known, now: float, refusal: Refusal | None) -> signature_text.Explained:
    case = replace(sight.case_of(request, known.keys, known.names, now), states=known.states)
    seen = sight.at_sight(request, known.names)
    diagnosis = diagnose(case)
    causes = (*(cause for _, cause in seen), *diagnosis.causes)
    if refusal is not None:
        causes += answered.compared(case, diagnosis, refusal)
    code, detail = (seen[0][0], "") if seen else (diagnosis.code, diagnosis.detail)
    return signature_text.Explained(code, detail, diagnosis.lines, causes, diagnosis.is_explained, int(now), refusal)


def _known(given: Given, request: Message, now: float) -> Known:
    if given.public_key is None:
        settings = load_or_raise(given.home / SETTINGS, Settings)
        _, consumers = read_consumers(given.home)
        return _of(consumers, tuple(settings.served_as), now)
    named = _KEYID.search(", ".join(request.header("signature-input")))
    keyid = named[1] if named else "key"
    hosts = given.served_as or tuple(host.lower() for host in request.header("host")[:1])
    return Known({keyid: keys.verifier(keyid, given.public_key)}, hosts)


def _of(consumers: Consumers, names: tuple[str, ...], now: float) -> Known:
    """Every consumer's keys. No key of the gateway is read: the files may be a copy elsewhere."""
    known = Known({}, names)
    for each in consumers.loaded.values():
        for key in each.file.keys:
            found = consumers.get(key.id, now)
            if found is not None:
                known.keys[key.id] = found.verifier
            else:
                known.states[key.id] = key.state if each.file.state == "active" else each.file.state
    return known


def _now(given: Given, answer: Message | None) -> float:
    if given.now is not None:
        return float(given.now)
    dated = answered.unix_of(answer) if answer is not None else None
    return dated if dated is not None else SystemClock().unix()


def _is_refusal(answer: Message) -> bool:
    return answer.start.split(" ")[1][:1] in ("4", "5")


@contextmanager
def _quiet() -> Iterator[None]:
    """GmSSL writes two fixed lines to standard error for each signature that does not verify: here, thousands."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
