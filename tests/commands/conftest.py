"""An installation with keys, for the tests of the commands that change them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.commands import scaffold
from gateway.contract.folders import load_authorities, shipped


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("keys") / "home"
    folders = load_authorities(shipped())
    ports = {(name, channel): 1 for name, folder in folders.items() for channel in folder.contract.channels}
    scaffold.write(home, folders, scaffold.Addresses(1, 2, ports), SystemClock(), 31)
    return home


@pytest.fixture
def home(keyed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(keyed, tmp_path / "home"))
