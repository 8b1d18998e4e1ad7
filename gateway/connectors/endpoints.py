"""What a connector is made with: where a channel is and who we are there, and what all connectors share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from yarl import URL

from gateway.calling.breaker import Breaker
from gateway.calling.exchange import Record
from gateway.calling.join import Conclusive, Diverged, Hedged
from gateway.calling.quota import Accounts
from gateway.calling.settle import Observe
from gateway.calling.single_flight import Flights
from gateway.calling.tasks import Tasks
from gateway.calling.way import Way
from gateway.calling.wire import Wire
from gateway.clock import Clock
from gateway.contract.authority import Suite
from gateway.policy.naming import Named
from gateway.security.keys import Signer, Verifier
from gateway.security.reloading import Reloaded
from gateway.security.wsse import SoapSigner, SoapVerifier


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a channel is, whom we believe there, and our account with them; every secret already read."""

    url: str
    account: Mapping[str, str] = field(repr=False)
    verifier: Verifier | None = None
    soap_verifier: SoapVerifier | None = None
    suite: Suite = "international"
    rid: str | None = None
    """Our requester id on the sharing platform, for a channel that goes through it."""
    app_key: str | None = field(default=None, repr=False)
    tls: Reloaded | None = None
    """For an https url."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What all connectors share."""

    wire: Wire
    clock: Clock
    signers: Mapping[Suite, Signer]
    soap_signer: SoapSigner
    tasks: Tasks
    """Owns what outlives a question: calls that lost a race, secrets being renewed. Ends before the wire does."""
    named: Mapping[str, Named]
    """By policy: the facts that it names, which are all that is read of a reply to its questions."""
    conclusive: Conclusive
    observe: Observe
    diverged: Diverged
    hedged: Hedged
    record: Record
    refreshed: Callable[[str, str, bool], None]
    """Told of every refresh of a platform secret: authority, channel, whether it worked."""
    watched: Callable[[str, str, Breaker], None] = lambda *_: None
    """Told of every channel's breaker as it is made, for those who show it."""
    processes: int = 1
    """How many gateways share what a contract allows at once."""
    accounts: Accounts | None = None
    """Of the quotas; None where nobody counts: in a benchmark, in a test of something else."""
    flights: Flights | None = None
    """What may be shared; None where nothing is."""

    def way(self, endpoint: Endpoint) -> Way:
        """How an endpoint is asked, and nobody else."""
        return Way(self.wire, self.clock, URL(endpoint.url), endpoint.tls)


class Unpaired(ValueError):
    """A contract and an endpoint that do not fit: the text says what is missing."""
