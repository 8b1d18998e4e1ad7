"""`gateway ledger witness`: makes a witness's folder, runs it, and shows what it holds."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml
from aiohttp import web

from gateway import logs
from gateway.clock import SystemClock
from gateway.commands.key_files import private
from gateway.commands.loops import run, told_to_stop
from gateway.commands.screen import Exit, failures, say, say_json
from gateway.contract import strict_json
from gateway.contract.files import load_or_raise
from gateway.contract.witness import WitnessFile
from gateway.errors import GatewayError
from gateway.ledger.witness import Held, Witness
from gateway.proofs import notes
from gateway.proofs.notes import Kind, NoteKey
from gateway.security import keys, references
from gateway.security.signatures import Signer, Verifier
from gateway.web.framing import Runner
from gateway.web.witness import application, text

FILE: Final = "witness.yaml"
HELD: Final = "held"
KEY, PUBLIC = "witness.pem", "witness.pub.pem"


class BadWitness(GatewayError):
    """The folder, a key or a document of keys is not what a witness needs."""


def init(home: Path, name: str, port: int, given: Sequence[str], as_json: bool) -> Exit:
    """Writes a new folder: the file, a key, copies of the logs' documents of keys, and room for what it will hold."""
    with failures():
        named = dict(each.split("=", 1) for each in given if "=" in each)
        if not named or len(named) != len(given):
            raise BadWitness("name each log once, as ORIGIN=KEYS.json")
        documents = {origin: Path(file).read_bytes() for origin, file in named.items()}
        files = {origin: f"log-{number}.keys.json" for number, origin in enumerate(documents)}
        secret, public = keys.new_ed25519()
        home.mkdir(parents=True)  # a folder that is there may hold a witness: its key and memory are never replaced
        (home / HELD).mkdir()
        for origin, document in documents.items():
            (home / files[origin]).write_bytes(document)
        private(home / KEY, secret)
        (home / PUBLIC).write_bytes(public)
        logs_named = [{"origin": origin, "keys": file} for origin, file in files.items()]
        tree = {"name": name, "key": f"file:{KEY}", "port": port, "logs": logs_named}
        (home / FILE).write_text(yaml.safe_dump(tree, sort_keys=False), "utf-8")
        _, vkey, _ = _read(home)
    if as_json:
        say_json({"home": str(home), "public_key": str(home / PUBLIC), "vkey": vkey.vkey})
    else:
        say(f"{home}: a witness named {name}. Hand {home / PUBLIC} to whoever runs the log.\n{vkey.vkey}")
    return Exit.DONE


def serve(home: Path, as_json: bool) -> Exit:
    """Cosigns until told to stop."""
    with failures():
        file, key, signer = _read(home)
        known = {log.origin: log_keys(home / log.keys) for log in file.logs}
        logs.configure("json")
        with Held(home / HELD) as held:
            held.all()  # what cannot be read is said now, not at the first submission
            run(_serve(Witness(key, signer, known, held), held, file.port, as_json))
    return Exit.DONE


def show(home: Path, as_json: bool) -> Exit:
    """Of each log the newest checkpoint that it cosigned, and the file to hand to an auditor."""
    with failures():
        held = Held(home / HELD)
        found = [(signed, str(held.path(signed.checkpoint.origin))) for signed in held.all()]
    if as_json:
        heads = [(signed.checkpoint, file) for signed, file in found]
        say_json([{"origin": c.origin, "size": c.size, "root": c.root.hex(), "file": file} for c, file in heads])
        return Exit.DONE
    for signed, file in found:
        say(f"{text(signed)}\n  {file}")
    return Exit.DONE


def log_keys(path: Path) -> list[Verifier]:
    """The keys for checkpoints in a gateway's keys document that count. Raises BadWitness."""
    try:
        listed = strict_json.read(path.read_bytes())["keys"]
        wanted = [key for key in listed if key["use"] == "checkpoints" and key["state"] != "revoked"]
        found = [keys.verifier(key["id"], key["public_key"].encode("ascii")) for key in wanted]
    except (OSError, strict_json.NotJson, LookupError, TypeError, ValueError, AttributeError) as error:
        raise BadWitness(f"{path} is not a document of a gateway's keys") from error
    if not found or any(key.alg != "ed25519" for key in found):
        raise BadWitness(f"{path} must hold keys for checkpoints, of Ed25519")
    return found


def _read(home: Path) -> tuple[WitnessFile, NoteKey, Signer]:
    file = load_or_raise(home / FILE, WitnessFile)
    signer = keys.signer("witness", references.read(home, file.key))
    public = keys.verifier("witness", home / PUBLIC)
    key = notes.key_of(file.name, Kind.COSIGNATURE, public)
    public.verify(signer.sign(b"probe"), b"probe")
    return file, key, signer


async def _serve(witness: Witness, held: Held, port: int, as_json: bool) -> None:
    runner = Runner(application(witness, held, SystemClock()), lambda _: None)
    await runner.setup()
    try:
        listening = socket.create_server(("127.0.0.1", port))
        listening.setblocking(False)
        await web.SockSite(runner, listening).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        say_json({"url": url}) if as_json else say(f"witness {url}   (/add-checkpoint)")
        await told_to_stop()
    finally:
        await runner.cleanup()
