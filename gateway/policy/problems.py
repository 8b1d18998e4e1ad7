"""What is wrong with policy files, each alone, among themselves, and beside the authorities they rely on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gateway.contract.authority import Contract, Question
from gateway.contract.authority import Mapping as MappingFile
from gateway.contract.policies import Effective, Join, LocalityRule, MaterialRule, PolicyFile, Proof
from gateway.contract.words import nearest, unknown

Pointer = tuple[str | int, ...]
Found = tuple[int, Pointer, str]
"""Which file (its place in the sequence given), where in it, and what."""


def problems(
    files: Sequence[PolicyFile], contracts: Mapping[str, Contract], mappings: Mapping[str, MappingFile]
) -> list[Found]:
    """Every problem of the policies that are loaded together."""
    found: list[Found] = []
    for at, file in enumerate(files):
        found += ((at, pointer, text) for pointer, text in _alone(file))
        found += ((at, pointer, text) for pointer, text in _who_is_local(file.who_is_local, contracts, mappings))
        found += ((at, pointer, text) for pointer, text in _sources(file, contracts))
        for earlier in files[:at]:
            found += ((at, pointer, text) for pointer, text in _between(file, earlier))
    return found


def _alone(file: PolicyFile) -> Iterator[tuple[Pointer, str]]:
    effective = file.effective
    if effective.until is not None and effective.until <= effective.since:
        yield ("effective", "until"), "must be after 'from': it is the first day on which the policy is over"
    known: set[str] = set()
    for at, rule in enumerate(file.materials):
        if rule.material in known:
            yield ("materials", at, "material"), f"the material {rule.material!r} stands here twice"
        known.add(rule.material)


def _between(file: PolicyFile, earlier: PolicyFile) -> Iterator[tuple[Pointer, str]]:
    if file.policy == earlier.policy:
        yield ("policy",), "another policy has this name"
    if not _overlap(file.effective, earlier.effective):
        return
    for at, region in enumerate(file.regions):
        if region in earlier.regions:
            yield ("regions", at), f"the policy {earlier.policy!r} is in force for {region!r} on some of the same days"


def _overlap(one: Effective, other: Effective) -> bool:
    return (one.until is None or other.since < one.until) and (other.until is None or one.since < other.until)


def _who_is_local(
    local: LocalityRule, contracts: Mapping[str, Contract], mappings: Mapping[str, MappingFile]
) -> Iterator[tuple[Pointer, str]]:
    question = _question(local.authority, local.question, contracts)
    if isinstance(question, str):
        yield ("who_is_local", question), _unknown(question, local.authority, local.question, contracts)
    elif local.step not in question.steps:
        yield ("who_is_local", "step"), f"the question has no such step; known here: {', '.join(question.steps)}"
    elif len(channels := able(local.authority, local.question, contracts)) > 1:
        yield ("who_is_local", "question"), f"must be on one channel, and stands on {', '.join(channels)}"
    elif (known := _regions(local, question, mappings)) is not None and local.fact not in known:
        yield ("who_is_local", "fact"), unknown("region", local.fact, known)


def _regions(local: LocalityRule, question: Question, mappings: Mapping[str, MappingFile]) -> list[str] | None:
    """The facts of the step that are regions: how a name or a number begins says nothing about a place.

    None where the step is not mapped, which is found elsewhere.
    """
    read = mappings[local.authority].operations.get(question.steps[local.step].operation)
    return [name for name, rule in read.facts.items() if rule.convert == "region"] if read is not None else None


def _sources(file: PolicyFile, contracts: Mapping[str, Contract]) -> Iterator[tuple[Pointer, str]]:
    joins: dict[tuple[str, str], Join | None] = {}
    for at, rule in enumerate(file.materials):
        yield from ((("materials", at, *pointer), text) for pointer, text in _proofs(rule, contracts))
        yield from ((("materials", at, *pointer), text) for pointer, text in _joined_otherwise(rule, joins))


def _proofs(rule: MaterialRule, contracts: Mapping[str, Contract]) -> Iterator[tuple[Pointer, str]]:
    for at, proof in enumerate(rule.proven_by):
        question = _question(proof.authority, proof.question, contracts)
        if isinstance(question, str):
            yield ("proven_by", at, question), _unknown(question, proof.authority, proof.question, contracts)
            continue
        if rule.guardianship is None and any("guardian" in step.about for step in question.steps.values()):
            yield ("proven_by", at, "question"), "asks about a guardian, whom this material does not know"
        yield from ((("proven_by", at, *pointer), text) for pointer, text in _join(proof, contracts))


def _join(proof: Proof, contracts: Mapping[str, Contract]) -> Iterator[tuple[Pointer, str]]:
    """A question on several channels needs a join, of channels that are there, can answer it, and stand there once."""
    channels = able(proof.authority, proof.question, contracts)
    if proof.join is None:
        if len(channels) > 1:
            yield (
                ("question",),
                f"stands on several channels ({', '.join(channels)}): a 'join' must say how they are asked",
            )
        return
    known = contracts[proof.authority].channels
    for at, name in enumerate(proof.join.channels):
        if name not in known:
            near = nearest(name, known)
            hint = f"; did you mean {near!r}?" if near else f"; known here: {', '.join(known)}"
            yield ("join", "channels", at), f"unknown channel{hint}"
        elif name not in channels:
            yield ("join", "channels", at), f"this channel does not answer {proof.question!r}"
        elif name in proof.join.channels[:at]:
            yield ("join", "channels", at), "this channel stands here twice"


def _joined_otherwise(rule: MaterialRule, joins: dict[tuple[str, str], Join | None]) -> Iterator[tuple[Pointer, str]]:
    """A question is asked once for all materials, so every material must join its channels alike."""
    for at, proof in enumerate(rule.proven_by):
        if joins.setdefault((proof.authority, proof.question), proof.join) != proof.join:
            yield ("proven_by", at), "the same question is joined in another way above, and it is asked only once"


def able(authority: str, question: str, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    """The authority's channels that answer the question, in the order of its contract."""
    return tuple(name for name, channel in contracts[authority].channels.items() if question in channel.questions)


def _question(authority: str, question: str, contracts: Mapping[str, Contract]) -> Question | str:
    """The question, or which of the two words is wrong."""
    if authority not in contracts:
        return "authority"
    channels = contracts[authority].channels.values()
    return next((channel.questions[question] for channel in channels if question in channel.questions), "question")


def _unknown(what: str, authority: str, question: str, contracts: Mapping[str, Contract]) -> str:
    if what == "authority":
        word, known = authority, sorted(contracts)
    else:
        word = question
        known = sorted({name for channel in contracts[authority].channels.values() for name in channel.questions})
    near = nearest(word, known)
    return f"unknown {what}" + (f"; did you mean {near!r}?" if near else f"; known here: {', '.join(known)}")
