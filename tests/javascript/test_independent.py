"""Two JavaScript implementations of RFC 9421: our door accepts what they sign, and they believe what we sign."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from gateway.security import keys
from tests.demands import is_missing, needs
from tests.rekeying import answer_with
from tests.system import Site, mocked, site

HERE = Path(__file__).parent
CLIENTS = ("http-message-sig", "http-message-signatures")
SECONDS = 60

IS_INSTALLED = all((HERE / "node_modules" / name / "package.json").exists() for name in CLIENTS)

pytestmark = [
    needs("node"),
    pytest.mark.skipif(is_missing("javascript", IS_INSTALLED), reason="run: npm ci --prefix tests/javascript"),
    pytest.mark.asyncio(loop_scope="module"),
]


ALGORITHMS = {"ed25519": keys.new_ed25519, "ecdsa-p256-sha256": keys.new_p256}
"""Those that both libraries know; SM2 they do not."""


def rekeyed(here: Site, algorithm: str) -> None:
    """The counter and the gateway's answers with keys of that algorithm."""
    new = ALGORITHMS[algorithm]
    private, public = new()
    (here.home / "keys" / "counter.pem").write_bytes(private)
    file = here.home / "consumers" / "counter.yaml"
    consumer = yaml.load(file.read_text("utf-8"), yaml.SafeLoader)
    consumer["keys"][0]["public_key"] = public.decode()
    file.write_text(yaml.dump(consumer, allow_unicode=True), "utf-8")
    answer_with(here.home, algorithm, *new())


QUESTION: dict[str, Any] = {
    "case_number": "JL2018050200123", "application_date": "2018-05-02", "business_items": ["passport"],
    "purpose": "exit_entry_application", "operator": {"id": "op-0117", "name": "样例警员", "unit_code": "229901000000"},
    "subject": {"citizen_id": "229901201206011035", "name": "测试子"},
    "guardian": {"citizen_id": "229901198805121012", "name": "测试父"}, "materials": ["guardianship_proof"],
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=ALGORITHMS)
async def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[str, str, Path]]:
    """The algorithm, the gateway's URL and the folder of its installation."""
    algorithm = str(request.param)
    async with site(tmp_path_factory.mktemp("javascript") / "home") as here:
        rekeyed(here, algorithm)
        async with mocked(here), here.serving() as running:
            (here.home / "question.json").write_text(json.dumps(QUESTION, ensure_ascii=False), "utf-8")
            yield algorithm, running.url, here.home


@pytest.mark.parametrize("client", CLIENTS)
async def test_it_asks_and_reads_and_believes_both_answers(client: str, served: tuple[str, str, Path]):
    algorithm, url, home = served
    ours, theirs = home / "keys" / "counter.pem", home / "keys" / "answers.pub.pem"
    command = (
        "node",
        str(HERE / f"{client}.mjs"),
        url,
        "counter-test-key",
        str(ours),
        algorithm,
        str(theirs),
        algorithm,
    )
    pipe = asyncio.subprocess.PIPE
    started = await asyncio.create_subprocess_exec(*command, str(home / "question.json"), stdout=pipe, stderr=pipe)
    async with asyncio.timeout(SECONDS):
        out, err = await started.communicate()
    right = {"status": 200, "verified": True, "tampered": False}
    assert json.loads(out) == {"question": right, "reading": right}, err.decode()
