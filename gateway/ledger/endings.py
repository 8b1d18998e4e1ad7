"""Ends of questions that nobody answers any more: what the consumer finds under the id, and the entry that proves it.

Nobody can be asked again, because no identity number is at rest. So a question without an answer gets one in which nothing is
determined, and one whose answer is pending gets that answer once more, as the last revision.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import structlog

from gateway import clock
from gateway.ledger import entries
from gateway.ledger.entries import Content
from gateway.model import Disposition
from gateway.proofs.merkle import leaf_hash
from gateway.store import checks, lookups, tables
from gateway.store.sqlite import Store

Unanswered = Callable[[Mapping[str, Any], float], bytes]
"""The first revision of a question that was interrupted, from its entry, at that time (Unix seconds): bytes of an answer."""

_ALIKE: Final = ("verification_id", "revision", "policy", "as_of", "outcome", "answered_at")
"""What an answer and its entry say in the same words."""

_log = structlog.get_logger("gateway.ledger")


class Endings:
    """Of the shards of one store. Without `unanswered` it leaves them to a process that knows the policies."""

    def __init__(self, store: Store, time: clock.Clock, unanswered: Unanswered | None) -> None:
        self._store = store
        self._clock = time
        self._unanswered = unanswered

    async def close(self, shard: int, before_ms: int, why: str) -> list[str]:
        """Every intent of the shard that was asked before then and has no end; which. Raises Unwritable."""
        if self._unanswered is None:
            return []
        lost = await self._store.read(partial(lookups.open_intents, shard=shard, before_ms=before_ms))
        for intent_id, verification_id in lost:
            while True:
                try:
                    await self._store.add(await self._closing(intent_id, verification_id, why, self._unanswered))
                    break
                except tables.AlreadyThere:  # an officer's finding came in between
                    continue
            _log.error("intent.closed", intent=intent_id, why=why)
        return [intent_id for intent_id, _ in lost]

    async def _closing(self, intent_id: str, verification_id: str, why: str, unanswered: Unanswered) -> tables.Addition:
        """The entry that ends it, with the answer that it proves."""
        entry_id, now = self._clock.identifier(), self._clock.unix()
        question = (await self._bodies(intent_id))[intent_id]
        if question is None:  # pruned, with everything that an answer could be made of
            bare = entries.closed(entry_id, intent_id, verification_id, why, now)
            return tables.Addition(entry=entries.leaf(bare, now, closes=intent_id))
        asked: Content = json.loads(question)
        read = partial(lookups.newest_answer, verification_id=verification_id, consumer=asked["consumer"])
        newest = await self._store.read(read)
        if newest is None:
            body = unanswered(asked, now)
            content = _said(json.loads(body)) | {"intent_hash": leaf_hash(question).hex(), "evidence": {}}
        else:
            pending, outcome_id, _ = newest
            body = once_more(pending, now)
            before, answer_now = json.loads((await self._bodies(outcome_id))[outcome_id] or b"{}"), json.loads(body)
            content = before | {name: answer_now[name] for name in _ALIKE}
            content.pop("ends", None)
        own = entries.closed(entry_id, intent_id, verification_id, why, now)
        content |= own | {"body_sha256": entries.sha256(body)}
        answer = tables.Answer(verification_id, content["revision"], asked["consumer"], body)
        still = {each["material"]: each["reason"] for each in content["materials"] if _is_left(each)}
        place = asked["consumer"], asked["unit_code"], int(now * 1000)
        left = checks.Left(verification_id, content["revision"], *place, still)
        return tables.Addition(entry=entries.leaf(content, now, closes=intent_id), answer=answer, left=left)

    async def _bodies(self, entry_id: str) -> dict[str, bytes | None]:
        return await self._store.read(partial(lookups.bodies, entry_ids=[entry_id]))


def once_more(body: bytes, now: float) -> bytes:
    """A pending answer as its last revision: what is there, and nothing more will come."""
    answer = json.loads(body)
    answer |= {"revision": answer["revision"] + 1, "outcome": "partial", "answered_at": clock.rfc3339(now)}
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def nothing_known(asked: Mapping[str, Any], now: float) -> bytes:
    """An answer without materials: where nobody has the policies to say which there were."""
    answer = {
        "verification_id": asked["verification_id"],
        "revision": 1,
        "outcome": "partial",
        "policy": asked["policy"],
        "answered_at": clock.rfc3339(now),
        "as_of": asked["application_date"],
        "materials": [],
    }
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _said(answer: Mapping[str, Any]) -> Content:
    """What the answer's entry says, in the words of outcomes."""
    return {name: answer[name] for name in _ALIKE} | {"materials": [_decided(each) for each in answer["materials"]]}


def _is_left(material: Mapping[str, Any]) -> bool:
    return bool(material["disposition"] == Disposition.OFFICER_CHECK)


def _decided(material: Mapping[str, Any]) -> Content:
    same = {name: material[name] for name in ("material", "reason", "disposition", "sources")}
    return {"decision": material["verdict"], **same}
