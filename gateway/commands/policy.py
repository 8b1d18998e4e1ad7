"""`gateway policy explain`, `list` and `fields`: the dated rules, laid open without asking anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gateway import installation
from gateway.commands import policy_fields, policy_text, question_file, tree
from gateway.commands.contracts import folder_of
from gateway.commands.screen import Exit, failures, say, say_json
from gateway.contract.authority import Contract
from gateway.contract.words import unknown
from gateway.errors import Refused
from gateway.policy import Policy, explain


def explain_request(home: Path | None, request: Path, as_json: bool) -> Exit:
    """Prints the path of one question. No policy in force: `NO`. A question that the gateway would refuse: `USAGE`."""
    with failures():
        contracts, policies = read(home)
        body = request.read_bytes()
    try:
        path = explain(policies, contracts, question_file.verification(body))
    except Refused as refused:
        question_file.say_refused(request, refused, as_json)
        return Exit.USAGE
    if as_json:
        say_json(policy_text.document(path))
    else:
        tree.show(policy_text.told(path, contracts))
    return Exit.DONE if path.policy is not None else Exit.NO


def list_all(home: Path | None, as_json: bool) -> Exit:
    """Prints every policy: from when until when, where, and which materials it knows."""
    with failures():
        _, policies = read(home)
    if as_json:
        say_json({"policies": [policy_text.summary(policy) for policy in policies]})
    else:
        policy_text.show_list(policies)
    return Exit.DONE


def fields(home: Path | None, name: str | None, as_json: bool) -> Exit:
    """Prints what each policy, or the one named, asks, fetches, keeps and releases. A policy that is not there: `USAGE`."""
    with failures():
        folders, policies = installation.read_contracts(folder_of(home))
    chosen = [policy for policy in policies if name is None or policy.name == name]
    if not chosen:
        known = {policy.name for policy in policies}
        say(unknown("policy", name or "", known))
        return Exit.USAGE
    found = [policy_fields.document(policy, folders) for policy in chosen]
    if as_json:
        say_json({"policies": found})
    else:
        for each in found:
            tree.show(policy_fields.told(each))
    return Exit.DONE


def read(home: Path | None) -> tuple[Mapping[str, Contract], Sequence[Policy]]:
    """The contracts and policies of an installation, the oldest first; those that this program ships where there is none.

    Raises:
        BrokenFiles: with every problem of every file.
    """
    folder = folder_of(home)
    authorities, policies = installation.read_contracts(folder)
    ordered = sorted(policies, key=lambda policy: (policy.file.effective.since, policy.name))
    return {name: found.contract for name, found in authorities.items()}, ordered
