"""What the commands of an auditor print, in both languages and for machines."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from gateway.commands.ledger_words import MEANINGS
from gateway.commands.screen import say, say_json
from gateway.ledger.audits import Audit
from gateway.ledger.flaws import Flaw

STAGES: Final[Mapping[str, str]] = {
    "tree": "树 tree",
    "meanings": "条目 entries",
    "export": "导出 export",
    "copy": "复制 copy",
}
_NO_PROOF: Final[Mapping[str, tuple[str, str]]] = {
    "no_entry": ("账本中没有该条目", "the ledger has no such entry"),
    "uncovered": ("尚无检查点覆盖该条目，请稍后再试", "no checkpoint covers the entry yet: try again in a second"),
}


def document(audit: Audit) -> dict[str, Any]:
    """For machines."""
    return {
        "verified": not audit.flaws.counts and not audit.unsigned,
        "shards": [
            {"shard": shard.number, "entries": shard.size, "covered": shard.covered, "pruned": shard.pruned}
            for shard in audit.shards
        ],
        "agreed": list(audit.agreed),
        "unsigned": list(audit.unsigned),
        "flaws": [
            asdict(flaw) | dict(zip(("zh", "en"), MEANINGS[flaw.kind], strict=True)) for flaw in audit.flaws.found
        ],
        "omitted": audit.flaws.omitted,
    }


def show(audit: Audit) -> None:
    """For a person: each shard, each flaw with its place and what it means, and what it comes to."""
    for shard in audit.shards:
        say(f"分片 {shard.number}：{shard.size} 条，检查点覆盖 {shard.covered} 条，已清除正文 {shard.pruned} 条")
        say(
            f"  shard {shard.number}: {shard.size} entries, {shard.covered} under its checkpoint, {shard.pruned} pruned"
        )
    for source in audit.agreed:
        say(f"留存的检查点一致：{source}")
        say(f"  agrees with the kept checkpoint {source}")
    for flaw in audit.flaws.found:
        zh, en = MEANINGS[flaw.kind]
        say(f"[{flaw.kind}] {_place(flaw)}{zh}")
        say(f"  {en}")
    if audit.flaws.omitted:
        say(f"另有 {audit.flaws.omitted} 处未列出")
        say(f"  and {audit.flaws.omitted} more")
    for number in audit.unsigned:
        say(f"分片 {number} 没有检查点：无从证明")
        say(f"  shard {number} has no checkpoint: nothing proves it")
    if audit.flaws.counts:
        say(f"账本有 {audit.flaws.counts.total()} 处问题")
        say(f"  the ledger is not as it was written: {audit.flaws.counts.total()} findings")
    elif not audit.unsigned:
        say("账本完整，与签名一致")
        say("  the ledger is whole, and as it was signed")


def _place(flaw: Flaw) -> str:
    parts = [f"shard {flaw.shard}"] if flaw.shard is not None else []
    numbers = [str(each) for each in (flaw.seq, flaw.last) if each is not None]
    parts += ["-".join(dict.fromkeys(numbers))] if numbers else []
    parts += [flaw.source] if flaw.source is not None else []
    return f"{' '.join(parts)}: " if parts else ""


def say_no_proof(code: str, as_json: bool) -> None:
    """Why there is no proof."""
    zh, en = _NO_PROOF[code]
    if as_json:
        say_json({"proof": None, "code": code})
    else:
        sys.stderr.write(f"{zh}\n  {en}\n")


def say_exported(written: Mapping[int, int]) -> None:
    """How many files of each shard are new."""
    for number, count in written.items():
        say(f"分片 {number}：写入 {count} 个文件")
        say(f"  shard {number}: {count} files written")
