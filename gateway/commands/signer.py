"""`gateway keys signer`: a process of its own that holds private keys, so that the one that faces the world need not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gateway import logs
from gateway.commands.loops import run, told_to_stop
from gateway.commands.screen import Exit, failures, say, say_json
from gateway.errors import GatewayError
from gateway.security import keys, references
from gateway.security.signatures import Signer
from gateway.security.signer_process import serving


class BadKeys(GatewayError):
    """The command line does not name keys."""


def serve(socket: Path, named: Sequence[str], as_json: bool) -> Exit:
    """Signs until told to stop. References to files are relative to the folder it is started in."""
    with failures():
        signers = _signers(named)
        logs.configure("json")
        run(_serve(socket, signers, as_json))
    return Exit.DONE


async def _serve(socket: Path, signers: Mapping[str, Signer], as_json: bool) -> None:
    async with serving(socket, signers):
        if as_json:
            say_json({"socket": str(socket), "keys": sorted(signers)})
        else:
            say(f"signer {socket}   ({', '.join(sorted(signers))})")
        await told_to_stop()


def _signers(named: Sequence[str]) -> dict[str, Signer]:
    found: dict[str, Signer] = {}
    for each in named:
        name, _, reference = each.partition("=")
        if not reference or name in found:
            raise BadKeys("each key is NAME=REFERENCE, and no name stands twice")
        found[name] = keys.signer(name, references.read(Path(), reference))
    return found
