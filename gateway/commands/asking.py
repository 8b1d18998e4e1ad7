"""`gateway verify`: one question from a file, signed and sent as a consumer would, and the decision in words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.table import Table

from gateway.client import Answer, AnswerNotTrusted, Client, ClientError, Material, Problem, Unreached
from gateway.client.conversation import PublicKey
from gateway.clock import Clock, SystemClock
from gateway.commands.screen import Exit, console, failures, say, say_json
from gateway.contract.files import FileModel, load_or_raise
from gateway.security import connections
from gateway.settings import CallerTls, command_name

TRIES = 3
PROVED_AFTER_SECONDS = 1.2
"""A checkpoint is signed every second."""

COLOURS = {
    "confirmed": "green",
    "contradicted": "red",
    "no_record": "red",
    "undetermined": "yellow",
    "not_applicable": "dim",
}


class CounterFile(FileModel):
    """`counter.yaml`: how a consumer reaches the gateway. Files are relative to its folder."""

    url: str
    key_id: str
    private_key: str
    gateway_keys: dict[str, str] | str
    """Public keys by id, each in a file; or the file that `gateway keys export` wrote."""
    tls: CallerTls | None = None
    """For an https url whose CA is not one of the usual, or that wants to be shown a certificate."""


def client(home: Path, counter: str) -> Client:
    """The consumer's client as its file says.

    Raises:
        BrokenFiles: the file does not say what it must.
        UnusableTls: a file that it names cannot be used.
    """
    path = home / counter
    named = load_or_raise(path, CounterFile)
    return Client(
        named.url,
        keyid=named.key_id,
        private_key=path.parent / named.private_key,
        gateway_keys=_gateway_keys(path.parent, named.gateway_keys),
        tls=connections.consumer(path.parent, named.tls) if named.tls is not None else None,
    )


def _gateway_keys(folder: Path, named: dict[str, str] | str) -> dict[str, PublicKey] | Path:
    if isinstance(named, str):
        return folder / named
    return {keyid: folder / file for keyid, file in named.items()}


def verify(home: Path, counter: str, question: Path, as_json: bool, receipt: Path | None = None) -> Exit:
    """Asks and prints; saves the receipt, never over a file that is there."""
    with failures():
        asking = client(home, counter)
        asked = question.read_bytes()
        if receipt is not None and receipt.exists():
            raise FileExistsError(f"{receipt} is there already")
    with asking:
        try:
            # The file's own bytes, so that the gateway's line and column are those of the file.
            answer = asking.verify(asked)
            kept = None if receipt is None else _receipt(asking, answer.verification_id, SystemClock())
        except Problem as problem:
            _refused(problem, question, as_json)
            return Exit.USAGE
        except ClientError as error:
            detail = f"{error}{_hint(error)}"
            say_json({"error": type(error).__name__, "detail": detail}) if as_json else say(detail)
            return Exit.UNDETERMINED if isinstance(error, Unreached) else Exit.USAGE
    if receipt is not None and kept is not None:
        with failures(), receipt.open("xb") as new:
            new.write(kept)
    if as_json:
        say_json(answer.raw)
    else:
        show(answer)
    return outcome(answer.materials)


def _receipt(asking: Client, verification_id: str, clock: Clock) -> bytes:
    """With its proof, where a checkpoint covers the answer within a few seconds; else without."""
    for _ in range(TRIES):
        receipt = asking.receipt(verification_id)
        if json.loads(receipt)["proof"] is not None:
            break
        asyncio.run(clock.sleep(PROVED_AFTER_SECONDS))
    return receipt


def outcome(materials: Iterable[Material]) -> Exit:
    """The exit code of an answer: the worst of its materials."""
    codes = {"contradicted": Exit.NO, "no_record": Exit.NO, "undetermined": Exit.UNDETERMINED}
    return max((codes.get(material.verdict, Exit.DONE) for material in materials), default=Exit.DONE)


def show(answer: Answer) -> None:
    """One answer in words, both languages."""
    screen = console()
    if not screen.is_terminal:
        for material in answer.materials:
            say(f"{material.material}: {material.verdict} ({material.reason}), {material.disposition}")
            say(f"  {material.message.zh}\n  {material.message.en}")
            for source in material.sources:
                say(f"  - {source.authority}.{source.channel}: {source.status}, {source.elapsed_ms} ms")
        say(f"receipt {answer.receipt.entry_id} {answer.receipt.entry_hash}")
        return
    table = Table(
        title=f"{answer.verification_id}  {answer.policy}  {answer.as_of}", title_justify="left", expand=False
    )
    for name in ("材料 material", "结论 verdict", "窗口 counter", "说明 message", "来源 sources"):
        table.add_column(name, overflow="fold")
    for material in answer.materials:
        table.add_row(*_row(material))
    screen.print(table)
    screen.print(f"[dim]receipt {answer.receipt.entry_id}  {answer.receipt.entry_hash}[/dim]")


def _row(material: Material) -> tuple[str, ...]:
    colour = COLOURS.get(material.verdict, "white")
    sources = "\n".join(f"{s.authority}: {s.status} ({s.elapsed_ms} ms)" for s in material.sources)
    return (
        material.material,
        f"[{colour}]{material.verdict}[/{colour}]\n[dim]{material.reason}[/dim]",
        material.disposition,
        f"{material.message.zh}\n[dim]{material.message.en}[/dim]",
        sources,
    )


def _hint(error: ClientError) -> str:
    """What usually mends it."""
    if isinstance(error, Unreached):
        return f"; is the gateway running at the url of the counter's file? ({command_name()} serve)"
    if isinstance(error, AnswerNotTrusted):
        return (
            "; 'gateway_keys' in the counter's file must name the key that signed the answer (after a rotation: the file that"
            f" `{command_name()} keys export` writes)"
        )
    return ""


def _refused(problem: Problem, question: Path, as_json: bool) -> None:
    if as_json:
        say_json(problem.raw)
        return
    message: dict[str, Any] = dict(problem.raw.get("message") or {})
    say(f"refused: {problem.code} (HTTP {problem.status})")
    for text in (message.get("zh"), problem.detail):
        if text:
            say(f"  {text}")
    for fault in problem.faults:
        near = f"; did you mean {json.dumps(fault.nearest)}?" if fault.nearest else ""
        place = f"{question}:{fault.line}:{fault.column}: " if fault.line else ""
        where = f"{fault.pointer} " if fault.pointer else ""
        say(f"  {place}{where}{fault.code}, expected: {fault.expected or '-'}{near}")
