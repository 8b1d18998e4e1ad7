"""How the path through the rules is printed: a tree in a terminal, indented lines elsewhere, one document for machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table

from gateway.commands import policy_words as words
from gateway.commands.screen import console, say
from gateway.commands.tree import Node
from gateway.contract.authority import Contract
from gateway.contract.policies import MaterialRule
from gateway.model import Decision, Disposition
from gateway.policy import Path, Policy
from gateway.policy.explaining import Condition, MaterialPath, Passed, Step


def told(path: Path, contracts: Mapping[str, Contract]) -> Node:
    """The path as a tree."""
    others = tuple(Node(words.passed(other.policy.file, other.why), style="dim") for other in path.others)
    if path.policy is None:
        return Node(words.NO_POLICY, others, "red")
    file = path.policy.file
    why = Node(words.because(file, path.region))
    beside = (Node(words.OTHERS, others),) if others else ()
    ages = Node(words.ages(file), style="dim")
    first = (Node(words.first_round(path.who_is_local, contracts), style="cyan"),) if path.who_is_local else ()
    materials = tuple(_material(material, contracts) for material in path.materials)
    absent = tuple(Node(words.absent(name), style="dim") for name in path.absent)
    return Node(words.policy(file), (why, *beside, ages, *first, *materials, *absent), "bold")


def _material(path: MaterialPath, contracts: Mapping[str, Contract]) -> Node:
    rule = path.rule
    settled = path.owed is False
    below = [Node(words.condition(each, settled=settled), style=_STYLES[each.holds]) for each in path.conditions]
    below += [Node(words.branch(where, reason)) for where, reason in path.branches]
    below.append(Node((f"依据：{rule.source.zh}", f"source: {rule.source.en}"), style="dim"))
    if not settled:
        below += [Node(words.step(step, contracts), style="cyan") for step in path.steps]
        below += [Node(words.GUARDIAN_MISSING, style="yellow")] if path.guardian_missing else []
        below.append(Node(words.COUNTER, tuple(Node(words.counter(*each)) for each in counter(rule))))
        below.append(Node(words.officer(rule.officer_may)))
    return Node(words.material(rule.material, path.owed, path.reason), tuple(below), "bold")


_STYLES = {True: "green", False: "red", None: "yellow"}


def counter(rule: MaterialRule) -> Iterator[tuple[Decision, Disposition]]:
    """What the counter does for each verdict that an owed material may get."""
    yield Decision.CONFIRMED, Disposition.WAIVED
    yield Decision.CONTRADICTED, rule.otherwise.contradicted
    yield Decision.NO_RECORD, rule.otherwise.no_record
    yield Decision.UNDETERMINED, Disposition.OFFICER_CHECK


def show_list(policies: Sequence[Policy]) -> None:
    """A table, or lines."""
    screen = console()
    table = Table("政策 policy", "生效 in force", "地区 regions", "材料 materials")
    for policy in policies:
        entry = summary(policy)
        regions = ", ".join(entry["regions"]) if len(entry["regions"]) < 6 else f"{len(entry['regions'])} × 省 province"
        since = f"{entry['from']} – {entry['until'] or '...'}"
        name = f"{policy.name}\n{policy.file.title.zh}\n{policy.file.title.en}"
        table.add_row(name, since, regions, "\n".join(policy.rules))
        if not screen.is_terminal:
            say(f"{policy.name:<16} {since:<25} {regions:<16} {', '.join(policy.rules)}")
            say(f"{'':<16} {policy.file.title.zh} / {policy.file.title.en}")
    if screen.is_terminal:
        screen.print(table)


def summary(policy: Policy) -> dict[str, Any]:
    """One policy for machines. `until` is the first day on which it is over, or null."""
    file = policy.file
    return {
        "policy": policy.name,
        "title": file.title.model_dump(),
        "from": file.effective.since.isoformat(),
        "until": file.effective.until.isoformat() if file.effective.until else None,
        "regions": list(file.regions),
        "materials": list(policy.rules),
    }


def document(path: Path) -> dict[str, Any]:
    """The path for machines. Nothing of the applicant stands in it but an age."""
    return {
        "policy": summary(path.policy) if path.policy else None,
        "region": path.region or None,
        "others": [_passed(other) for other in path.others],
        "who_is_local": _step(path.who_is_local) if path.who_is_local else None,
        "materials": [_entry(material) for material in path.materials],
        "not_in_this_policy": list(path.absent),
    }


def _passed(other: Passed) -> dict[str, Any]:
    zh, en = words.passed(other.policy.file, other.why)
    return {"policy": other.policy.name, "why": other.why, "message": {"zh": zh, "en": en}}


def _entry(path: MaterialPath) -> dict[str, Any]:
    return {
        "material": path.rule.material,
        "owed": {True: "yes", False: "no", None: "depends"}[path.owed],
        "reason": path.reason,
        "conditions": [_condition(each, path.owed is False) for each in path.conditions],
        "branches": {where: {"owed": reason is None, "reason": reason} for where, reason in path.branches},
        "source": path.rule.source.model_dump(),
        "asked": [_step(step) for step in path.steps],
        "guardian_missing": path.guardian_missing,
        "counter": {} if path.owed is False else dict(counter(path.rule)),
        "officer_may": list(path.rule.officer_may),
    }


def _condition(each: Condition, settled: bool) -> dict[str, Any]:
    zh, en = words.condition(each, settled=settled)
    given = {"condition": each.term, "asks": list(each.asks), "has": list(each.has), "holds": each.holds}
    return given | {"message": {"zh": zh, "en": en}}


def _step(step: Step) -> dict[str, Any]:
    join = step.check.join
    return {
        "round": step.round,
        "authority": step.check.authority,
        "question": step.check.question,
        "channels": list(step.channels),
        "join": join.mode if join else None,
        "delay_ms": round(join.delay_seconds * 1000) if join and join.delay_seconds else None,
        "on_divergence": join.on_divergence if join else None,
    }
