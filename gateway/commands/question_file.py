"""A question in a file, for the commands that explain what would become of it and ask nobody."""

from __future__ import annotations

from pathlib import Path

from gateway.commands.screen import say, say_json
from gateway.errors import Refused
from gateway.model import Verification
from gateway.web import questions

_DEADLINE_MS = 8000


def verification(body: bytes) -> Verification:
    """The question, as the gateway would read it. Raises Refused."""
    return questions.verification(questions.read(body), "explained", "explained", _DEADLINE_MS)


def say_refused(request: Path, refused: Refused, as_json: bool) -> None:
    """Prints why the gateway would not take it, with the place of each fault."""
    faults = [
        {"pointer": f.pointer, "code": f.code, "line": f.line, "column": f.column}
        | {"expected": f.expected, "nearest": f.nearest}
        for f in refused.faults
    ]
    if as_json:
        say_json({"refused": refused.code, "detail": refused.detail, "faults": faults})
        return
    say(f"{request}: {refused.code}" + (f": {refused.detail}" if refused.detail else ""))
    for fault in faults:
        place = f"line {fault['line']}, column {fault['column']}: " if fault["line"] else ""
        near = f"; did you mean {fault['nearest']!r}?" if fault["nearest"] else ""
        say(f"  {place}{fault['pointer'] or '/'} {fault['code']}, expected: {fault['expected'] or '-'}{near}")
