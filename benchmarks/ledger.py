"""What the ledger costs: `python -m benchmarks --workload ledger`.

Four figures, each beside its own measure in the same run and in turn with it: entries a second, the audit of a whole
tree, the length of a proof, and the ledger's part of a verification. A ratio is taken within a round; the median of the
rounds is given with the lowest and the highest.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import home, ledger_proof, ledger_share, ledger_store, ledger_verify, people
from benchmarks.ledger_store import Stretch
from benchmarks.parts import Parts
from gateway.contract.folders import load_authorities, shipped

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: rounds of writing, questions in each; leaves of proof and audit; rounds of the share, seconds."""

    rounds: int
    questions: int
    leaves: int
    audited: int
    audit_rounds: int
    share_rounds: int
    share_seconds: float


FULL = Extent(7, 300, 1_000_000, 400_000, 3, 5, 1.0)
QUICK = Extent(1, 60, 10_000, 10_000, 1, 1, 0.3)
_ALONE = 10
"""One entry in so many is enough to see what a commit for each costs."""


async def writing(extent: Extent, tell: Tell) -> dict[str, Any]:
    """The ledger, the store, and plain SQLite with the bytes and the batches of each of them, in turn."""
    found: dict[str, list[Stretch]] = {}
    folders = load_authorities(shipped())
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        at = home.write(Path(folder) / "home", folders, people.crowd(folders))
        parts = Parts.of(at.path)
        for number in range(extent.rounds + 1):
            with tempfile.TemporaryDirectory(dir=folder) as fresh:
                one = await _round(Path(fresh), parts, extent.questions)
            for name, stretch in one.items():
                if number:
                    found.setdefault(name, []).append(stretch)
            tell(f"written, round {number} of {extent.rounds}")
    return {"rates": {name: _rates(each) for name, each in found.items()}, **_ratios(found)}


async def _round(folder: Path, parts: Parts, questions: int) -> dict[str, Stretch]:
    ledger = await ledger_store.through_ledger(folder, parts, questions)
    ledger_bytes = ledger_store.plain(folder / "ledger-plain.sqlite3", ledger.rows, ledger.sizes)
    store = await ledger_store.through_store(folder, ledger.rows)
    store_bytes = ledger_store.plain(folder / "store-plain.sqlite3", store.rows, store.sizes)
    few = store.rows[::_ALONE]
    alone = ledger_store.plain(folder / "alone.sqlite3", few, [1] * len(few))
    return {"ledger": ledger, "ledger_plain": ledger_bytes, "store": store, "store_plain": store_bytes, "alone": alone}


def _rates(stretches: Sequence[Stretch]) -> dict[str, float]:
    sizes = [len(each.sizes) for each in stretches]
    return {
        "per_second": round(statistics.median(each.entries / each.seconds for each in stretches)),
        "cpu_us": round(statistics.median(each.cpu / each.entries for each in stretches) * 1e6, 1),
        "writer_us": round(statistics.median(each.writer / each.entries for each in stretches) * 1e6, 1),
        "batch": round(sum(each.entries for each in stretches) / sum(sizes), 1) if all(sizes) else 0,
    }


def _ratios(found: Mapping[str, Sequence[Stretch]]) -> dict[str, Any]:
    def rate(one: Stretch, other: Stretch) -> float:
        return (one.entries / one.seconds) / (other.entries / other.seconds)

    def cpu(one: Stretch, other: Stretch) -> float:
        return (other.cpu / other.entries) / (one.cpu / one.entries)

    pairs = (("store", "alone"), ("store", "store_plain"), ("ledger", "alone"), ("ledger", "ledger_plain"))
    return {
        f"{one}_of_{other}": {
            kind: _spread([of(a, b) for a, b in zip(found[one], found[other], strict=True)])
            for kind, of in (("rate", rate), ("cpu", cpu))
        }
        for one, other in pairs
    }


def _spread(ratios: Sequence[float]) -> list[float]:
    """Median, lowest, highest."""
    return [round(each, 2) for each in (statistics.median(ratios), min(ratios), max(ratios))]


def auditing(leaves: int, rounds: int) -> dict[str, Any]:
    """CPU us a leaf: SHA-256 alone, and the audit's whole pass over a ledger of those leaves."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        path = Path(folder) / "ledger.sqlite3"
        ledger_verify.fill(path, leaves)
        pairs = [(ledger_verify.bare(leaves), ledger_verify.audited(path)) for _ in range(rounds)]
    each = 1e6 / leaves
    return {
        "leaves": leaves,
        "bare_us": round(statistics.median(alone for alone, _ in pairs) * each, 2),
        "audit_us": round(statistics.median(whole for _, whole in pairs) * each, 2),
        "ratio": _spread([alone / whole for alone, whole in pairs]),
    }


def measured(extent: Extent, run: Callable[[Any], Any], tell: Tell) -> dict[str, Any]:
    """Everything, as a document. `run` runs a coroutine on the gateway's loop."""
    written = run(writing(extent, tell))
    proof = ledger_proof.measured(extent.leaves)
    tell("proofs made and checked")
    audit = auditing(extent.audited, extent.audit_rounds)
    tell("audited")
    share = run(ledger_share.measured(extent.share_rounds, extent.share_seconds, tell))
    return {"writing": written, "audit": audit, "proof": proof, "share": share}


def text(document: Mapping[str, Any]) -> str:
    """The tables, in Markdown."""
    return (
        "\n".join(
            [
                "## The ledger",
                "",
                *_writing(document["writing"]),
                "",
                *_audit(document["audit"]),
                "",
                *_proof(document["proof"]),
                "",
                *_share(document["share"]),
            ]
        )
        + "\n"
    )


_NAMES = {
    "ledger": "the ledger, whole questions",
    "ledger_plain": "plain SQLite, its bytes and batches",
    "store": "the store, entry by entry",
    "store_plain": "plain SQLite, its bytes and batches",
    "alone": "plain SQLite, one commit per entry",
}


def _writing(found: Mapping[str, Any]) -> list[str]:
    lines = ["Durable entries, 32 callers, WAL with synchronous=FULL:", ""]
    lines += [
        "| who | entries/s | CPU us an entry | of it the writer's thread | entries a batch |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, row in found["rates"].items():
        lines.append(
            f"| {_NAMES[name]} | {row['per_second']} | {row['cpu_us']} | {row['writer_us'] or '-'} | {row['batch'] or '-'} |"
        )
    lines += ["", "| ratio | by wall (lowest, highest) | by CPU (lowest, highest) | aim |", "|---|--:|--:|--:|"]
    aims = {"store_of_alone": "5", "store_of_store_plain": "0.5"}
    for name in ("store_of_alone", "store_of_store_plain", "ledger_of_alone", "ledger_of_ledger_plain"):
        row = found[name]
        spread = " | ".join("{:.2f} ({:.2f}, {:.2f})".format(*row[kind]) for kind in ("rate", "cpu"))
        lines.append(f"| {name.replace('_', ' ')} | {spread} | {aims.get(name, '')} |")
    return lines


def _audit(row: Mapping[str, Any]) -> list[str]:
    ratio = "{:.2f} ({:.2f}, {:.2f})".format(*row["ratio"])
    return [
        f"An audit of {row['leaves']} leaves takes {row['audit_us']} CPU us a leaf, SHA-256 of the same leaves in memory"
        f" {row['bare_us']}: {ratio} of bare hashing (aim: 0.3)."
    ]


def _proof(row: Mapping[str, float]) -> list[str]:
    return [
        f"A tlog-proof at {row['leaves']} leaves: at most {row['bytes']} bytes with its checkpoint ({row['hashes']} hashes),"
        f" {row['bytes_with_two_witnesses']} with two witnesses' lines (aim: under 2048); {row['make_us']} us to make from"
        f" hashes in memory, {row['check_us']} us to read and check."
    ]


def _share(found: Mapping[str, Any]) -> list[str]:
    lines = [
        "The server's CPU us for one question, with the ledger and with one that writes nothing (aim: under 0.10):",
        "",
    ]
    lines += ["| workload | with | without | share | rounds | core held |", "|---|--:|--:|--:|---|--:|"]
    for name, row in found.items():
        rounds = " ".join(f"{each:.2f}" for each in row["rounds"])
        lines.append(
            f"| {name} | {row['with_us']} | {row['without_us']} | {row['share']:.3f} | {rounds} | {row['core_held']} |"
        )
    return lines
