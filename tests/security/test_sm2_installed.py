"""SM2 in an installation's files: made by the scaffold where the extra is there, refused at start-up where they are wrong."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway import installation
from gateway.clock import SystemClock
from gateway.commands import scaffold
from gateway.contract.folders import AuthorityFolder, load_folder, shipped
from gateway.errors import BrokenFiles
from gateway.security import keys, sm2_pem
from tests.security.sm2_cases import POINT

PERMITS = "residence_permit"
OFF_CURVE = sm2_pem.public_pem(POINT[:-1] + bytes((POINT[-1] ^ 1,)))
AT_INFINITY = sm2_pem.public_pem(bytes(64))


def permits() -> dict[str, AuthorityFolder]:
    folder = load_folder(shipped() / "authorities" / PERMITS, [])
    assert folder is not None
    return {PERMITS: folder}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation that knows the residence permit alone."""
    scaffold.write(tmp_path, permits(), scaffold.Addresses(1, 2, {(PERMITS, "share"): 3}), SystemClock(), 31)
    return tmp_path


def told(home: Path, change: Callable[[dict[str, Any]], None]) -> str:
    """What start-up says of the settings, after a change to them."""
    path = home / "gateway.yaml"
    settings = yaml.load(path.read_text("utf-8"), yaml.SafeLoader)
    change(settings)
    path.write_text(yaml.dump(settings), "utf-8")
    try:
        installation.read(home)
    except BrokenFiles as error:
        return "\n".join(str(problem) for problem in error.problems)
    return ""


def told_of_ring(home: Path, change: Callable[[list[dict[str, Any]]], None]) -> str:
    """The same after a change to the ring of our own keys."""
    path = home / "keys" / "ring.yaml"
    tree = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)
    change(tree["keys"])
    path.write_text(yaml.dump(tree), "utf-8")
    return told(home, lambda settings: None)


def endpoint(settings: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = settings["authorities"][PERMITS]["share"]
    return found


def test_the_scaffold_shows_sm2_on_the_residence_permit(home: Path) -> None:
    settings = yaml.load((home / "gateway.yaml").read_text("utf-8"), yaml.SafeLoader)
    mocks = yaml.load((home / "mocks.yaml").read_text("utf-8"), yaml.SafeLoader)
    ring = yaml.load((home / "keys" / "ring.yaml").read_text("utf-8"), yaml.BaseLoader)
    theirs, (ours,) = endpoint(settings), [key for key in ring["keys"] if key["alg"] == "sm2-sm3"]
    assert (settings["suite"], theirs["suite"]) == ("international", "sm")
    assert keys.verifier(theirs["key_id"], home / theirs["public_key"]).alg == "sm2-sm3"
    private = home / ours["key"].removeprefix("file:")
    assert keys.signer(ours["id"], private).alg == "sm2-sm3"
    assert mocks["authorities"][PERMITS]["share"]["caller_key_id"] == ours["id"]
    assert private.stat().st_mode & 0o077 == 0
    assert "residence_permit.share" not in told(home, lambda settings: None)


def test_the_whole_installation_may_be_sm(home: Path) -> None:
    def change(settings: dict[str, Any]) -> None:
        settings["suite"] = "sm"
        del endpoint(settings)["suite"]

    assert "suite" not in told(home, change)


def test_a_suite_that_is_not_there_is_refused(home: Path) -> None:
    assert "suite" in told(home, lambda settings: endpoint(settings).update(suite="national"))


def test_their_key_must_be_of_the_suite(home: Path) -> None:
    said = told(home, lambda settings: endpoint(settings).update(suite="international"))
    assert "their public_key is for sm2-sm3, but the suite is 'international'" in said


def test_our_sm2_key_is_needed(home: Path) -> None:
    said = told_of_ring(home, list.pop)
    assert "the suite 'sm' needs an active key of ours for 'outbound' in the ring" in said


def test_our_keys_must_be_what_the_ring_says(home: Path) -> None:
    def swap(ring: list[dict[str, Any]]) -> None:
        ring[-1]["alg"], ring[-2]["alg"] = ring[-2]["alg"], ring[-1]["alg"]

    said = told_of_ring(home, swap)
    assert "key 'gateway-outbound-sm2': the public key is for sm2-sm3, not ed25519" in said
    assert "key 'gateway-outbound': the public key is for ed25519, not sm2-sm3" in said


@pytest.mark.parametrize("pem", [OFF_CURVE, AT_INFINITY])
def test_an_authoritys_key_off_the_curve_is_refused_at_start_up(home: Path, pem: bytes) -> None:
    (home / "keys" / "mock-residence_permit-share.pub.pem").write_bytes(pem)
    assert "key 'residence_permit-share-test-key': the public key is not a point" in told(home, lambda settings: None)


@pytest.mark.parametrize("pem", [OFF_CURVE, AT_INFINITY])
def test_a_consumers_key_off_the_curve_is_refused_at_start_up(home: Path, pem: bytes) -> None:
    path = home / "consumers" / "counter.yaml"
    consumer = yaml.load(path.read_text("utf-8"), yaml.SafeLoader)
    consumer["keys"][0]["public_key"] = pem.decode()
    path.write_text(yaml.dump(consumer, allow_unicode=True), "utf-8")
    assert "key 'counter-test-key': the public key is not a point of the SM2 curve" in told(home, lambda settings: None)


WITHOUT = f"""
    import sys
    from pathlib import Path
    sys.modules["gmssl_pyx"] = None
    from gateway import installation
    from gateway.clock import SystemClock
    from gateway.commands import scaffold
    from gateway.contract.folders import load_folder, shipped
    from gateway.errors import BrokenFiles
    home = Path(sys.argv[1])
    if not (home / "gateway.yaml").exists():
        folders = {{"{PERMITS}": load_folder(shipped() / "authorities" / "{PERMITS}", [])}}
        scaffold.write(home, folders, scaffold.Addresses(1, 2, {{("{PERMITS}", "share"): 3}}), SystemClock(), 31)
    try:
        installation.read(home)
    except BrokenFiles as error:
        print("\\n".join(str(problem) for problem in error.problems))
"""


def without_the_extra(home: Path) -> str:
    """What start-up says in a process where `gmssl_pyx` cannot be imported."""
    command = [sys.executable, "-c", textwrap.dedent(WITHOUT), str(home)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_without_the_extra_a_new_installation_is_international(tmp_path: Path) -> None:
    said = without_the_extra(tmp_path / "new")
    settings = yaml.load((tmp_path / "new" / "gateway.yaml").read_text("utf-8"), yaml.SafeLoader)
    assert "suite" not in endpoint(settings)
    assert "sm2" not in (tmp_path / "new" / "keys" / "ring.yaml").read_text("utf-8")
    assert "sm2" not in said.lower()


def test_without_the_extra_an_sm_installation_says_what_to_install(home: Path) -> None:
    said = without_the_extra(home)
    install = "SM2 needs the extra 'sm': pip install 'run-once-gateway[sm]'"
    assert f"key 'gateway-outbound-sm2': {install}" in said
    assert f"key 'residence_permit-share-test-key': {install}" in said


def test_which_authorities_are_asked_in_sm2_is_the_callers_choice(tmp_path: Path) -> None:
    at = scaffold.Addresses(1, 2, {(PERMITS, "share"): 3})
    scaffold.write(tmp_path, permits(), at, SystemClock(), 31, in_sm2=())
    settings = yaml.load((tmp_path / "gateway.yaml").read_text("utf-8"), yaml.SafeLoader)
    assert keys.verifier("any", tmp_path / endpoint(settings)["public_key"]).alg == "ed25519"
