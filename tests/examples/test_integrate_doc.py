"""docs/integrate.md as it stands: its blocks run one after the other in a fresh folder, and print what it says."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest
import pytest_asyncio

from gateway.security.doctor.cases import Word
from gateway.web.problems import KINDS
from tests.demands import needs
from tests.system import mocked, site

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "integrate.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
SECONDS = 120

pytestmark = pytest.mark.asyncio(loop_scope="module")


def block(*words: str) -> str:
    """The one block that has all of these in it."""
    (found,) = [text for text in BLOCKS if all(word in text for word in words)]
    return str(found)


@dataclass(frozen=True)
class Reader:
    """Who pastes the blocks: the folder, and the address that replaces the one of the text."""

    folder: Path
    url: str

    async def paste(self, text: str) -> str:
        """What the block prints. The project's own command is that of this environment."""
        text = text.replace("http://127.0.0.1:8650", self.url)
        for tool in ("gateway", "python"):
            text = text.replace(f"python3 dev.py run {tool} ", f"{Path(sys.executable).with_name(tool)} ")
        pipe = asyncio.subprocess.PIPE
        environment = {**os.environ}  # noqa: TID251 - handed on to a shell
        started = await asyncio.create_subprocess_exec(
            "sh", "-eu", "-c", text, stdout=pipe, stderr=pipe, cwd=self.folder, env=environment
        )
        async with asyncio.timeout(SECONDS):
            out, err = await started.communicate()
        assert started.returncode == 0, f"{text}\n{out.decode()}{err.decode()}"
        return out.decode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Reader]:
    """Up to section 4. The test plays the operator's two servers, on free ports."""
    folder = tmp_path_factory.mktemp("integrate")
    (folder / "examples").symlink_to(ROOT / "examples")
    async with site(folder / "mygateway") as here:
        new = Reader(folder, f"http://127.0.0.1:{here.sockets[0].getsockname()[1]}")
        for words in (("openssl genpkey",), ("consumer: intake",), ("cp intake/intake.yaml",), ("case_number",)):
            await new.paste(block(*words))
        async with mocked(here), here.serving():
            yield new


EXPECTED = "verified: HTTP 200\nguardianship_proof: confirmed (waived)\n"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("sh examples/curl/ask.sh", "\nsh "), id="curl", marks=needs("curl", "openssl")),
        pytest.param(("examples/python/ask.py",), id="python", marks=needs("openssl")),
        pytest.param(("examples/node/ask.mjs",), id="node", marks=needs("node", "openssl")),
        pytest.param(("examples/java/Ask.java",), id="java", marks=needs("java", "openssl")),
    ],
)
async def test_each_of_the_four_gets_the_answer_that_the_page_promises(words: tuple[str, ...], reader: Reader):
    (text,) = [found for found in BLOCKS if all(word in f"\n{found}" for word in words)]
    assert await reader.paste(text) == EXPECTED
    assert f"```\n{EXPECTED}```" in TEXT


@needs("curl", "openssl")
async def test_the_doctor_explains_what_curl_wrote_down(reader: Reader):
    out = await reader.paste(block("signature explain"))
    assert out.startswith(EXPECTED)
    assert "签名正确 the signature verifies" in out


async def test_every_block_is_tried_here_or_is_one_of_the_operators():
    operators = [text for text in BLOCKS if re.search(r"gateway (init|mocks|serve) ", text)]
    assert (len(BLOCKS), len(operators)) == (12, 3)


async def test_the_codes_and_causes_of_the_table_exist():
    table = TEXT.partition("## 9.")[2].partition("## 10.")[0]
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", table, re.MULTILINE)
    named = {code for codes, _ in rows for code in re.findall(r"`(\w+)`", codes)}
    causes = {cause for _, text in rows for cause in re.findall(r"`(\w+)`[,);]", text)} - {"gw"}
    assert {code for code in KINDS if KINDS[code].status == 401} - {"signature_count"} <= named <= set(KINDS)
    assert len(causes) > 20
    assert causes <= set(get_args(Word))
