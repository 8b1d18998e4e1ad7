"""The parts of a running gateway, each made of the installation: what `app` puts together and takes apart."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial

from gateway import __version__
from gateway.calling.quota import Accounts
from gateway.calling.single_flight import Flights
from gateway.calling.tasks import Tasks
from gateway.calling.timings import Timings
from gateway.calling.wire import Wire
from gateway.clock import Clock
from gateway.connectors import Tools, Unpaired, connect, witnesses
from gateway.errors import BrokenFiles, Problem, Unwritable
from gateway.house import House
from gateway.installation import SETTINGS, Installation
from gateway.judging import conclusive_by
from gateway.ledger.checkpointing import LOST_AFTER_SECONDS, Checkpointer
from gateway.ledger.entries import Versions
from gateway.ledger.ledger import Ledger
from gateway.ledger.opening import opened
from gateway.ledger.receipts import Receipts
from gateway.ledger.watch import Watch
from gateway.ledger.witnesses import Witnesses
from gateway.model import Connector, Limits
from gateway.security.grants import Newest
from gateway.store.holds import Holds
from gateway.store.sqlite import Store
from gateway.web import own_keys
from gateway.web.api import Api, Bounds
from gateway.web.calls import Calls
from gateway.web.certificates import Certificates
from gateway.web.door import Door
from gateway.web.draining import way_in
from gateway.web.hosts import Hosts
from gateway.web.interrupted import interrupted
from gateway.web.metrics import Metrics
from gateway.web.waiting import Waiting


async def ledger(
    stack: AsyncExitStack, installation: Installation, clock: Clock, metrics: Metrics
) -> tuple[Store, Ledger, Checkpointer]:
    """Open and checked. At the end all that was written is signed, and the file closed."""
    audit, ring = installation.settings.audit, installation.keys.ring
    alarms = Watch(installation.canaries, metrics.limited, metrics.canary_sighted)
    versions = Versions(
        {each.name: each.sha256 for each in installation.policies},
        {name: folder.sha256 for name, folder in installation.authorities.items()},
    )

    def ledger_on(store: Store) -> Ledger:
        unanswered = partial(interrupted, installation.policies)
        return Ledger(store, clock, installation.keys.pseudonyms, alarms, versions, unanswered)

    store = await opened(installation.ledger_path, audit.origin, ring.current.file, installation.kept, ledger_on)
    stack.push_async_callback(store.close)
    ledger = ledger_on(store)
    checkpointer = Checkpointer(store, clock, audit.origin, lambda: ring.current, installation.kept)
    await ledger.act("started", "gateway", {"version": __version__, "shard": store.shard})
    stack.push_async_callback(checkpointer.sign)
    stack.push_async_callback(_stopped, ledger)
    return store, ledger, checkpointer


async def close_lost(ledger: Ledger, clock: Clock, metrics: Metrics) -> None:
    """Of what this process began itself: an outcome that could not be written leaves a question without an end."""
    metrics.revised("closed", await ledger.close_lost("unwritten", clock.unix() - LOST_AFTER_SECONDS))


async def _stopped(ledger: Ledger) -> None:
    with suppress(Unwritable):  # the next start finds the end as a crash leaves it
        await ledger.act("stopped", "gateway", {})


def require_keys(installation: Installation, clock: Clock) -> None:
    ring = installation.keys.ring.current
    problems = [*ring.expired(clock.unix()), *ring.lacking()]
    if problems:
        raise BrokenFiles(problems)


def published(installation: Installation) -> Callable[[], bytes]:
    """The document of our public keys as they are now."""
    ledger = own_keys.ledger_of(installation.home, installation.settings.audit)
    return lambda: own_keys.published(installation.keys.ring.current.file, ledger)


def metrics_of(installation: Installation, clock: Clock) -> Metrics:
    metrics = Metrics(clock, lambda: installation.consumers.current.regions)
    metrics.registry.register(Certificates(installation.tls, clock))
    for authority, folder in installation.authorities.items():
        for channel in folder.contract.channels:
            metrics.expect(authority, channel)
    for witness in installation.witnesses:
        metrics.witnesses.expect(witness.key.name)
    metrics.registry.register(own_keys.KeyExpiry(installation.keys.ring, installation.certificates(), clock))
    return metrics


def door(installation: Installation, house: House, waiting: Waiting, store: Store, metrics: Metrics) -> Door:
    settings, clock, own = installation.settings, house.clock, installation.keys
    receipts = Receipts(store, own.pseudonyms, settings.audit.origin, lambda: own.ring.current)
    return Door(
        Api(house, receipts, waiting, _bounds(installation), metrics.decided).routes,
        Newest(lambda: installation.consumers.current, clock),
        installation.keys.answers,
        Hosts(settings.served_as, settings.trusted_proxies, clock, metrics.forwarded_ignored),
        house.ledger,
        clock,
        metrics.refused,
        way_in(settings, clock, metrics.registry),
        usual=_usual(installation),
    )


@dataclass(frozen=True, slots=True)
class Means:
    """What authorities are asked with."""

    wire: Wire
    clock: Clock
    tasks: Tasks
    metrics: Metrics
    ledger: Ledger
    holds: Holds
    accounts: Accounts
    flights: Flights
    timings: Timings = field(default_factory=Timings)


def shared(
    stack: AsyncExitStack, store: Store, ledger: Ledger, tasks: Tasks, clock: Clock, metrics: Metrics
) -> tuple[Accounts, Flights]:
    """What all channels share: the quotas' accounts, which are given back at the end, and the calls in flight."""
    accounts, flights = Accounts(store, tasks, clock), Flights(ledger.record, tasks, clock)
    stack.push_async_callback(accounts.close)
    metrics.registry.register(Calls(accounts, flights))
    return accounts, flights


def tools(installation: Installation, means: Means) -> Tools:
    """What the connectors are made with."""
    metrics = means.metrics
    return Tools(
        wire=means.wire,
        clock=means.clock,
        signers=installation.keys.signers,
        soap_signer=installation.keys.soap,
        tasks=means.tasks,
        named={policy.name: policy.named for policy in installation.policies},
        conclusive=conclusive_by({policy.name: policy.rules for policy in installation.policies}),
        observe=metrics.observe,
        diverged=metrics.joins.diverged,
        hedged=metrics.joins.hedged,
        record=means.ledger.record,
        refreshed=metrics.refreshed,
        holds=means.holds,
        watched=metrics.breakers.watch,
        processes=installation.settings.processes,
        accounts=means.accounts,
        flights=means.flights,
    )


def cosigning(installation: Installation, store: Store, means: Means) -> Witnesses:
    """Those who are shown each checkpoint."""
    asked = tuple(witnesses.asked(installation.witnesses, store, means.wire, means.clock, means.metrics.witnesses.told))
    return Witnesses(store, means.clock, installation.kept, means.tasks.start, asked)


def connectors_of(installation: Installation, tools: Tools) -> dict[str, Connector]:
    connectors: dict[str, Connector] = {}
    problems: list[Problem] = []
    for name, folder in installation.authorities.items():
        try:
            connectors[name] = connect(folder, installation.endpoints[name], tools)
        except Unpaired as error:
            problems.append(Problem(str(installation.home / SETTINGS), 1, 1, str(error)))
    if problems:
        raise BrokenFiles(problems)
    return connectors


def _bounds(installation: Installation) -> Bounds:
    dates, deadlines = installation.settings.application_dates, installation.settings.deadlines
    return Bounds(deadlines.default_ms, deadlines.most_ms, dates.days_back, dates.days_ahead)


def _usual(installation: Installation) -> Limits:
    given = installation.settings.limits
    return Limits(given.per_minute, given.burst or given.per_minute, given.subjects_per_day)
