"""A receipt, checked offline: `python -m gateway.client.receipts FILE KEYS [QUESTION [ANSWER]]`, from public keys alone.

Nothing is asked of anybody. Exit codes: 0 proved and in the ledger, 1 altered or wrong, 2 usage, 3 not in the ledger yet.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from gateway.clock import rfc3339
from gateway.proofs.receipt_findings import Manual
from gateway.proofs.receipts import Checked, ReceiptRefused, check

__all__ = ["Checked", "ReceiptRefused", "check", "document", "lines"]

GOOD, WRONG, USAGE, NOT_YET = 0, 1, 2, 3

Row = tuple[bool | None, str, str]
"""Whether it is shown (None: neither shown nor refuted); what is asked; what the receipt says."""

MATCHES: Final = {
    "proved": (True, "已证实 proved"),
    "not_given": (None, "未提供文件 no file given"),
    "not_this_one": (False, "不是此文件 not this file"),
    "not_provable": (None, "密钥已按期销毁，无法再证实 its key was destroyed in time: not provable any more"),
}


def exit_code(told: Checked) -> int:
    """How a check ends."""
    if told.is_wrong:
        return WRONG
    return GOOD if told.ledger else NOT_YET


def lines(told: Checked) -> Iterator[Row]:
    """What a receipt tells a person, in both languages."""
    question, answer = told.question, told.answer
    is_shown, said = MATCHES[question.match]
    basis = "".join(f"；{zh} {en}" for zh, en in question.legal_basis)
    yield is_shown, "问题 question", f"{said}；{told.consumer}，{question.purpose}，{question.unit_code}{basis}"
    is_shown, said = MATCHES[answer.match]
    yield is_shown, "答复 answer", f"{said}；{answer.policy}，{told.verification_id}，第 {told.revision} 版 revision"
    for decided in answer.decisions:
        yield True, f"材料 {decided.material}", f"{decided.decision}（{decided.reason}），{decided.disposition}"
        for source in decided.sources:
            grades = f"{source.request_grade or '-'}/{source.reply_grade or '-'}"
            yield True, "来源 source", f"{source.authority}.{source.channel}：{source.status}，等级 grades {grades}"
        if (manual := decided.manual) is not None:
            found = f"{manual.seen}，{manual.where}，{rfc3339(manual.at)}，截图 screenshot {manual.screenshot_sha256}"
            yield True, "人工核查 officer", f"{found}；{manual.operator}，此前 before: {manual.machine}"
    yield True, "时间 time", f"问 asked {rfc3339(question.at)}，答 answered {rfc3339(answer.at)}"
    where = f"{told.origin} #{told.index}"
    if told.ledger is None:
        yield None, "账本 ledger", f"尚未入账 not in the ledger yet；{where}"
        return
    yield True, "账本 ledger", f"已入账 in the ledger；{where}，检查点 checkpoint {told.ledger.size}"
    for name, at in told.ledger.witnessed:
        yield True, "见证 witness", f"{name} {rfc3339(at)}"


def document(told: Checked) -> dict[str, Any]:
    """For machines."""
    question, answer, ledger = told.question, told.answer, told.ledger
    return {
        "verification_id": told.verification_id,
        "revision": told.revision,
        "consumer": told.consumer,
        "keyid": told.keyid,
        "signed_by": told.signed_by,
        "question": {"match": question.match, "purpose": question.purpose, "asked_at": rfc3339(question.at)},
        "answer": {"match": answer.match, "policy": answer.policy, "answered_at": rfc3339(answer.at)},
        "materials": [
            {
                "material": decided.material,
                "decision": decided.decision,
                "reason": decided.reason,
                "disposition": decided.disposition,
                "sources": [{name: getattr(source, name) for name in source.__slots__} for source in decided.sources],
                "manual": _manual(decided.manual),
            }
            for decided in answer.decisions
        ],
        "origin": told.origin,
        "index": told.index,
        "ledger": None
        if ledger is None
        else {"size": ledger.size, "witnessed": [{"name": name, "at": rfc3339(at)} for name, at in ledger.witnessed]},
    }


def _manual(manual: Manual | None) -> dict[str, Any] | None:
    if manual is None:
        return None
    return {
        "operator": manual.operator,
        "seen": manual.seen,
        "where": manual.where,
        "seen_at": rfc3339(manual.at),
        "screenshot_sha256": manual.screenshot_sha256,
        "machine": manual.machine,
    }


def main(arguments: Sequence[str]) -> int:
    """The command: plain lines."""
    if not 2 <= len(arguments) <= 4:
        sys.stderr.write(f"{__doc__}\n")
        return USAGE
    try:
        told = check(*(Path(name).read_bytes() for name in arguments))
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return USAGE
    except ReceiptRefused as error:
        sys.stdout.write(f"[!!] {error.code}\n{error.sentence.zh}\n{error.sentence.en}\n")
        return refused_code(error)
    marks = {True: "[ok]", False: "[!!]", None: "[  ]"}
    sys.stdout.writelines(f"{marks[is_shown]} {name}: {said}\n" for is_shown, name, said in lines(told))
    return exit_code(told)


def refused_code(error: ReceiptRefused) -> int:
    """A keys file that is none, or a library that is not here, says nothing about the receipt."""
    return USAGE if error.code in ("keys_malformed", "algorithm_unavailable", "ledger_unknown") else WRONG


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
