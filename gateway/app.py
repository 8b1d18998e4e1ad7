"""The composition root: the one module that knows every other. An installation in, a running gateway out."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

import structlog

from gateway import __version__
from gateway.calling.tasks import Tasks
from gateway.calling.wire import Wire
from gateway.clock import Clock
from gateway.connectors import Tools, Unpaired, connect, witnesses
from gateway.errors import BrokenFiles, Problem, Unwritable
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
from gateway.settings import Listen
from gateway.store.sqlite import Store
from gateway.verify import House
from gateway.watching import watch
from gateway.web import answers, listeners, own_keys
from gateway.web.api import Api, Bounds
from gateway.web.certificates import Certificates
from gateway.web.door import Door
from gateway.web.draining import Drain, way_in
from gateway.web.framing import Runner
from gateway.web.growth import upkeep_of
from gateway.web.hosts import Hosts
from gateway.web.in_force import in_force, reloading
from gateway.web.metrics import Metrics

_Look = Callable[[], Awaitable[None]]
_log = structlog.get_logger("gateway.app")


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway that takes questions. Its addresses are those that the sockets really have."""

    url: str
    admin_url: str
    metrics: Metrics
    ledger: Ledger
    reloads: Sequence[_Look]
    """Each looks whether files that may change while it runs have changed. It happens every second by itself."""
    drain: Drain

    async def reload(self) -> None:
        """Looks now."""
        for look in self.reloads:
            await look()


def listen_on(where: Listen) -> socket.socket:
    """A bound socket, so that a port given as 0 is known before anything is written that names it."""
    listening = socket.create_server((where.host, where.port), backlog=listeners.BACKLOG, reuse_port=False)
    listening.setblocking(False)
    return listening


@asynccontextmanager
async def running(
    installation: Installation, clock: Clock, sockets: tuple[socket.socket, socket.socket]
) -> AsyncIterator[Running]:
    """Opens the ledger and both listeners (public, admin), and closes them, the sockets too, in the other order.

    Raises:
        BrokenFiles: an authority's endpoint lacks what its contract's dialect needs, or a key of ours has expired.
        StoreRefused: the ledger is not there or not ours. Nothing but `gateway init` makes one.
    """
    async with AsyncExitStack() as stack:
        for listening in sockets:
            stack.callback(listening.close)
        _require_keys(installation, clock)
        published = _published(installation)
        metrics = _metrics(installation, clock)
        store, ledger, checkpointer = await _ledger(stack, installation, clock, metrics)
        wire = await stack.enter_async_context(Wire())
        tasks = await stack.enter_async_context(Tasks())  # after the wire, so that what is on the wire ends before it
        connectors = _connectors(installation, _tools(installation, wire, clock, tasks, metrics, ledger))
        door = _door(installation, connectors, ledger, store, metrics, clock)
        ledger.grown = partial(checkpointer.grown, tasks.start)
        asked = tuple(witnesses.asked(installation.witnesses, store, wire, clock, metrics.witnesses.told))
        cosigning = Witnesses(store, clock, installation.kept, tasks.start, asked)
        checkpointer.told = cosigning.told
        looks: list[_Look] = [*_reloads(installation, metrics), checkpointer.sign, cosigning.look]
        upkeep = upkeep_of(
            stack, installation.ledger_path, installation.settings.audit, store, ledger, clock, metrics.registry
        )
        every_second: list[_Look] = [*looks, metrics.looked, partial(_close_lost, ledger, clock), *upkeep]
        stack.callback(tasks.start(watch(every_second, clock)).cancel)  # else `tasks` would wait for what never ends
        tls = {where: each.listening(clock.monotonic) for where, each in installation.listening.items()}
        for_operators = listeners.admin(metrics, ledger, lambda: in_force(installation.consumers))
        admin_url, _ = await listeners.serve(
            stack, Runner(for_operators, metrics.refused), sockets[1], tls.get("admin")
        )
        for_consumers = Runner(listeners.public(door, ledger, published), metrics.refused)
        url, stop = await listeners.serve(stack, for_consumers, sockets[0], tls.get("listen"))
        _log.info("gateway.started", url=url, admin_url=admin_url)
        yield Running(url, admin_url, metrics, ledger, [*looks, *upkeep], _drain(installation, door, clock, stop))
    _log.info("gateway.stopped")


def _drain(installation: Installation, door: Door, clock: Clock, stop: Callable[[], None]) -> Drain:
    return Drain(door.entrance, clock, installation.settings, stop)


def _reloads(installation: Installation, metrics: Metrics) -> Sequence[_Look]:
    return (
        reloading(installation.consumers, metrics),
        own_keys.reloading(installation.keys.ring),
        own_keys.reloading_epochs(installation.keys.epochs),
    )


async def _ledger(
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
        return Ledger(store, clock, installation.keys.pseudonyms, alarms, versions)

    store = await opened(installation.ledger_path, audit.origin, ring.current.file, installation.kept, ledger_on)
    stack.push_async_callback(store.close)
    ledger = ledger_on(store)
    checkpointer = Checkpointer(store, clock, audit.origin, lambda: ring.current, installation.kept)
    await ledger.act("started", "gateway", {"version": __version__, "shard": store.shard})
    stack.push_async_callback(checkpointer.sign)
    stack.push_async_callback(_stopped, ledger)
    return store, ledger, checkpointer


async def _close_lost(ledger: Ledger, clock: Clock) -> None:
    """Of what this process began itself: an outcome that could not be written leaves a question without an end."""
    await ledger.close_lost("unwritten", clock.unix() - LOST_AFTER_SECONDS)


async def _stopped(ledger: Ledger) -> None:
    with suppress(Unwritable):  # the next start finds the end as a crash leaves it
        await ledger.act("stopped", "gateway", {})


def _require_keys(installation: Installation, clock: Clock) -> None:
    ring = installation.keys.ring.current
    problems = [*ring.expired(clock.unix()), *ring.lacking()]
    if problems:
        raise BrokenFiles(problems)


def _published(installation: Installation) -> Callable[[], bytes]:
    """The document of our public keys as they are now."""
    ledger = own_keys.ledger_of(installation.home, installation.settings.audit)
    return lambda: own_keys.published(installation.keys.ring.current.file, ledger)


def _metrics(installation: Installation, clock: Clock) -> Metrics:
    metrics = Metrics(clock, lambda: installation.consumers.current.regions)
    metrics.registry.register(Certificates(installation.tls, clock))
    for authority, folder in installation.authorities.items():
        for channel in folder.contract.channels:
            metrics.expect(authority, channel)
    for witness in installation.witnesses:
        metrics.witnesses.expect(witness.key.name)
    metrics.registry.register(own_keys.KeyExpiry(installation.keys.ring, installation.certificates(), clock))
    return metrics


def _door(
    installation: Installation,
    connectors: dict[str, Connector],
    ledger: Ledger,
    store: Store,
    metrics: Metrics,
    clock: Clock,
) -> Door:
    settings, own = installation.settings, installation.keys
    house = House(installation.policies, connectors, ledger, clock, answers.render)
    receipts = Receipts(store, own.pseudonyms, settings.audit.origin, lambda: own.ring.current)
    return Door(
        Api(house, receipts, _bounds(installation), metrics.decided).routes,
        Newest(lambda: installation.consumers.current, clock),
        installation.keys.answers,
        Hosts(settings.served_as, settings.trusted_proxies, clock, metrics.forwarded_ignored),
        house.ledger,
        clock,
        metrics.refused,
        way_in(settings, clock, metrics.registry),
        usual=_usual(installation),
    )


def _tools(
    installation: Installation, wire: Wire, clock: Clock, tasks: Tasks, metrics: Metrics, ledger: Ledger
) -> Tools:
    return Tools(
        wire=wire,
        clock=clock,
        signers=installation.keys.signers,
        soap_signer=installation.keys.soap,
        tasks=tasks,
        named={policy.name: policy.named for policy in installation.policies},
        conclusive=conclusive_by({policy.name: policy.rules for policy in installation.policies}),
        observe=metrics.observe,
        diverged=metrics.joins.diverged,
        hedged=metrics.joins.hedged,
        record=ledger.record,
        refreshed=metrics.refreshed,
        watched=metrics.breakers.watch,
        processes=installation.settings.processes,
    )


def _connectors(installation: Installation, tools: Tools) -> dict[str, Connector]:
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
