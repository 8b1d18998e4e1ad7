"""Kills a loaded gateway at random points, again and again on one ledger, and looks what became of what it had said.

`python -m tests.ledger.killing 25 [SEED]` prints one row for each kill; `test_killed` does three. The gateway is
`gateway serve` in a process of its own, the authorities are the mocks in this one, the consumers sign by hand.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.clock import SystemClock
from gateway.commands import scaffold
from gateway.commands.ports import free_ports
from gateway.commands.screen import say
from gateway.contract.files import load
from gateway.contract.ring import RingFile
from gateway.ledger.checkpointing import note_keys, origin_of
from gateway.proofs import checkpoints
from gateway.proofs.checkpoints import Checkpoint
from mocks.server import start
from tests.ledger import standing
from tests.system import AS_OF, CHANNELS, DAYS_BACK, ROOMY, UNIT, identities, told
from tests.wire import Asked, Reply, exchange

CALLERS = 12
MOST_EVENTS = 150
"""A kill comes at the latest after so many questions sent or answers received, counted together."""
PEOPLE = ("P12", "P09", "R06", "R07", "P17", "P11")
ORIGIN = "gateway.example/audit"
HOLDERS_GONE = (ConnectionError, asyncio.IncompleteReadError, OSError)


@dataclass
class Life:
    """What one life of the gateway was asked, and what it had answered when it was killed."""

    at_event: int
    asked: list[Asked] = field(default_factory=list)
    answered: list[tuple[Asked, Reply]] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """What the next life found of it."""

    at_event: int
    asked: int
    acknowledged: int
    closed: int
    entries: int
    covered: int
    replays_refused: int
    never_spent: int


class Victim:
    """An installation, and the gateway that lives and dies on it."""

    def __init__(self, home: Path, authority: str, dice: random.Random) -> None:
        self.most_events = MOST_EVENTS
        self.home = home
        self.authority = authority
        self._dice = dice
        key = load_pem_private_key((home / "keys" / "counter.pem").read_bytes(), None)
        assert isinstance(key, Ed25519PrivateKey)
        self._key = key
        self._clock = SystemClock()
        ring, _ = load(home / "keys" / "ring.yaml", RingFile, [])
        assert ring is not None
        self._keys = {0: note_keys(ring, origin_of(ORIGIN, 0))}
        self._cases = count()
        self._heads: list[Checkpoint] = []
        self._closed: set[str] = set()
        self._promised: dict[str, str] = {}

    @property
    def ledger(self) -> Path:
        return self.home / "ledger.sqlite3"

    async def born(self) -> Process:
        """Returns once it takes questions."""
        command = (sys.executable, "-m", "gateway", "serve", "--home", str(self.home))
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, cwd=Path(__file__).parents[2])
        assert process.stdout
        said = await process.stdout.readline()
        assert said, f"it ended with {await process.wait()}"
        assert f"//{self.authority} " in said.decode()
        return process

    async def loaded(self, process: Process) -> Life:
        """Asks with every caller at once, and kills it without warning at a random event."""
        life, events = Life(self._dice.randint(1, self.most_events)), count(1)

        def happened() -> None:
            if next(events) == life.at_event:
                process.kill()

        await asyncio.gather(*(self._caller(life, happened) for _ in range(CALLERS)))
        await process.wait()
        return life

    async def _caller(self, life: Life, happened: Any) -> None:
        while True:
            asked = self._question()
            life.asked.append(asked)
            happened()
            try:
                reply = await exchange(self.authority, asked.bytes())
            except HOLDERS_GONE:
                return
            assert reply.status == 200, reply
            life.answered.append((asked, reply))
            happened()

    def _question(self) -> Asked:
        person = told()[1].people[self._dice.choice(PEOPLE)]
        body = {
            "case_number": f"JL20180502{next(self._cases):05}", "application_date": AS_OF,
            "business_items": ["passport"], "purpose": "exit_entry_application", "residence_basis": "residence_permit",
            "operator": {"id": "op-0117", "name": "样例警员", "unit_code": UNIT}, "materials": ["residence_permit"],
            "subject": {"citizen_id": person.citizen_id, "name": person.name},
        }  # fmt: skip
        return Asked(self.authority, self._key, self._clock.unix(), json.dumps(body, ensure_ascii=False).encode())

    async def looked_at(self, life: Life) -> Found:
        """By the life after it, before anybody asks that one something new. Fails where something was lost."""
        logs = standing.check(self.ledger, self._keys)
        closed = self._every_intent_ended_once(logs)
        self._promises_kept(life, logs)
        self._heads_stand(logs[0])
        refused, never_spent = await self._replayed(life, logs)
        covered = checkpoints.parse(logs[0].checkpoint).checkpoint.size if logs[0].checkpoint else 0
        return Found(
            life.at_event, len(life.asked), len(life.answered), closed, logs[0].size, covered, refused, never_spent
        )

    def _every_intent_ended_once(self, logs: list[standing.Log]) -> int:
        assert standing.open_intents(self.ledger) == []
        ends = standing.ends(logs)
        assert [intent for intent, kinds in ends.items() if len(kinds) != 1] == []
        closed = {intent for intent, kinds in ends.items() if kinds == ["closed"]}
        fresh, self._closed = closed - self._closed, closed
        return len(fresh)

    def _promises_kept(self, life: Life, logs: list[standing.Log]) -> None:
        """Of every life so far: what a receipt named is there, with the hash that it named."""
        for _, reply in life.answered:
            receipt = reply.json["receipt"]
            self._promised[receipt["entry_id"]] = receipt["entry_hash"]
        there = {entry["entry_id"]: leaf.hex() for entry, leaf in zip(logs[0].entries, logs[0].leaves, strict=True)}
        assert {entry_id: there.get(entry_id) for entry_id in self._promised} == self._promised

    def _heads_stand(self, log: standing.Log) -> None:
        """Every head that was ever seen, and the copy that is kept beside the database."""
        kept = self.home / "ledger.checkpoints" / "0"
        for note in (log.checkpoint, kept.read_bytes() if kept.is_file() else b""):
            if note:
                signed = checkpoints.parse(note)
                signed.verify(self._keys[0])
                self._heads.append(signed.checkpoint)
        for head in self._heads:
            standing.begins_with(log, head)

    async def _replayed(self, life: Life, logs: list[standing.Log]) -> tuple[int, int]:
        """Sends everything again: what is on record is refused; what never came in may be asked now, once."""
        signatures = [entry["request_signature"] for entry in logs[0].entries if entry["kind"] == "intent"]
        assert len(set(signatures)) == len(signatures), "one signature, one intent"
        known = {base64.b64decode(each) for each in signatures}
        refused = never_spent = 0
        for asked in life.asked:
            reply = await exchange(self.authority, asked.bytes())
            is_on_record = _signature(asked) in known
            assert is_on_record or all(asked is not each for each, _ in life.answered)
            if is_on_record:
                assert (reply.status, reply.code) == (409, "replay")
                refused += 1
            else:
                assert reply.status == 200, reply
                never_spent += 1
        return refused, never_spent


def _signature(asked: Asked) -> bytes:
    return base64.b64decode(asked.fields()["Signature"].removeprefix("gw=:").removesuffix(":"))


@asynccontextmanager
async def victim(home: Path, dice: random.Random) -> AsyncIterator[Victim]:
    """A new installation with its mocks, until the end of the block."""
    folders, cast, scenarios = told()
    port, admin, *more = free_ports(2 + len(CHANNELS))
    ports = dict(zip(CHANNELS, more, strict=True))
    scaffold.write(home, folders, scaffold.Addresses(port, admin, ports), SystemClock(), DAYS_BACK)
    file = home / "gateway.yaml"
    settings = yaml.load(file.read_text("utf-8"), yaml.SafeLoader)
    file.write_text(yaml.dump({**settings, "limits": ROOMY, "log": "none"}, allow_unicode=True), "utf-8")
    async with start(folders, cast, identities(home), scenarios=scenarios, ports=ports):
        yield Victim(home, f"127.0.0.1:{port}", dice)


async def killed(home: Path, times: int, seed: int, most_events: int = MOST_EVENTS) -> AsyncIterator[Found]:
    """One after the other, each looked at by the next life; the last life is told to stop, and must be signed whole."""
    async with victim(home, random.Random(seed)) as one:
        one.most_events = most_events
        process = await one.born()
        for _ in range(times):
            life = await one.loaded(process)
            process = await one.born()
            yield await one.looked_at(life)
        process.terminate()
        assert await process.wait() == 0
        (log,) = standing.check(one.ledger, one._keys)
        assert checkpoints.parse(log.checkpoint).checkpoint.size == log.size, "a stop signs all that was written"


async def _main(times: int, seed: int) -> None:
    day = datetime.fromtimestamp(SystemClock().unix(), UTC).date()
    say(f"{day}: {times} kills of a gateway with {CALLERS} callers at once, seed {seed}")
    say("kill  at event  asked  acknowledged  closed as unknown  entries  covered  replays refused  never spent")
    with tempfile.TemporaryDirectory() as folder:
        number = 0
        async for found in killed(Path(folder) / "home", times, seed):
            number += 1
            say(
                f"{number:4}  {found.at_event:8}  {found.asked:5}  {found.acknowledged:12}  {found.closed:17}"
                f"  {found.entries:7}  {found.covered:7}  {found.replays_refused:15}  {found.never_spent:11}"
            )
    say("nothing acknowledged was lost, every intent ended once, every tree and head stands, no replay was taken")


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)))
