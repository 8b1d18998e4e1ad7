"""The till: what every signed request pays, together with its entry, in one transaction."""

from __future__ import annotations

from dataclasses import replace

from gateway import errors, model
from gateway.clock import Clock
from gateway.ledger import acts, entries
from gateway.ledger.tally import Tally
from gateway.ledger.watch import Watch
from gateway.store import tables
from gateway.store.limits import Spending
from gateway.store.sqlite import Store


class Till:
    """Takes nonces and what they cost. Remembers where each consumer's rate stood."""

    def __init__(self, store: Store, clock: Clock, watch: Watch) -> None:
        self._store = store
        self._clock = clock
        self._watch = watch
        self._tally = Tally()
        self._arrivals: dict[str, int] = {}

    def arrival(self, consumer: str) -> int | None:
        """As `Ledger.arrival`."""
        return self._arrivals.get(consumer)

    async def spend(self, signed: model.SignedRequest, spending: Spending, entry: tables.Entry) -> None:
        """The nonce, the consumer's limits and the entry, all or none. Raises Replayed, Limited, Unwritable."""
        await self.add(signed, spending, tables.Addition(entry=entry))

    async def add(self, signed: model.SignedRequest, spending: Spending, addition: tables.Addition) -> None:
        """The same with more than an entry. Raises AlreadyThere as well."""
        claim = tables.Claim(signed.keyid, signed.nonce, signed.created, signed.expires, spending.at)
        try:
            arrival = await self._store.add(replace(addition, claim=claim, spending=spending))
        except errors.Limited as error:
            self._watch.refused(spending.consumer, error)
            if isinstance(error, errors.OverRate):
                self._arrivals[spending.consumer] = error.arrival
                await self._over_rate(spending, error)
            raise
        if arrival is not None:
            self._arrivals[spending.consumer] = arrival

    async def _over_rate(self, spending: Spending, error: errors.OverRate) -> None:
        # An entry each would let one consumer fill the disk by asking; its nonce is not spent either: nothing was done.
        counted = self._tally.count(spending.consumer, spending.at)
        if counted is not None:
            entry_id = self._clock.identifier()
            content = acts.limited(entry_id, spending.consumer, error.code, counted, spending.at)
            await self._store.add(tables.Addition(entry=entries.leaf(content, spending.at)))
