"""A consumer may sign with Ed25519, ECDSA P-256 or SM2, and so may the gateway its answers: every pair of them, end to end."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gateway.client import AnswerNotTrusted, AsyncClient
from gateway.security import keys
from tests.rekeying import answer_with
from tests.system import RESIDENCE, Site, System, mocked, site, told

NEW = {"ed25519": keys.new_ed25519, "ecdsa-p256-sha256": keys.new_p256, "sm2-sm3": keys.new_sm2}


def consumers(here: Site, answers: bytes) -> dict[str, AsyncClient]:
    """By algorithm: the counter with a key of it."""
    url = f"http://127.0.0.1:{here.sockets[0].getsockname()[1]}"
    file = here.home / "consumers" / "counter.yaml"
    content = yaml.load(file.read_text("utf-8"), yaml.SafeLoader)
    made = {}
    for alg, new in NEW.items():
        private, public = new()
        content["keys"].append({"id": f"{alg}-key", "public_key": public.decode()})
        made[alg] = AsyncClient(url, keyid=f"{alg}-key", private_key=private, gateway_keys={"gateway-answers": answers})
    file.write_text(yaml.dump(content, allow_unicode=True), "utf-8")
    return made


@pytest.mark.parametrize("answered_in", NEW)
async def test_every_consumer_reads_every_answer(tmp_path: Path, answered_in: str):
    private, public = NEW[answered_in]()
    async with site(tmp_path / "home") as here, mocked(here) as mocks:
        answer_with(here.home, answered_in, private, public)
        asking = consumers(here, public)
        async with here.serving() as running:
            for counter in asking.values():
                system = System(here.home, running, mocks, told()[1], counter, counter)
                answer = await system.ask("P12", materials=[RESIDENCE])
                assert answer.materials[0].verdict == "confirmed"
                assert (await counter.get(answer.verification_id)).receipt == answer.receipt
                await counter.aclose()
            assert mocks.journals


async def test_an_answer_in_another_key_is_not_believed(tmp_path: Path):
    async with site(tmp_path / "home") as here, mocked(here) as mocks:
        asking = consumers(here, keys.new_p256()[1])
        async with here.serving() as running:
            for counter in asking.values():
                with pytest.raises(AnswerNotTrusted):
                    await System(here.home, running, mocks, told()[1], counter, counter).ask(
                        "P12", materials=[RESIDENCE]
                    )
                await counter.aclose()
