"""The door alone, and a whole system whose counter has keys of every algorithm."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import yaml
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.commands.scaffold import CONSUMER_KEY
from gateway.security import keys
from tests.system import OTHER, OTHER_KEY, Site, System, consumer, mocked, site, told
from tests.web.conftest import door
from tests.wire import Asked

__all__ = ["door"]

MORE = {"ecdsa-p256-sha256": keys.new_p256, "sm2-sm3": keys.new_sm2}


def give_keys(here: Site) -> None:
    """More keys for the counter, their private halves beside its first one."""
    file = here.home / "consumers" / "counter.yaml"
    content = yaml.load(file.read_text("utf-8"), yaml.SafeLoader)
    for alg, new in MORE.items():
        private, public = new()
        (here.home / "keys" / f"{alg}.pem").write_bytes(private)
        content["keys"].append({"id": f"{alg}-test-key", "public_key": public.decode()})
    file.write_text(yaml.dump(content, allow_unicode=True), "utf-8")


def asked_with(system: System, alg: str, **changes: Any) -> Asked:
    """The counter's question, signed with its key of that algorithm."""
    private = system.home / "keys" / f"{alg}.pem"
    if alg not in MORE:
        key = load_pem_private_key((system.home / "keys" / "counter.pem").read_bytes(), None)
        return system.asked(key=key, **changes)
    key = keys.signer(f"{alg}-test-key", private)
    asked = system.asked(key=key, keyid=key.keyid, alg=alg, **changes)
    return asked.again(sent=asked.signed())  # once: signed again it would be another signature


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hostile(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """A running system for a module whose tests say `pytest.mark.asyncio(loop_scope="module")`."""
    async with site(tmp_path_factory.mktemp("hostile") / "home") as here:
        give_keys(here)
        async with (
            mocked(here) as mocks,
            here.serving() as running,
            consumer(here, "counter", CONSUMER_KEY) as counter,
            consumer(here, OTHER, OTHER_KEY) as other,
        ):
            yield System(here.home, running, mocks, told()[1], counter, other)
