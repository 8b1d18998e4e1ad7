"""What the clerk reads: both languages, every reason, no two alike."""

from __future__ import annotations

import re

import pytest

from gateway.judging.wording import sentence
from gateway.model import Disposition, Reason


@pytest.mark.parametrize("disposition", list(Disposition))
@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_said_in_both_languages(reason: Reason, disposition: Disposition) -> None:
    said = sentence(reason, disposition)
    assert re.search(r"[\u4e00-\u9fff]", said.zh)
    assert said.zh.endswith("。")
    assert not re.search(r"[\u4e00-\u9fff]", said.en)
    assert re.fullmatch(r"[A-Z].*[a-z0-9]\.", said.en)
    assert len(said.zh) <= 70
    assert len(said.en) <= 200
    assert reason.value not in said.en or "_" not in reason.value


def test_no_two_share_a_sentence() -> None:
    everything = [sentence(reason, disposition) for reason in Reason for disposition in Disposition]
    assert len({said.zh for said in everything}) == len({said.en for said in everything}) == len(everything)


def test_a_timeout_sends_nobody_away() -> None:
    said = sentence(Reason.TIMEOUT, Disposition.OFFICER_CHECK)
    assert said.zh == "对方系统未及时答复。请工作人员人工核实，不要让申请人回去开证明。"
    assert (
        said.en
        == "The other system did not answer in time. An officer checks; do not send the applicant away for paper."
    )


@pytest.mark.parametrize("reason", list(Reason))
def test_only_paper_required_asks_for_paper(reason: Reason) -> None:
    for disposition in Disposition:
        asks = "请一次性告知" in sentence(reason, disposition).zh
        assert asks == (disposition is Disposition.PAPER_REQUIRED)
