"""The wheel carries everything the installed command needs: it works from a folder that knows nothing of the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as an installer would lay it out."""
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(out / "site")
    return out / "site"


def test_the_contracts_are_inside(unpacked: Path) -> None:
    shipped = unpacked / "gateway" / "shipped_contracts"
    here = ROOT / "contracts"
    wanted = {path.relative_to(here) for path in here.rglob("*") if path.is_file()}
    assert {path.relative_to(shipped) for path in shipped.rglob("*") if path.is_file()} == wanted


def test_the_command_works_outside_a_checkout(unpacked: Path, tmp_path: Path) -> None:
    inherited = os.environ  # noqa: TID251 - handed on to a process, nothing is read from it
    env = {**inherited, "PYTHONPATH": str(unpacked), "HOME": str(tmp_path)}
    # PYTHONPATH comes before the editable install, so the wheel's own packages are the ones that run.
    where = "import gateway, mocks; print(gateway.__file__, mocks.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", where], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert all(path.startswith(str(unpacked)) for path in found.stdout.split())
    command = [sys.executable, "-m", "gateway", "demo", "--json"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["scenes"]) >= 11
