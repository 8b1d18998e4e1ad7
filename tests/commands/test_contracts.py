"""`gateway contracts list`."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from gateway.commands.cli import app
from gateway.contract.folders import load_authorities, shipped


def test_every_shipped_authority_is_listed_with_its_version() -> None:
    told = json.loads(CliRunner().invoke(app, ["contracts", "list", "--contracts", str(shipped()), "--json"]).stdout)
    folders = load_authorities(shipped())
    assert {each["authority"]: each["sha256"] for each in told["authorities"]} == {
        name: folder.sha256 for name, folder in folders.items()
    }
    assert {each["authority"]: set(each["channels"]) for each in told["authorities"]} == {
        name: set(folder.contract.channels) for name, folder in folders.items()
    }


def test_the_table_names_each_channel() -> None:
    told = CliRunner().invoke(app, ["contracts", "list", "--contracts", str(shipped())]).stdout
    for name, folder in load_authorities(shipped()).items():
        for channel in folder.contract.channels:
            assert any(name in line and channel in line for line in told.splitlines()), (name, channel)


def test_a_broken_folder_is_a_usage_error(tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["contracts", "list", "--contracts", str(tmp_path)])
    assert ended.exit_code == 2
    assert "holds no folder under 'authorities'" in ended.stderr
