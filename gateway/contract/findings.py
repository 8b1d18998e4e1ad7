"""What lint, conform, diff and the leniency audit find: one shape, so that one table, one JSON and one report show all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from gateway.contract.effects import UNUSED, Effect, Weight
from gateway.errors import Problem


@dataclass(frozen=True, slots=True, order=True)
class ContractFinding:
    """One finding: the rule that it breaks, where a person mends it, and what it does to us.

    `text` says what is expected and what class of thing was seen, never a value that came from an authority.
    """

    file: str
    line: int
    column: int
    rule: str
    """A stable name, such as `meaning-without-scenario`."""
    text: str
    at: str = ""
    """Where in a reply or an interface, as a JSON Pointer."""
    effect: Effect = UNUSED

    @property
    def matters(self) -> bool:
        """Whether anything of ours reads what it is about."""
        return self.effect.weight is not Weight.UNUSED

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.rule}: {self.text}"

    def document(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self) | {"effect": {"weight": self.effect.weight.name.lower(), "feeds": self.effect.feeds}}


def of_problems(rule: str, problems: Iterable[Problem]) -> list[ContractFinding]:
    """The strict loader's problems, as findings of one rule."""
    return [ContractFinding(each.file, each.line, each.column, rule, each.text) for each in problems]
