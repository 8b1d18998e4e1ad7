"""The folder of one run: an installation for A with the shipped contracts, and the plain calls that B and C send."""

from __future__ import annotations

import json
import re
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.people import WORKLOADS, Crowd
from gateway.clock import SystemClock
from gateway.commands import scaffold
from gateway.contract.folders import AuthorityFolder, shipped
from gateway.contract.openapi import RestInterface
from gateway.contract.people import Member
from gateway.contract.wsdl import SOAP_ENV
from gateway.installation import SETTINGS

PLAN = "plan.json"
_DAYS_BACK = 36500
_QUOTA = re.compile(r"quota_per_hour: [0-9]+")
_ACCOUNT = {
    "pcsbm": "229901000000",
    "sbh": "TEST-0001",
    "md5": "0" * 32,
    "type": "1",
    "systemCode": "TEST",
    "tradeCode": "NWS0101",
}


@dataclass(frozen=True, slots=True)
class Home:
    """Where everything lies and listens."""

    path: Path
    ports: Mapping[str, int]
    """Of A, B and C."""
    admin: int
    """Of A, for operators."""
    channels: Mapping[tuple[str, str], int]


def write(path: Path, folders: Mapping[str, AuthorityFolder], people: Crowd, suite: str = "international") -> Home:
    """Everything that the servers of one run read. The contracts are the shipped ones but for their hourly quotas.

    With the suite `sm`, every channel that may be asked in it is: the two that are signed by RFC 9421.
    """
    channels = {(name, channel): free_port() for name, f in folders.items() for channel in f.contract.channels}
    ports = {name: free_port() for name in ("A", "B", "C")}
    addresses = scaffold.Addresses(ports["A"], free_port(), channels)
    in_sm2 = [
        name
        for name, f in folders.items()
        if suite == "sm" and any("sm" in c.suites for c in f.contract.channels.values())
    ]
    scaffold.write(path, folders, addresses, SystemClock(), _DAYS_BACK, in_sm2)
    shutil.copytree(shipped(), path / "contracts")
    for contract in (path / "contracts").glob("authorities/*/contract.yaml"):
        contract.write_text(
            _QUOTA.sub("quota_per_hour: 1000000000\n    places: 1000", contract.read_text("utf-8")), "utf-8"
        )
    with (path / SETTINGS).open("a", encoding="utf-8") as settings:
        settings.write("contracts: contracts\n")
        settings.write("limits: {per_minute: 1000000, subjects_per_day: 100000000}\n")
    (path / PLAN).write_text(json.dumps(_plan(folders, channels, people)), "utf-8")
    return Home(path, ports, addresses.admin_port, channels)


def free_port() -> int:
    """A port of loopback on which nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _plan(
    folders: Mapping[str, AuthorityFolder], ports: Mapping[tuple[str, str], int], people: Crowd
) -> dict[str, Any]:
    """By workload, the calls of each round: where to, and which body. About the first of the crowd, whoever asks."""
    return {
        workload.name: [
            [
                _call(folders[authority], operation, ports, people.about(workload)[0], at)
                for at, (authority, operation) in enumerate(calls)
            ]
            for calls in workload.rounds
        ]
        for workload in WORKLOADS
    }


def _call(
    folder: AuthorityFolder,
    operation: str,
    ports: Mapping[tuple[str, str], int],
    about: tuple[Member, Member | None],
    at: int,
) -> dict[str, str]:
    channel = next(name for name, found in folder.contract.channels.items() if operation in found.operations)
    interface = folder.interfaces[channel]
    name = folder.contract.channels[channel].operations[operation].interface
    base = f"http://127.0.0.1:{ports[folder.contract.authority, channel]}"
    subject, adult = about
    other = adult or subject
    rules = folder.mapping.operations[operation].request
    if isinstance(interface, RestInterface):
        numbers = {"person.citizen_id": subject, "other.citizen_id": other}
        tree = {
            path[1:]: numbers[rule.source].citizen_id if rule.source in numbers else f"sample text for {path[1:]}"
            for path, rule in rules.items()
        }
        body, media_type = json.dumps(tree, ensure_ascii=False), "application/json"
        return {"url": base + interface.operations[name].path, "type": media_type, "body": body}
    person = (subject, other)[at % 2] if operation == "person" else subject
    # The walk asks for the two calendar years side by side, and they stand beside each other in the workload.
    document = f"<request><head><aac002>{subject.citizen_id}</aac002><year>{2017 + at % 2}</year></head></request>"
    numbers_of = {"sfzh": person.citizen_id, "sfzh1": subject.citizen_id, "sfzh2": other.citizen_id}
    child = interface.operations[name].render({**_ACCOUNT, **numbers_of, "xml": document}).decode()
    body = f'<soapenv:Envelope xmlns:soapenv="{SOAP_ENV}"><soapenv:Body>{child}</soapenv:Body></soapenv:Envelope>'
    return {"url": base + interface.path, "type": "text/xml; charset=utf-8", "body": body}
