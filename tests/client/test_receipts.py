"""Receipts at the consumer's: fetched over a signed answer, and checked offline by one plain command."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.client import BadAnswer, Unsendable
from gateway.client import receipts as offline
from tests.client.gateway_double import Asking, GatewayDouble
from tests.proofs.receipted import ANSWER, QUESTION, Receipted

MADE = Receipted()


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    parts = {"receipt": MADE.file(), "keys": MADE.document(), "question": QUESTION, "answer": ANSWER}
    for name, content in parts.items():
        (tmp_path / name).write_bytes(content)
    return [str(tmp_path / name) for name in parts]


def test_a_receipt_is_fetched_as_the_file_that_is_kept(gateway: GatewayDouble, asking: Asking):
    gateway.document = MADE.file() + b"   "
    assert asking.receipt("v-1") == MADE.file()
    assert gateway.seen[-1].url.path == "/v1/verifications/v-1/receipt"


def test_what_is_no_json_is_no_receipt(gateway: GatewayDouble, asking: Asking):
    gateway.document = b"not json"
    with pytest.raises(BadAnswer):
        asking.receipt("v-1")
    with pytest.raises(Unsendable):
        asking.receipt("../v-1")


def test_the_plain_command(files: list[str], capsys: pytest.CaptureFixture[str]):
    assert offline.main(files) == 0
    shown = capsys.readouterr().out
    assert "[ok] 问题 question: 已证实 proved" in shown
    assert "[ok] 来源 source: household_registry.query：answered，等级 grades B/A" in shown
    assert "[ok] 见证 witness: witness.example/w1 2026-11-23T00:00:04.000Z" in shown
    assert offline.main(files[:2]) == 0
    assert "[  ] 问题 question: 未提供文件 no file given" in capsys.readouterr().out


def test_its_exit_codes(files: list[str], capsys: pytest.CaptureFixture[str]):
    receipt, _, question, _ = map(Path, files)
    assert offline.main([]) == offline.main([files[0], "nowhere"]) == 2
    assert offline.main([files[0], str(question)]) == 2
    assert offline.main([files[0], files[1], files[3], files[3]]) == 1
    receipt.write_bytes(MADE.file(proved=False))
    assert offline.main(files) == 3
    receipt.write_bytes(MADE.file().replace(b"proof", b"proog"))
    assert offline.main(files) == 1
    assert "[!!] file_malformed" in capsys.readouterr().out
