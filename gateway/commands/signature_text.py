"""How an explained signature is printed: one table, line by line of the signature base; and one document for machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from gateway.commands import signature_words as words
from gateway.commands.screen import console, say
from gateway.security.doctor.answered import Refusal, digest_of
from gateway.security.doctor.cases import Cause
from gateway.security.inspection import Line


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything that is said. `code` is empty where the door lets the request through."""

    code: str
    detail: str
    lines: tuple[Line, ...]
    causes: Sequence[Cause]
    is_explained: bool
    now: int
    answer: Refusal | None

    @property
    def is_right(self) -> bool:
        return not self.code and not self.causes

    def differing(self) -> dict[str, Cause]:
        """The causes that concern a line, by its component."""
        return {cause.component: cause for cause in reversed(self.causes) if cause.component is not None}


def document(told: Explained) -> dict[str, Any]:
    """For machines; the sentences are in it, too."""
    differing = told.differing()
    return {
        "verifies": told.is_right,
        "code": told.code or None,
        "detail": told.detail or None,
        "explained": told.is_explained,
        "judged_at": told.now,
        "lines": [_line(component, line, differing.get(component), told) for component, line in told.lines],
        "causes": [_cause(cause) for cause in told.causes],
        "answered": told.answer.code if told.answer else None,
    }


def _line(component: str, line: str | None, cause: Cause | None, told: Explained) -> dict[str, Any]:
    row = {
        "component": component,
        "line": line,
        "sha256": digest_of(line) if line is not None else None,
        "differs": cause is not None,
    }
    return row | ({"answered_sha256": told.answer.shown.get(component)} if told.answer else {})


def _cause(cause: Cause) -> dict[str, Any]:
    said, mend = words.cause(cause), words.mend(cause)
    return {
        "cause": cause.word,
        "component": cause.component,
        "signed": cause.signed,
        "arrived": cause.arrived,
        "proved": cause.is_proved,
        "facts": dict(cause.facts),
        "message": {"zh": said.zh, "en": said.en},
        "mend": {"zh": mend.zh, "en": mend.en},
    }


def show(told: Explained) -> None:
    """The table in a terminal, plain lines elsewhere; then the causes."""
    if console().is_terminal:
        _table(told)
    else:
        _plain(told)
    for text in _conclusion(told):
        say(text)


def _table(told: Explained) -> None:
    differing = told.differing()
    table = Table(title="签名基 signature base", title_justify="left", expand=False)
    for name in ("", "行 line", "SHA-256"):
        table.add_column(name, overflow="fold")
    for component, line in told.lines:
        style = "red" if component in differing else ""
        text = line if line is not None else f"{component}: —"
        mark = "✗" if component in differing else "✓"
        table.add_row(Text(mark, style), Text(text, style), Text(digest_of(line) if line else "", "dim"))
    console().print(table)


def _plain(told: Explained) -> None:
    differing = told.differing()
    for component, line in told.lines:
        mark = "!!" if component in differing else "  "
        say(f"{mark} {digest_of(line) if line is not None else '-' * 64}  {line or f'{component}: (absent)'}")


def _conclusion(told: Explained) -> Sequence[str]:
    answered = [f"网关答复 the gateway answered: {told.answer.code}"] if told.answer else []
    if told.is_right:
        return [*answered, "签名正确 the signature verifies"]
    made = [*answered, *([f"{told.code}: {told.detail}".rstrip(": ")] if told.code else [])]
    for cause in told.causes:
        said, mend = words.cause(cause), words.mend(cause)
        zh, en = ("已证实", "proved") if cause.is_proved else ("可能", "likely")
        made += [f"- {cause.word} [{zh} {en}]", f"  {said.zh}", f"  {said.en}", f"  -> {mend.zh}", f"  -> {mend.en}"]
    if not told.is_explained and told.code and len(told.causes) > 1:
        made.append("以上改正后签名仍未验证通过 with these mended the signature is still not verified")
    return made
