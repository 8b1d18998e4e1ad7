"""The witnesses that the settings name: their keys, and how each is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from yarl import URL

from gateway.calling.wire import Wire
from gateway.clock import Clock
from gateway.contract.files import Document
from gateway.errors import GatewayError, Problem
from gateway.ledger.cosigning import MAX_REPLY_BYTES, Post, Prove, Result, Witnessed
from gateway.proofs import notes, proving, witnessing
from gateway.proofs.notes import Kind, NoteKey
from gateway.security import own_keys
from gateway.settings import Settings
from gateway.store import shards
from gateway.store.sqlite import Store


@dataclass(frozen=True, slots=True)
class Witness:
    """Who cosigns, and where it is asked."""

    key: NoteKey
    url: URL
    """Of its add-checkpoint."""


def read(home: Path, settings: Settings, document: Document, problems: list[Problem]) -> list[Witness]:
    """Each witness of `audit.witnesses`; what is wrong is added to the problems."""
    found: list[Witness] = []
    for number, given in enumerate(settings.audit.witnesses):
        place = ("audit", "witnesses", number)
        if given.name in {each.key.name for each in found}:
            problems.append(document.problem((*place, "name"), "another witness has this name"))
        try:
            pem = (home / given.public_key).read_text("ascii")
            key = notes.key_of_pem(given.name, Kind.COSIGNATURE, pem)
            found.append(Witness(key, URL(given.url.rstrip("/") + witnessing.PATH)))
        except (GatewayError, ValueError, OSError) as error:
            problems.append(document.problem((*place, "public_key"), own_keys.trouble(error)))
    return found


def asked(
    witnesses: Sequence[Witness], store: Store, wire: Wire, clock: Clock, told: Callable[[str, Result], None]
) -> Iterator[Witnessed]:
    """Each as the shard of this store asks it."""
    for each in witnesses:
        yield Witnessed(each.key, _post(wire, each.url), _prove(store), clock, told)


def _post(wire: Wire, url: URL) -> Post:
    async def post(body: bytes) -> tuple[int, bytes]:
        reply = await wire.post(url, {"Content-Type": "text/plain"}, body, limit=MAX_REPLY_BYTES)
        return reply.status, reply.body

    return post


def _prove(store: Store) -> Prove:
    async def prove(old: int, new: int) -> list[bytes]:
        return await store.read(
            lambda connection: proving.consistency(old, new, partial(shards.hashes, connection, store.shard))
        )

    return prove
