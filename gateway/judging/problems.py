"""What stands between a policy and its judges: facts that it must or may not name, questions and words that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from gateway.contract.authority import Contract, OperationMapping
from gateway.contract.authority import Mapping as MappingFile
from gateway.contract.policies import InsuranceParameters, MaterialRule, PolicyFile, Proof
from gateway.contract.words import unknown
from gateway.judging import guardianship, household, insurance, record, residence
from gateway.judging.conditions import condition_problems
from gateway.judging.verdicts import judges_of

Found = tuple[tuple[str | int, ...], str]
Channels = Mapping[str, Mapping[str, OperationMapping]]
"""Of each channel that answers a question: how its reply is read, by step."""

Reads = Mapping[str, frozenset[str]]
"""By step: the facts that a judge relies on; `rows/fact` is a fact of every row."""

_READS: Final[Mapping[str, Reads]] = {
    "residence": residence.READS,
    "prior_proof": guardianship.READS,
    "guardianship": household.READS,
    "guardianship_with_kin": household.READS | household.READS_OF_KIN,
}
"""By question, where the policy's parameters make no difference."""


def reads(rule: MaterialRule, question: str, step: str = "") -> Reads:
    """What the judge of this material reads of a question's reply: exactly this a policy must name.

    `step` is the one step of a record's question, which may be called anything.
    """
    if rule.insurance is not None:
        return {insurance.STEP: insurance.reads(rule.insurance)}
    if rule.record is not None:
        return {step: record.reads(rule.record)}
    return _READS[question]


def problems(file: PolicyFile, contracts: Mapping[str, Contract], mappings: Mapping[str, MappingFile]) -> list[Found]:
    """Every problem: a pointer into the policy file, and a text. Unknown authorities and questions are found elsewhere."""
    found: list[Found] = []
    for at, rule in enumerate(file.materials):
        judges = judges_of(rule)
        for number, proof in enumerate(rule.proven_by):
            place = ("materials", at, "proven_by", number)
            where = (*place, "question")
            if proof.question not in judges:
                found.append((where, f"no judge of this material reads this question; known here: {', '.join(judges)}"))
            else:
                facts = _facts(
                    proof, reads(rule, proof.question, next(iter(proof.facts))), _read(proof, contracts, mappings)
                )
                found += (((*place, "facts", *pointer), text) for pointer, text in facts)
            if rule.record is not None:
                steps = _read(proof, contracts, mappings)
                tables = mappings[proof.authority].tables if proof.authority in mappings else {}
                found += ((where, text) for text in _several_steps(steps))
                of_record = condition_problems(rule.record, steps, tables)
                found += ((("materials", at, "record", "holds", *pointer), text) for pointer, text in of_record)
            if rule.insurance is not None:
                found += ((where, text) for text in _too_short(proof, rule.insurance, contracts))
                kinds = ("materials", at, "insurance", "kinds_any_of")
                unnamed = _unnamed(proof, rule.insurance, contracts, mappings)
                found += (((*kinds, which), text) for which, text in unnamed)
    return found


def _several_steps(channels: Channels) -> Iterator[str]:
    for name, steps in channels.items():
        if len(steps) > 1:
            yield f"a record is what one step says; on the channel {name!r} this question takes {len(steps)}"


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
        for steps in _read(proof, contracts, mappings).values()
        for name, rows in (steps[insurance.STEP].rows.items() if insurance.STEP in steps else ())
        if f"{name}/kind" in insurance.reads(rules) and "kind" in rows.facts
    }
    for name, table in mappings[proof.authority].tables.items() if named else ():
        for at, kind in enumerate(rules.kinds_any_of) if name in named else ():
            if kind not in table.values():
                yield at, f"the table {name!r} of {proof.authority!r}: {unknown('kind', kind, set(table.values()))}"


def _facts(proof: Proof, needed: Reads, channels: Channels) -> Iterator[Found]:
    """What the policy names, held against what the judge reads and what each channel's reply gives."""
    for step, facts in needed.items():
        if missing := sorted(facts - set(proof.facts.get(step, ()))):
            where = (step,) if step in proof.facts else ()
            yield where, f"the judge reads {', '.join(missing)} of the step {step!r}, and it is not named here"
    for step, names in proof.facts.items():
        if step not in needed:
            yield (step,), f"the judge reads nothing of such a step: {unknown('step', step, needed)}"
            continue
        given = {name: _given(steps[step]) for name, steps in channels.items() if step in steps}
        yield from (((step, at), text) for at, text in _named(names, needed[step], given))
        lacking = (channel for channel in channels if channel not in given)
        yield from (((step,), f"the question has no such step on the channel {channel!r}") for channel in lacking)


def _named(names: list[str], needed: frozenset[str], given: Mapping[str, set[str]]) -> Iterator[tuple[int, str]]:
    for at, name in enumerate(names):
        if name in names[:at]:
            yield at, "this fact stands here twice"
        elif name in needed:
            lacking = (channel for channel, facts in given.items() if name not in facts)
            yield from ((at, f"no mapping gives this fact on the channel {channel!r}") for channel in lacking)
        elif any(name in facts for facts in given.values()):
            yield at, "the judge never reads this fact, so nobody may"
        else:
            yield at, unknown("fact", name, needed)


def _read(proof: Proof, contracts: Mapping[str, Contract], mappings: Mapping[str, MappingFile]) -> Channels:
    if proof.authority not in contracts or proof.authority not in mappings:
        return {}
    operations = mappings[proof.authority].operations
    return {
        name: {
            step: operations[asked.operation]
            for step, asked in channel.questions[proof.question].steps.items()
            if asked.operation in operations
        }
        for name, channel in contracts[proof.authority].channels.items()
        if proof.question in channel.questions
    }


def _given(operation: OperationMapping) -> set[str]:
    return {*operation.facts, *(f"{name}/{fact}" for name, rows in operation.rows.items() for fact in rows.facts)}
