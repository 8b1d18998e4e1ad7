"""Which facts of a reply a policy names: all that is ever read of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.contract.policies import PolicyFile

Source = tuple[str, str]
"""An authority and a question to it."""
Named = Mapping[Source, Mapping[str, frozenset[str]]]
"""By source and step: names of facts, those of rows as `rows/fact`."""


def named_facts(file: PolicyFile) -> Named:
    """What the policy names of each source it asks. A source that several of its parts ask is asked once, for all they name."""
    found: dict[Source, dict[str, frozenset[str]]] = {}
    for source, step, facts in _entries(file):
        steps = found.setdefault(source, {})
        steps[step] = steps.get(step, frozenset()) | facts
    return found


def _entries(file: PolicyFile) -> Iterator[tuple[Source, str, frozenset[str]]]:
    local = file.who_is_local
    yield (local.authority, local.question), local.step, frozenset({local.fact})
    for rule in file.materials:
        for proof in rule.proven_by:
            for step, facts in proof.facts.items():
                yield (proof.authority, proof.question), step, frozenset(facts)
