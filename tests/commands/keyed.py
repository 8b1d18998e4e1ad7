"""`gateway keys` as a person runs it, and the ring that it leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import Result
from typer.testing import CliRunner

from gateway.commands import ring_files
from gateway.commands.cli import app
from gateway.contract.ring import RingKey


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["keys", *arguments, "--home", str(home)])


def told(home: Path, *arguments: str) -> Any:
    result = run(home, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def ring(home: Path) -> dict[str, RingKey]:
    return {key.id: key for key in ring_files.read(home / "keys" / "ring.yaml").keys}
