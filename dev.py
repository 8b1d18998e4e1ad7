#!/usr/bin/env python3
"""One door for people and CI: `python3 dev.py demo`, `python3 dev.py test`, `python3 dev.py check`.

Needs Python 3.11 and pip, nothing else: no uv, no venv package, no change to the system's own packages. uv goes into
`.tools/`, everything the project needs into `.venv/`, both inside this folder, exactly as `requirements.lock` says
(versions and SHA-256 of every file). A mirror and a certificate set in pip's configuration are used for uv as well.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
UV = TOOLS / "bin" / "uv"
STAMP = VENV / ".installed"

STEPS = {
    "demo": [["gateway", "demo"]],
    "test": [["pytest"]],
    "check": [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["lint-imports"]],
    "cover": [["pytest", "--cov", "--cov-report="], ["python", "tests/coverage_floor.py"]],
    "bench": [["python", "-m", "benchmarks"]],
    "lock": [],
    "run": [],
}


def main() -> int:
    name, *rest = sys.argv[1:] or ["--help"]
    if name not in STEPS:
        asked_for_help = name in {"-h", "--help"}
        print(__doc__ if asked_for_help else f"unknown command {name!r}", "\ncommands:", ", ".join(STEPS))
        return 0 if asked_for_help else 2
    install_uv()
    if name == "lock":
        return lock()
    install()
    if name == "run":
        return run(rest, is_last=True) if rest else 2
    for step in STEPS[name][:-1]:
        if code := run(step):
            return code
    return run([*STEPS[name][-1], *rest], is_last=True)


def install_uv() -> None:
    if UV.exists():
        return
    # --target keeps out of the system's packages, so PEP 668 has nothing to object to.
    quiet(
        "pip", [sys.executable, "-m", "pip", "install", "--quiet", "--no-cache-dir", "--target", str(TOOLS), "uv>=0.8"]
    )


def install() -> None:
    wanted = hashlib.sha256()
    for part in (ROOT / "requirements.lock", ROOT / "pyproject.toml", Path(sys.executable)):
        wanted.update(part.read_bytes() if part.suffix else str(part.resolve()).encode())
    wanted.update(str(ROOT).encode())
    if STAMP.exists() and STAMP.read_text() == wanted.hexdigest():
        return
    quiet("uv venv", [str(UV), "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(VENV)])
    target = ["--quiet", "--python", str(BIN / "python")]
    quiet("uv sync", [str(UV), "pip", "sync", *target, "--require-hashes", str(ROOT / "requirements.lock")])
    quiet("uv install", [str(UV), "pip", "install", *target, "--no-deps", "--no-build-isolation", "-e", str(ROOT)])
    STAMP.write_text(wanted.hexdigest())


def lock() -> int:
    """Writes requirements.lock anew: one hashed file for every platform, naming no registry."""
    wanted = "pip compile pyproject.toml --universal --python-version 3.11 --extra mocks --extra sm --group dev"
    how = "--generate-hashes --no-emit-index-url --quiet -o requirements.lock"
    command = [str(UV), *wanted.split(), *how.split()]
    return subprocess.call([*command, "--custom-compile-command", "python3 dev.py lock"], cwd=ROOT, env=environment())


def run(command: list[str], *, is_last: bool = False) -> int:
    path = BIN / command[0]
    if not path.exists():
        print(f"[dev] the environment has no command {command[0]!r}", file=sys.stderr)
        return 2
    if is_last and os.name == "posix":
        # In its place, so that a signal meant for the program does not end this one and leave it behind.
        os.chdir(ROOT)
        os.execve(path, [str(path), *command[1:]], environment())
    return subprocess.call([str(path), *command[1:]], cwd=ROOT, env=environment())


def quiet(what: str, command: list[str]) -> None:
    print(f"[dev] {what} ...", file=sys.stderr, flush=True)
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        raise SystemExit(f"[dev] {what} failed; the lines above say why. Nothing outside {ROOT} was changed.")


def environment() -> dict[str, str]:
    """The environment, with pip's own index handed on to uv, so that one mirror setting serves both."""
    env = {
        **os.environ,
        "GATEWAY_COMMAND": "python3 dev.py run gateway",
        "VIRTUAL_ENV": str(VENV),
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(TOOLS / "cache")),
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    for theirs, ours, pip in (
        ("UV_DEFAULT_INDEX", "index-url", "PIP_INDEX_URL"),
        ("SSL_CERT_FILE", "cert", "PIP_CERT"),
    ):
        if theirs not in env and (value := os.environ.get(pip) or pip_settings().get(f"global.{ours}")):
            env[theirs] = value
    return env


@cache
def pip_settings() -> dict[str, str]:
    """What pip's own configuration says, wherever it stands. By `list`: `get` overlooks the machine's own file."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    lines = (line.partition("=") for line in listed.splitlines())
    return {name: value.strip("'") for name, _, value in lines}


if __name__ == "__main__":
    raise SystemExit(main())
