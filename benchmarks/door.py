"""What the door costs: our codec beside the library's and the bare key, and every kind of refusal beside a good request.

`python -m benchmarks --workload door`. One process on one core, CPU time, everything in turn within each round; a ratio is
taken within a round, and the median of the rounds is given. No kernel and no socket: bytes go into the connection.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, MappingKeyResolver, algorithms

from benchmarks.door_inputs import AUTHORITY, GOOD, PATH, Doorstep, hostile
from gateway.clock import SystemClock, from_unix
from gateway.security import digests, keys, signatures
from gateway.security.presented import parse
from gateway.security.profiles import ANSWER_BOUND, BOUND_TO_QUESTION, VERIFY
from gateway.security.signatures import Signer, Verifier
from gateway.web.admission import Lane

ROUNDS, NUMBER = 9, 200
NEW = {"ed25519": keys.new_ed25519, "ecdsa-p256-sha256": keys.new_p256, "sm2-sm3": keys.new_sm2}
_LIBRARY = {"ed25519": algorithms.ED25519, "ecdsa-p256-sha256": algorithms.ECDSA_P256_SHA256}
_BODY = b'{"question": 1}' * 40
_ANSWER = b'{"answer": 1}' * 80


class Codec:
    """One question verified and one answer signed, by ours, by the library, and by the bare key over ready bytes."""

    def __init__(self, alg: str) -> None:
        private, public = NEW[alg]()
        self.signer, self.verifier = keys.signer("k", private), keys.verifier("k", public)
        self.alg, self.private, self.public, self.clock = alg, private, public, SystemClock()
        self.digest = digests.content_digest(_BODY)
        texts = ("POST", AUTHORITY, PATH, "application/json", self.digest)
        self.values = dict(zip(VERIFY.components, texts, strict=True))
        now = int(self.clock.unix())
        self.now = now
        self.given, self.made = signatures.sign(VERIFY, self.values, self.signer, now, now + 120, "n" * 22)

    def ours(self) -> None:
        self._both(self.signer, self.verifier)

    def codec(self) -> None:
        """Ours with a key that costs nothing."""
        key = _NoKey(self.alg)
        self._both(key, key)

    def _both(self, signer: Signer, verifier: Verifier) -> None:
        presented = parse([self.given], [self.made])
        signatures.check(presented, (VERIFY,), self.now)
        digests.require([self.digest], _BODY)
        signatures.verify(presented, self.values, verifier)
        values = {
            '"@status"': "200", '"content-type"': "application/json", '"content-digest"': digests.content_digest(_ANSWER),
            '"@method";req': "POST", '"@authority";req': AUTHORITY, '"@path";req': PATH,
            BOUND_TO_QUESTION: presented.signature_text,
        }  # fmt: skip
        signatures.sign(ANSWER_BOUND, values, signer, self.now, self.now + 120, "m" * 22)

    def library(self) -> Callable[[], None] | None:
        """The same by `http-message-signatures`, its verifier and signer made once."""
        if self.alg not in _LIBRARY:
            return None
        resolver = MappingKeyResolver(public_keys={"k": self.public}, private_keys={"k": self.private})
        algorithm = _LIBRARY[self.alg]
        verifier = HTTPMessageVerifier(signature_algorithm=algorithm, key_resolver=resolver)
        signer = HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=resolver)
        fields = {"Content-Type": "application/json", "Content-Digest": self.digest}
        headers = {**fields, "Signature-Input": self.given, "Signature": self.made}
        asked = SimpleNamespace(method="POST", url=f"https://{AUTHORITY}{PATH}", headers=headers)
        created, expires = from_unix(self.now), from_unix(self.now + 120)

        def both() -> None:
            verifier.verify(asked, max_age=None, expect_tag=VERIFY.tag, expect_label="gw", body=_BODY)
            answer = {"Content-Type": "application/json", "Content-Digest": digests.content_digest(_ANSWER)}
            reply = SimpleNamespace(status_code=200, headers=answer, request=asked)
            signer.sign(
                reply, key_id="k", created=created, expires=expires, nonce="m" * 22, label="gw", tag=ANSWER_BOUND.tag,
                covered_component_ids=ANSWER_BOUND.components, use_existing_digest=True,
            )  # fmt: skip

        return both

    def bare(self) -> Callable[[], None]:
        """The key alone: one verification, one signature."""
        presented = parse([self.given], [self.made])
        data = signatures.base(presented.components, self.values, presented.params_text)
        return _bare(self.signer, self.verifier, presented.signature, data)


@dataclass(frozen=True, slots=True)
class _NoKey:
    alg: str
    keyid: str = "k"

    def sign(self, data: bytes) -> bytes:
        return bytes(64)

    def verify(self, signature: bytes, data: bytes) -> None:
        """Believes it."""


def _bare(signer: Signer, verifier: Verifier, signature: bytes, data: bytes) -> Callable[[], None]:
    def both() -> None:
        verifier.verify(signature, data)
        signer.sign(data)

    return both


Work = Callable[[], Awaitable[Any]]


async def in_turn(works: Mapping[str, Work], rounds: int, number: int) -> dict[str, list[float]]:
    """CPU microseconds of each, by round."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        await work()
    for _ in range(rounds):
        for name, work in works.items():
            gc.collect()
            before = time.process_time()
            for _ in range(number):
                await work()
            found[name].append((time.process_time() - before) / number * 1e6)
    return found


def ratio(found: Mapping[str, list[float]], one: str, other: str) -> float:
    """The median over the rounds of one over the other."""
    return statistics.median(a / b for a, b in zip(found[one], found[other], strict=True))


def _plain(work: Callable[[], None]) -> Work:
    async def once() -> None:
        work()

    return once


async def measured(rounds: int = ROUNDS, number: int = NUMBER) -> dict[str, Any]:
    """Both tables, as a document."""
    codecs = []
    for alg in NEW:
        codec = Codec(alg)
        library = codec.library()
        works = {
            "ours": codec.ours,
            "bare": codec.bare(),
            "codec": codec.codec,
            **({"library": library} if library else {}),
        }
        found = await in_turn({name: _plain(work) for name, work in works.items()}, rounds, number)
        codecs.append(
            {
                "algorithm": alg,
                **{f"{name}_us": round(statistics.median(us), 1) for name, us in found.items()},
                "of_the_bare_key": round(ratio(found, "ours", "bare"), 2),
                "of_the_library": round(ratio(found, "ours", "library"), 2) if library else None,
            }
        )
    async with Doorstep.open() as door:
        inputs = hostile(door)
        works = {name: door.giving(data, code) for name, (data, code) in inputs.items()}
        works["no room"], inputs["no room"] = _without_room(door, *inputs[GOOD])
        found = await in_turn(works, rounds, max(1, number // 4))
    good = GOOD
    rows = [
        {
            "input": name,
            "code": inputs[name][1],
            "us": round(statistics.median(us), 1),
            "of_good": round(ratio(found, name, good), 2),
        }
        for name, us in found.items()
    ]
    return {"codecs": codecs, "inputs": rows}


def _without_room(door: Doorstep, data: bytes, _: str) -> tuple[Work, tuple[bytes, str]]:
    """The good request while as many are in flight, and wait, as may: what a flood costs us for each."""
    inside, refuse = door.entrance.admission, door.giving(data, "overloaded")

    async def once() -> None:
        cap = inside.waiting = inside.inside[Lane.COUNTER] = inside.cap
        await refuse()
        inside.waiting -= cap
        inside.inside[Lane.COUNTER] -= cap

    return once, (data, "overloaded")


_BETWEEN = (
    "The codec alone is ours with a key that does nothing. Ours takes more than the key and the codec together: run in turn,",
    "each finds colder caches than in a loop of its own. The key alone is more than a tenth of the library.",
)
_HOW = (
    "From the bytes on a new connection to the signed answer. The good request's handler reads the question and answers",
    "at once: what it goes on to cost in the gateway (policy, two entries of the ledger, four authorities) is not in its 1.00.",
)


def text(document: Mapping[str, Any]) -> str:
    """The tables, in Markdown."""
    lines = [
        "## The door",
        "",
        "One question verified and one answer signed, CPU us (aim: 0.1 of the library, 1.5 of the bare key):",
        "",
    ]
    lines += [
        "| algorithm | ours | library | bare key | codec alone | of the library | of the bare key |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in document["codecs"]:
        lines.append(
            f"| {row['algorithm']} | {row['ours_us']} | {row.get('library_us', '-')} | {row['bare_us']} | {row['codec_us']} "
            f"| {row['of_the_library'] or '-'} | {row['of_the_bare_key']} |"
        )
    lines += ["", *_BETWEEN, "", *_HOW, ""]
    lines += ["| input | answer | CPU us | of a good request |", "|---|---|--:|--:|"]
    lines += [
        f"| {row['input']} | {row['code'] or '200'} | {row['us']} | {row['of_good']:.2f} |"
        for row in document["inputs"]
    ]
    return "\n".join(lines) + "\n"
