"""`gateway init`: a new installation for trying out, and the commands that come next."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.clock import SystemClock
from gateway.commands import scaffold
from gateway.commands.screen import Exit, failures, say, say_json
from gateway.contract.folders import load_authorities, shipped
from gateway.settings import command_name

_QUESTION = {
    "case_number": "JL2018050200123",
    "application_date": "2018-05-02",
    "business_items": ["passport", "hkm_permit"],
    "purpose": "exit_entry_application",
    "operator": {"id": "op-0117", "name": "样例警员", "unit_code": "229901000000"},
    "subject": {"citizen_id": "229901201206011035", "name": "测试子"},
    "guardian": {"citizen_id": "229901198805121012", "name": "测试父"},
    "materials": ["guardianship_proof"],
    "deadline_ms": 8000,
}


def init(folder: Path, port: int, days_back: int, as_json: bool) -> Exit:
    """Writes the installation. Refuses a folder that holds anything, so that no key or ledger is ever overwritten."""
    with failures():
        folders = load_authorities(shipped())
        channels = [(name, channel) for name, found in folders.items() for channel in found.contract.channels]
        ports = {key: port + 10 + at for at, key in enumerate(channels)}
        at = scaffold.Addresses(port, port + 1, ports, port + 10 + len(ports))
        scaffold.write(folder, folders, at, SystemClock(), days_back)
        question = folder / "question.json"
        question.write_text(json.dumps(_QUESTION, ensure_ascii=False, indent=2) + "\n", "utf-8")
    if as_json:
        say_json({"home": str(folder), "port": port, "question": str(question)})
        return Exit.DONE
    say(
        f"{folder}: configuration, test keys, example question and an empty ledger are written. Next, in three terminals:"
    )
    gateway = command_name()
    say(f"  {gateway} mocks  --home {folder}")
    say(f"  {gateway} serve  --home {folder}")
    say(f"  {gateway} verify --home {folder} {question}")
    say(f"and at any time: {gateway} doctor --home {folder}")
    say(f"to make an authority fail for one person: {gateway} faults arm P03 household_registry hang --home {folder}")
    return Exit.DONE
