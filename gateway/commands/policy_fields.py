"""`gateway policy fields`: per material what is asked, fetched, kept and released, out of the files and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.commands import fields_words as words
from gateway.commands.tree import Node
from gateway.contract.authority import Operation, OperationMapping
from gateway.contract.folders import AuthorityFolder
from gateway.contract.offered import offered
from gateway.ledger.kept import KEPT
from gateway.policy import Policy
from gateway.policy.naming import Source
from gateway.web.answers import Answer

Folders = Mapping[str, AuthorityFolder]


def document(policy: Policy, folders: Folders) -> dict[str, Any]:
    """One policy for machines. `who_is_local` is null where no material hangs on it: then nobody is asked."""
    local = policy.file.who_is_local
    hangs = any(rule.owed.locality is not None for rule in policy.file.materials)
    return {
        "policy": policy.name,
        "who_is_local": _source((local.authority, local.question), policy, folders) if hangs else None,
        "materials": [
            {
                "material": rule.material,
                "sources": [_source((each.authority, each.question), policy, folders) for each in rule.proven_by],
            }
            for rule in policy.file.materials
        ],
        "kept": {form: list(members) for form, members in KEPT.items()},
        "released": sorted(_members(Answer.model_json_schema())),
    }


def _members(schema: dict[str, Any]) -> Iterator[str]:
    """The names of every member of the answer, however deep."""
    yield from schema["properties"]
    for below in schema["$defs"].values():
        yield from (name for name in below.get("properties", {}) if name not in schema["properties"])


def _source(source: Source, policy: Policy, folders: Folders) -> dict[str, Any]:
    authority, question = source
    folder = folders[authority]
    return {
        "authority": authority,
        "question": question,
        "title": folder.contract.title.model_dump(),
        "calls": [
            {
                "channel": name,
                "step": key,
                **_call(folder, name, step.operation, policy.named[source].get(key, frozenset())),
            }
            for name, channel in folder.contract.channels.items()
            if question in channel.questions
            for key, step in channel.questions[question].steps.items()
        ],
    }


def _call(folder: AuthorityFolder, channel: str, key: str, named: frozenset[str]) -> dict[str, Any]:
    operation, mapping = folder.contract.channels[channel].operations[key], folder.mapping.operations[key]
    places = dict(_places(mapping))
    read = {name: path for name, path in places.items() if name in named}
    compared = {name: places[name] for name, rule in mapping.facts.items() if rule.echo is not None}
    control = [*_control(operation), *(mapping.records + path for path in mapping.prefer)]
    used = {*read.values(), *compared.values(), *control}
    return {
        "operation": key,
        "asked": {path: rule.source or "account" for path, rule in mapping.request.items() if rule.value is None},
        "read": read,
        "compared": compared,
        "control": control,
        "never_read": [path for path in offered(folder, channel, operation) if path not in used],
    }


def _places(mapping: OperationMapping) -> Iterator[tuple[str, str]]:
    """Where each fact stands in the reply's tree."""
    yield from ((name, mapping.records + rule.path) for name, rule in mapping.facts.items())
    for rows, table in mapping.rows.items():
        yield from ((f"{rows}/{name}", mapping.records + table.path + rule.path) for name, rule in table.facts.items())


def _control(operation: Operation) -> Iterator[str]:
    """What says how the reply is meant."""
    yield from (path for path in (operation.code, operation.text, operation.count) if path is not None)


def told(found: Mapping[str, Any]) -> Node:
    """The document as a tree."""
    asked = found["who_is_local"]
    local = (Node(words.WHO_IS_LOCAL, (_told_source(asked),), "cyan"),) if asked is not None else ()
    materials = tuple(
        Node(words.material(each["material"]), tuple(_told_source(source) for source in each["sources"]), "bold")
        for each in found["materials"]
    )
    kept = Node(
        words.KEPT, tuple(Node(words.kept(form, members)) for form, members in found["kept"].items()), "magenta"
    )
    released = Node(words.released(found["released"]), style="magenta")
    return Node(words.policy(found["policy"]), (*local, *materials, kept, released), "bold")


def _told_source(source: Mapping[str, Any]) -> Node:
    calls = tuple(Node(words.call(call), tuple(_told_call(call))) for call in source["calls"])
    return Node(words.source(source), calls, "green")


def _told_call(call: Mapping[str, Any]) -> Iterator[Node]:
    yield Node(words.asked(call["asked"]))
    yield Node(words.read(call["read"]))
    yield Node(words.compared([*call["compared"].values(), *call["control"]]))
    yield Node(words.never_read(call["never_read"]), style="yellow" if call["never_read"] else "")
