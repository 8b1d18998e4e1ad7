"""What stands between a policy and its judges: questions that none reads, and facts and words that no mapping gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from gateway.contract.authority import Contract, OperationMapping
from gateway.contract.authority import Mapping as MappingFile
from gateway.contract.policies import InsuranceParameters, PolicyFile, Proof
from gateway.contract.words import unknown
from gateway.judging import guardianship, household, insurance, residence
from gateway.judging.verdicts import judges_of

Found = tuple[tuple[str | int, ...], str]

READS: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "residence": residence.READS,
    "insurance": insurance.READS,
    "prior_proof": guardianship.READS,
    "guardianship": household.READS,
    "guardianship_with_kin": household.READS | household.READS_OF_KIN,
}
"""By question, then by step: the facts that the judge relies on; `rows/fact` is a fact of every row."""


def problems(file: PolicyFile, contracts: Mapping[str, Contract], mappings: Mapping[str, MappingFile]) -> list[Found]:
    """Every problem: a pointer into the policy file, and a text. Unknown authorities and questions are found elsewhere."""
    found: list[Found] = []
    for at, rule in enumerate(file.materials):
        judges = judges_of(rule)
        for number, proof in enumerate(rule.proven_by):
            where = ("materials", at, "proven_by", number, "question")
            if proof.question not in judges:
                found.append((where, f"no judge of this material reads this question; known here: {', '.join(judges)}"))
            else:
                found += ((where, text) for text in _unread(proof, contracts, mappings))
            if rule.insurance is not None:
                found += ((where, text) for text in _too_short(proof, rule.insurance, contracts))
                kinds = ("materials", at, "insurance", "kinds_any_of")
                unnamed = _unnamed(proof, rule.insurance, contracts, mappings)
                found += (((*kinds, place), text) for place, text in unnamed)
    return found


def _too_short(proof: Proof, rules: InsuranceParameters, contracts: Mapping[str, Contract]) -> Iterator[str]:
    """A walk that does not reach the first month a run may need would show fewer months than there are: a wrong "no"."""
    needed = insurance.reach(rules)
    contract = contracts.get(proof.authority)
    for name, channel in contract.channels.items() if contract is not None else ():
        question = channel.questions.get(proof.question)
        reaches = question.months_back if question is not None else None
        if reaches is not None and reaches < needed:
            yield f"the policy needs {needed} months before the application; the channel {name!r} asks for {reaches}"


def _unnamed(
    proof: Proof, rules: InsuranceParameters, contracts: Mapping[str, Contract], mappings: Mapping[str, MappingFile]
) -> Iterator[tuple[int, str]]:
    """A kind that no reply of a channel can name looks there as if it were never paid: a wrong "no"."""
    named = {
        rows.facts["kind"].table
        for steps in _read(proof, contracts, mappings)
        for name, rows in (steps[insurance.STEP].rows.items() if insurance.STEP in steps else ())
        if f"{name}/kind" in insurance.READS[insurance.STEP] and "kind" in rows.facts
    }
    for name, table in mappings[proof.authority].tables.items() if named else ():
        for at, kind in enumerate(rules.kinds_any_of) if name in named else ():
            if kind not in table.values():
                yield at, f"the table {name!r} of {proof.authority!r}: {unknown('kind', kind, set(table.values()))}"


def _unread(proof: Proof, contracts: Mapping[str, Contract], mappings: Mapping[str, MappingFile]) -> Iterator[str]:
    for steps in _read(proof, contracts, mappings):
        for step, facts in READS[proof.question].items():
            missing = sorted(facts - _given(steps[step])) if step in steps else sorted(facts)
            if missing:
                yield f"the judge reads {', '.join(missing)} of the step {step!r}, and the authority's files do not give it"


def _read(
    proof: Proof, contracts: Mapping[str, Contract], mappings: Mapping[str, MappingFile]
) -> Iterator[dict[str, OperationMapping]]:
    """Of each channel that answers the question: how the reply is read, by step."""
    if proof.authority not in contracts or proof.authority not in mappings:
        return
    operations = mappings[proof.authority].operations
    for channel in contracts[proof.authority].channels.values():
        if proof.question in channel.questions:
            steps = channel.questions[proof.question].steps.items()
            yield {step: operations[asked.operation] for step, asked in steps if asked.operation in operations}


def _given(operation: OperationMapping) -> set[str]:
    return {*operation.facts, *(f"{name}/{fact}" for name, rows in operation.rows.items() for fact in rows.facts)}
