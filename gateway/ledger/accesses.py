"""Who asked about somebody, when and why: what the person it was about may see.

    before a page   the view itself is an entry, durable, with its nonce and what it costs
    on a page       what was asked about them, as subject or as guardian, and who looked at this very history
    never           who the other person was, who sat at the counter, what was answered

An entry whose disclosure lies ahead is no part of a history: pages are filled past it, and no cursor is made of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from gateway import clock, errors, model
from gateway.ledger import acts, entries
from gateway.ledger.entries import INTENT
from gateway.ledger.till import Till
from gateway.ledger.watch import Watch
from gateway.security.pseudonyms import CASE, PERSON, Pseudonyms
from gateway.store import accesses
from gateway.store.limits import Spending
from gateway.store.sqlite import Store

AT_ONCE: Final = 256
"""Rows of one read: the writer's thread is nobody's for long."""

Outcome = Literal["answered", "unknown", "open"]
"""`unknown`: it ended without an answer, and nobody knows whether an authority was asked. `open`: it has not ended yet."""


class NoSuchCursor(errors.GatewayError):
    """No entry that this person may see (any more) has this cursor."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose history is wanted, and which page of it. The numbers are canonical; none is ever written."""

    citizen_id: str
    case_numbers: tuple[str, ...] = ()
    """Cases that the asker knows: an entry about one of them is shown with its number."""
    limit: int = 50
    cursor: str | None = None
    """`Page.next` of the page before."""


@dataclass(frozen=True, slots=True)
class Access:
    """One entry as its person sees it. What a view has not is None."""

    entry_id: str
    what: Literal["asked", "viewed"]
    at: str
    """RFC 3339, from the entry."""
    consumer: str
    legal_basis: Sequence[Mapping[str, str]]
    role: Literal["subject", "guardian"] = "subject"
    outcome: Outcome = "answered"
    unit_code: str | None = None
    purpose: str | None = None
    case: str | None = None
    """By pseudonym."""
    case_number: str | None = None
    materials: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first. `next` leads to what is older, None: there is nothing older to see."""

    accesses: tuple[Access, ...]
    next: str | None
    complete_since: float | None
    """Unix seconds: what is older may lack entries that were pruned, or whose epoch is destroyed. None: nothing is lacking."""


class Accesses:
    """Shows people their history. Every view is an entry of it."""

    def __init__(self, store: Store, time: clock.Clock, pseudonyms: Pseudonyms, watch: Watch, till: Till) -> None:
        self._store = store
        self._clock = time
        self._pseudonyms = pseudonyms
        self._watch = watch
        self._till = till

    async def view(self, consumer: str, signed: model.SignedRequest, ground: model.Ground, wish: Wish) -> Page:
        """One page, as it stands after the view was written down; the view itself is on pages asked for later.

        Raises NoSuchCursor, before anything is spent; Replayed, Limited, Unwritable. A crash after the entry is written:
        it tells of a page that perhaps nobody got.
        """
        people = self._pseudonyms.every(PERSON, wish.citizen_id)
        start = await self._start(people, wish.cursor)
        now, entry_id = self._clock.unix(), self._clock.identifier()
        subject = self._pseudonyms.of(PERSON, wish.citizen_id)
        content = acts.access(entry_id, consumer, signed, subject, ground, now)
        spending = Spending(consumer, signed.limits, now, people=(subject,))
        await self._till.spend(signed, spending, entries.leaf(content, now, about=(subject,)))
        self._watch.asked(consumer, entry_id, *people)
        found = await self._visible(people, start, wish.limit + 1, entry_id)
        shown = found[: wish.limit]
        onward = shown[-1]["entry_id"] if len(found) > len(shown) else None
        return Page(await self._told(shown, people, wish.case_numbers), onward, await self._complete_since())

    async def _start(self, people: Sequence[str], cursor: str | None) -> accesses.Position | None:
        if cursor is None:
            return None
        found = await self._store.read(partial(accesses.position, people=people, entry_id=cursor))
        if found is None or self._is_ahead(json.loads(found.body)):
            raise NoSuchCursor("the cursor leads nowhere")
        return found.position

    async def _visible(
        self, people: Sequence[str], start: accesses.Position | None, wanted: int, but: str
    ) -> list[dict[str, Any]]:
        """So many entries that may be shown, as far as there are; but not that one."""
        visible: list[dict[str, Any]] = []
        while len(visible) < wanted:
            read = partial(accesses.before, people=people, position=start, limit=AT_ONCE)
            found = await self._store.read(read)
            contents = (json.loads(each.body) for each in found)
            visible += [each for each in contents if each["entry_id"] != but and not self._is_ahead(each)]
            if len(found) < AT_ONCE:
                break
            start = found[-1].position
        return visible[:wanted]

    def _is_ahead(self, content: Mapping[str, Any]) -> bool:
        """Whether its disclosure is. The texts of our own times sort as the times do."""
        disclosed = content.get("disclose_after")
        return disclosed is not None and disclosed > clock.rfc3339(self._clock.unix())

    async def _told(
        self, shown: Sequence[Mapping[str, Any]], people: Sequence[str], case_numbers: Sequence[str]
    ) -> tuple[Access, ...]:
        asked = [each for each in shown if each["kind"] == INTENT]
        intents = [each["entry_id"] for each in asked]
        verification_ids = [each["verification_id"] for each in asked]
        read = partial(accesses.ends, intents=intents, verification_ids=verification_ids)
        still_open, answered = await self._store.read(read)
        numbers = {case: number for number in case_numbers for case in self._pseudonyms.every(CASE, number)}
        return tuple(
            _asked(each, people, numbers, _outcome(each, still_open, answered))
            if each["kind"] == INTENT
            else Access(each["entry_id"], "viewed", each["viewed_at"], each["consumer"], each["legal_basis"])
            for each in shown
        )

    async def _complete_since(self) -> float | None:
        lost = [_after(entry_id) for entry_id in await self._store.read(accesses.newest_lost)]
        epoch = self._pseudonyms.known_since()
        return max([*lost, *([epoch] if epoch is not None else [])], default=None)


def _asked(content: Mapping[str, Any], people: Sequence[str], numbers: Mapping[str, str], outcome: Outcome) -> Access:
    """Member by member: what is not named here is not shown."""
    return Access(
        content["entry_id"],
        "asked",
        content["asked_at"],
        content["consumer"],
        content["legal_basis"],
        "subject" if content["subject"] in people else "guardian",
        outcome,
        content["unit_code"],
        content["purpose"],
        content["case"],
        numbers.get(content["case"]),
        content["materials"],
    )


def _outcome(content: Mapping[str, Any], still_open: set[str], answered: set[str]) -> Outcome:
    if content["entry_id"] in still_open:
        return "open"
    return "answered" if content["verification_id"] in answered else "unknown"


def _after(entry_id: str) -> float:
    """The whole Unix second after an entry: its id (UUID version 7) begins with the millisecond before it."""
    return int(entry_id[:8] + entry_id[9:13], 16) // 1000 + 1
