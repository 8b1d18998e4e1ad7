"""Random faults at load: nothing lost, nothing wrong, every intent ended.

`python -m tests.paths.storm SECONDS [SEED]` prints what came of it; `test_storm` does a few seconds. The gateway is
`gateway serve` in a process of its own, the authorities are the mocks in this one. While callers ask about the cast,
faults of the whole vocabulary are armed and cleared at random, for one person or for everybody.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.clock import SystemClock
from gateway.commands import scaffold
from gateway.commands.ports import free_ports
from gateway.commands.screen import say
from mocks.arming import EVERYBODY, CannotArm
from mocks.faults import FAULTS
from mocks.server import Mocks, start
from tests.ledger import standing
from tests.roomy import without_quotas
from tests.system import AS_OF, CHANNELS, DAYS_BACK, ROOMY, UNIT, identities, told
from tests.wire import Asked, Reply, exchange

_CLOCK: Final = SystemClock()
CALLERS: Final = 12
DEADLINE_MS: Final = 1200
LIES: Final = {"stale_data"}
"""What no wire shows (an accepted risk, docs/threat-model.md): it may change a verdict."""
STATUSES: Final = ("status_401", "status_403", "status_429", "status_500", "status_502", "status_503", "status_504")
APPLICANTS: Final = (
    ("P12", None, "residence_permit", "residence_permit"),
    ("R06", None, "residence_permit", "residence_permit"),
    ("R07", None, "residence_permit", "residence_permit"),
    ("P08", None, "employment", "social_insurance_proof"),
    ("P03", "P01", None, "guardianship_proof"),
    ("M09", "P16", None, "guardianship_proof"),
    ("M01", "A01", None, "guardianship_proof"),
)


@dataclass
class Storm:
    """One installation under it, and what was answered."""

    home: Path
    authority: str
    mocks: Mocks
    dice: random.Random
    truths: dict[tuple[str, str | None], str] = field(default_factory=dict)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    armed: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    promised: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The verification's id of every answer."""
    _cases: Iterator[int] = field(default_factory=count)

    async def learn(self) -> None:
        """What each applicant's answer is while nothing is wrong."""
        for applicant in APPLICANTS:
            (material,) = (await self._answer(applicant)).json["materials"]
            assert {source["status"] for source in material["sources"]} <= {"answered", "no_record", "not_requested"}
            self.truths[applicant[:2]] = material["verdict"]
        assert set(self.truths.values()) >= {"confirmed", "contradicted", "no_record"}

    async def rage(self, seconds: float) -> None:
        """Callers and faults, side by side, for so long."""
        until = _CLOCK.monotonic() + seconds
        weather = asyncio.ensure_future(self._weather())
        try:
            await asyncio.gather(*(self._caller(until) for _ in range(CALLERS)))
        finally:
            weather.cancel()
            self.mocks.faults.clear()

    async def _caller(self, until: float) -> None:
        while _CLOCK.monotonic() < until:
            applicant = self.dice.choice(APPLICANTS)
            begun = _CLOCK.monotonic()
            reply = await self._answer(applicant)
            self.seconds.append(_CLOCK.monotonic() - begun)
            (material,) = reply.json["materials"]
            truth, verdict = self.truths[applicant[:2]], material["verdict"]
            assert verdict in (truth, "undetermined"), (applicant, truth, material)
            assert verdict != "undetermined" or material["disposition"] == "officer_check"
            self.verdicts[truth, verdict] += 1

    async def _answer(self, applicant: tuple[str, str | None, str | None, str]) -> Reply:
        asked = self._question(applicant)
        reply = await exchange(self.authority, asked.bytes())
        assert reply.status == 200, reply
        receipt = reply.json["receipt"]
        self.promised[receipt["entry_id"]] = receipt["entry_hash"]
        self.asked.append(reply.json["verification_id"])
        return reply

    def _question(self, applicant: tuple[str, str | None, str | None, str]) -> Asked:
        who, guardian, basis, material = applicant
        people = told()[1].people
        body: dict[str, Any] = {
            "case_number": f"JL20180502{next(self._cases):06}", "application_date": AS_OF,
            "business_items": ["passport"], "purpose": "exit_entry_application", "residence_basis": basis,
            "operator": {"id": "op-0117", "name": "样例警员", "unit_code": UNIT}, "materials": [material],
            "subject": {"citizen_id": people[who].citizen_id, "name": people[who].name}, "deadline_ms": DEADLINE_MS,
        }  # fmt: skip
        if guardian:
            body["guardian"] = {"citizen_id": people[guardian].citizen_id, "name": people[guardian].name}
        content = {name: value for name, value in body.items() if value is not None}
        return Asked(self.authority, self._key, SystemClock().unix(), json.dumps(content, ensure_ascii=False).encode())

    @property
    def _key(self) -> Ed25519PrivateKey:
        key = load_pem_private_key((self.home / "keys" / "counter.pem").read_bytes(), None)
        assert isinstance(key, Ed25519PrivateKey)
        return key

    async def _weather(self) -> None:
        """Something goes wrong several times a second, mostly for a few calls; now and then all is well for a while."""
        names = sorted({*FAULTS, *STATUSES} - LIES - {"status_<NNN>"})
        while True:
            authority, channel = self.dice.choice(CHANNELS)
            person = EVERYBODY if self.dice.random() < 0.1 else self.dice.choice(APPLICANTS)[0]
            fault, times = self.dice.choice(names), self.dice.randint(1, 4)
            try:
                self.mocks.arm(person, authority, fault, channel=channel, times=times, seconds=self._seconds(fault))
            except CannotArm:
                continue  # that wire cannot have it
            self.armed[fault] += 1
            is_over = self.dice.random() < 0.05
            if is_over:
                self.mocks.faults.clear()
            # Real time, beside a real process; a lull is long enough for breakers to close again.
            await asyncio.sleep(self.dice.random() * (4.0 if is_over else 0.3))  # noqa: TID251

    def _seconds(self, fault: str) -> float | None:
        longest = FAULTS[fault].seconds if fault in FAULTS else None
        return None if longest is None else self.dice.choice((0.05, 0.3, 2.0))

    def looked_at(self, log: Path) -> None:
        """After the gateway has stopped: fails where something was lost or left open."""
        logs = standing.check(self.home / "ledger.sqlite3")
        assert standing.open_intents(self.home / "ledger.sqlite3") == []
        ends = standing.ends(logs)
        assert [intent for intent, kinds in ends.items() if len(kinds) != 1] == []
        there = {e["entry_id"]: leaf.hex() for each in logs for e, leaf in zip(each.entries, each.leaves, strict=True)}
        assert {entry_id: there.get(entry_id) for entry_id in self.promised} == self.promised
        outcomes = [e for each in logs for e in each.entries if e["kind"] == "outcome"]
        last = {each["verification_id"]: each for each in sorted(outcomes, key=lambda e: e["revision"])}
        assert [each for each in self.asked if last[each]["outcome"] == "pending"] == []
        broke = [line for line in log.read_text("utf-8").splitlines() if ".broke" in line]
        assert broke == [], broke[:3]


async def storm(home: Path, seconds: float, seed: int) -> Storm:
    """A storm from its beginning to the look at what it left. Fails where anything was lost, wrong, or left open."""
    folders, cast, scenarios = told()
    port, admin, *more = free_ports(2 + len(CHANNELS))
    ports = dict(zip(CHANNELS, more, strict=True))
    scaffold.write(home, folders, scaffold.Addresses(port, admin, ports), SystemClock(), DAYS_BACK)
    file, log = home / "gateway.yaml", home / "log.txt"
    settings = yaml.load(file.read_text("utf-8"), yaml.SafeLoader)
    more = {"limits": ROOMY, "log": "json", "contracts": str(without_quotas(home))}
    file.write_text(yaml.dump({**settings, **more}, allow_unicode=True), "utf-8")
    async with start(folders, cast, identities(home), scenarios=scenarios, ports=ports) as mocks:
        one = Storm(home, f"127.0.0.1:{port}", mocks, random.Random(seed))
        with log.open("wb") as out:
            command = (sys.executable, "-m", "gateway", "serve", "--home", str(home))
            root = Path(__file__).parents[2]
            process = await asyncio.create_subprocess_exec(
                *command, stdout=asyncio.subprocess.PIPE, stderr=out, cwd=root
            )
            try:
                assert process.stdout
                assert await process.stdout.readline(), "it did not start"
                await one.learn()
                await one.rage(seconds)
            finally:
                process.terminate()
                ended = await process.wait()
        assert ended == 0
    one.looked_at(log)
    return one


async def _main(seconds: float, seed: int) -> None:
    day = datetime.fromtimestamp(SystemClock().unix(), UTC).date()
    with tempfile.TemporaryDirectory() as folder:
        one = await storm(Path(folder) / "home", seconds, seed)
    times = sorted(one.seconds)
    say(f"{day}: {seconds:.0f} s of random faults, {CALLERS} callers at once, deadline {DEADLINE_MS} ms, seed {seed}")
    say(f"questions {len(times)}, faults armed {sum(one.armed.values())} of {len(one.armed)} kinds")
    median, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    say(f"seconds for an answer: median {median:.3f}, p99 {p99:.3f}, most {times[-1]:.3f}")
    say("truth          answered       count")
    for (truth, verdict), number in sorted(one.verdicts.items()):
        say(f"{truth:14} {verdict:14} {number:5}")
    say("nothing promised was lost, no verdict was wrong, every intent ended once, no answer is pending, nothing broke")


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)))
