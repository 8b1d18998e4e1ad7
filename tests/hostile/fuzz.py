"""Good requests changed at random against the real door: what is let through must be the same signed request still.

    python -m tests.hostile.fuzz --count 1000000 [--seed 1]

Exit code 0: nothing was found. Each finding can be made again from its seed and number.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.web.problems import KINDS
from tests.hostile.mutations import mutated
from tests.hostile.within import PAIRS, Outcome, Within
from tests.wire import PATH, Asked, reading, until_closed

BODIES = (b'{"question": 1}', '{"subject": {"name": "测试子"}}'.encode(), b'{"a": [1, 2, {"b": null}]}')
WEIGHTS = {"ed25519": 6, "ecdsa-p256-sha256": 2, "sm2-sm3": 1}
SIGNED = ("content-type", "content-digest")
_PORT = re.compile(r":[0-9]{1,5}\Z", re.ASCII)


@dataclass
class Report:
    """What came of it."""

    count: int = 0
    taken: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    harmless: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """By their changes: requests that were let through, the same as before."""
    findings: list[str] = field(default_factory=list)

    def text(self) -> str:
        codes = "\n".join(f"  {count:>9}  {code}" for code, count in self.codes.most_common())
        few = ", ".join(f"{'+'.join(names)} ({count})" for names, count in self.harmless.most_common(12))
        return (
            f"{self.count} changed requests, {self.taken} let through (the same request, otherwise written), "
            f"{len(self.findings)} findings\n{codes}\nlet through after: {few}\n" + "\n".join(self.findings)
        )


def seeds(door: Within) -> list[Asked]:
    """Good requests: each algorithm, with a body and without."""
    asked = [door.ask(alg, body) for alg in PAIRS for body in BODIES]
    for alg in PAIRS:
        read = reading(door.ask(alg, b""), f"{PATH}/1", sent={})
        asked.append(read.again(sent=read.signed()))
    return asked


def difference(original: Asked, outcome: Outcome) -> str | None:
    """In what the request that was let through is not the one that was signed; None where it is.

    Nothing here asks the door what it thinks: the request's parts are held against the original's, one by one.
    """
    request, taken = outcome.request, outcome.taken
    assert request is not None
    assert taken is not None
    headers, values, signed = request.headers, original.values(), taken.signed
    is_same = {
        "method": request.method == original.method,
        "path": request.raw_path == taken.path == original.path,
        # A port that a proxy changed does not count (H38): what was signed, and what is verified, is the configured name.
        "authority": [_PORT.sub("", host.lower()) for host in headers.getall("Host")] == [original.authority],
        "body": taken.body == original.body,
        "parameters": headers.getall("Signature-Input") == [original.fields()["Signature-Input"]],
        "sender": (taken.consumer.name, signed.keyid, signed.nonce) == ("counter", original.keyid, original.nonce),
        "meaning": not {"Content-Encoding", "Idempotency-Key"} & {name.title() for name in headers},
    }
    for name in SIGNED if original.method == "POST" else ():
        is_same[name] = [line.strip(" \t") for line in headers.getall(name)] == [values[name]]
    return ", ".join(name for name, same in is_same.items() if not same) or None


def wrong(original: Asked, outcome: Outcome) -> str | None:
    """What must not be, or None."""
    if outcome.taken is not None:
        other = difference(original, outcome)
        return f"another {other} was let through" if other else None
    if outcome.code in ("framing", "incomplete"):
        return None
    if outcome.code == "internal" or KINDS[outcome.code].status != outcome.status:
        return f"refused as {outcome.code}, {outcome.status}"
    return None


def cases(asked: list[Asked], seed: int, count: int) -> Iterator[tuple[Asked, bytes, tuple[str, ...]]]:
    """The changed requests of a seed, always the same."""
    rng = random.Random(seed)
    whole = [(each, each.bytes()) for each in asked for _ in range(WEIGHTS[each.alg])]
    for _ in range(count):
        original, data = rng.choice(whole)
        yield original, *mutated(data, rng)


async def fuzz(door: Within, seed: int, count: int, every: int = 0) -> Report:
    """Sends them all. `every` so many prints how far it is."""
    report = Report()
    for original, data, names in cases(seeds(door), seed, count):
        report.count += 1
        try:
            outcome = await door.send(data)
            found = wrong(original, outcome)
        except Exception as error:
            outcome, found = Outcome(0, "raised"), f"raised {type(error).__name__}"
        report.codes[outcome.code or "taken"] += 1
        if outcome.taken is not None:
            report.taken += 1
            report.harmless[names] += 1
        if found:
            report.findings.append(f"seed {seed}, number {report.count}, {'+'.join(names)}: {found}")
        if every and report.count % every == 0:
            say(f"[fuzz] {report.count}")
    return report


async def over_sockets(address: str, asked: list[Asked], seed: int, count: int) -> Counter[int]:
    """A sample through a whole server, side by side: by the status of what comes back first, 0 where nothing does."""
    sent = [data for _, data, _ in cases(asked, seed, count)]
    found = [
        each.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        for each in await asyncio.gather(*(until_closed(address, data) for data in sent))
    ]
    return Counter(int(each.split(b" ", 2)[1]) if each else 0 for each in found)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    begun = time.process_time()
    report = await fuzz(Within(), given.seed, given.count, every=max(1, given.count // 20))
    say(report.text())
    say(f"seed {given.seed}, {time.process_time() - begun:.0f} s of CPU")
    return 1 if report.findings else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
