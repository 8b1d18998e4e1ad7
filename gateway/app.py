"""The composition root: the one module that knows every other. An installation in, a running gateway out."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from gateway import assembly
from gateway.calling.late import Late
from gateway.calling.tasks import Tasks
from gateway.calling.wire import Wire
from gateway.clock import Clock
from gateway.house import House
from gateway.installation import Installation
from gateway.ledger.ledger import Ledger
from gateway.settings import Listen
from gateway.watching import watch
from gateway.web import answers, listeners, own_keys
from gateway.web.door import Door
from gateway.web.draining import Drain
from gateway.web.framing import Runner
from gateway.web.growth import upkeep_of
from gateway.web.held import holding
from gateway.web.in_force import in_force, reloading
from gateway.web.metrics import Metrics
from gateway.web.waiting import Waiting

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
        assembly.require_keys(installation, clock)
        metrics = assembly.metrics_of(installation, clock)
        store, ledger, checkpointer = await assembly.ledger(stack, installation, clock, metrics)
        holds, look_at_holds = await holding(store, installation.authorities, clock, metrics)
        wire, tasks = await stack.enter_async_context(Wire()), Tasks()
        accounts, flights = assembly.shared(stack, store, ledger, tasks, clock, metrics)
        await stack.enter_async_context(tasks)  # after the wire, so that what is on the wire ends before it
        means = assembly.Means(wire, clock, tasks, metrics, ledger, holds, accounts, flights)
        house, waiting = await _house(stack, installation, means)
        door = assembly.door(installation, house, waiting, store, metrics)
        ledger.grown = partial(checkpointer.grown, tasks.start)
        cosigning = assembly.cosigning(installation, store, means)
        checkpointer.told = cosigning.told
        looks: list[_Look] = [*_reloads(installation, metrics), checkpointer.sign, cosigning.look, look_at_holds]
        upkeep = upkeep_of(
            stack, installation.ledger_path, installation.settings.audit, store, ledger, clock, metrics.registry
        )
        closing = partial(assembly.close_lost, ledger, clock, metrics)
        every_second: list[_Look] = [*looks, metrics.looked, waiting.look, accounts.look, closing, *upkeep]
        stack.callback(tasks.start(watch(every_second, clock)).cancel)  # else `tasks` would wait for what never ends
        url, admin_url, stop = await _listening(stack, installation, door, means, sockets)
        stack.callback(waiting.let_go)  # before the listeners end, which wait for every request
        _log.info("gateway.started", url=url, admin_url=admin_url)
        drain = Drain(door.entrance, clock, installation.settings, stop)
        yield Running(url, admin_url, metrics, ledger, [*looks, *upkeep], drain)
    _log.info("gateway.stopped")


async def _house(stack: AsyncExitStack, installation: Installation, means: assembly.Means) -> tuple[House, Waiting]:
    """What a question goes through, and those who wait for the rest of an answer."""
    connectors = assembly.connectors_of(installation, assembly.tools(installation, means))
    waiting = Waiting(means.ledger, partial(means.metrics.revised, "late"))
    late = Late(means.tasks, installation.settings.deadlines.late_ms / 1000, waiting.ended)
    await stack.enter_async_context(late)
    policies, spelled = installation.policies, answers.render
    return House(policies, connectors, means.ledger, means.clock, spelled, late, means.timings), waiting


async def _listening(
    stack: AsyncExitStack,
    installation: Installation,
    door: Door,
    means: assembly.Means,
    sockets: tuple[socket.socket, socket.socket],
) -> tuple[str, str, Callable[[], None]]:
    """Both addresses, and what closes the public one to newcomers."""
    metrics, ledger = means.metrics, means.ledger
    tls = {where: each.listening(means.clock.monotonic) for where, each in installation.listening.items()}
    shown = listeners.admin(metrics, ledger, lambda: in_force(installation.consumers), means.timings)
    for_operators = Runner(shown, metrics.refused)
    admin_url, _ = await listeners.serve(stack, for_operators, sockets[1], tls.get("admin"))
    for_consumers = Runner(listeners.public(door, ledger, assembly.published(installation)), metrics.refused)
    url, stop = await listeners.serve(stack, for_consumers, sockets[0], tls.get("listen"))
    return url, admin_url, stop


def _reloads(installation: Installation, metrics: Metrics) -> Sequence[_Look]:
    return (
        reloading(installation.consumers, metrics),
        own_keys.reloading(installation.keys.ring),
        own_keys.reloading_epochs(installation.keys.epochs),
    )
