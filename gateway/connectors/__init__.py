"""Whom we can ask: each authority's contract, mapping and endpoints, made into one connector.

An authority is files. Python stands here only for the pairing, and for a wire dialect that no contract can describe
(a hook of at most 60 lines; none is needed yet). Connectors do not know each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.calling.breaker import Breaker, Terms
from gateway.calling.exchange import Asked, Line, Reading, exchange, sender
from gateway.calling.hedging import HedgingBudget
from gateway.calling.join import Joined
from gateway.calling.stack import ChannelPlan, joined, lease_seconds, stacked
from gateway.connectors.dialects import Pairing
from gateway.connectors.endpoints import Endpoint, Tools, Unpaired
from gateway.contract.authority import Channel
from gateway.contract.folders import AuthorityFolder
from gateway.mapping.records import compile_records
from gateway.model import Connector, Grade
from gateway.policy.naming import Named

__all__ = ["GRADES", "Endpoint", "Tools", "Unpaired", "connect"]

GRADES: Mapping[str, tuple[Grade, Grade]] = {
    "rfc9421": (Grade.A, Grade.A),
    "wsse_x509": (Grade.B, Grade.B),
    "platform_hmac": (Grade.D, Grade.D),
}
"""By dialect: what protects the request and the reply (DESIGN section 4)."""


def connect(folder: AuthorityFolder, endpoints: Mapping[str, Endpoint], tools: Tools) -> Connector:
    """The connector of one authority, over all of its channels.

    Raises:
        Unpaired: the endpoints are not those of the contract's channels, or lack what a channel's dialect needs.
    """
    names = list(folder.contract.channels)
    if set(endpoints) != set(names):
        wanted = ", ".join(repr(name) for name in names)
        raise Unpaired(f"{folder.contract.authority}: needs endpoints for exactly these channels: {wanted}")
    channels = {name: _channel(folder, name, endpoints[name], tools) for name in names}
    if len(channels) == 1:
        ask, plan = channels[names[0]]
        return stacked(ask, plan, tools.clock, tools.observe)
    parts = Joined(tools.conclusive, tools.diverged, tools.hedged, tools.tasks, tools.clock, HedgingBudget())
    return joined(channels, parts, tools.observe)


def _channel(folder: AuthorityFolder, name: str, endpoint: Endpoint, tools: Tools) -> tuple[Connector, ChannelPlan]:
    """What asks one channel once, and what its stages must know."""
    channel = folder.contract.channels[name]
    pairing = Pairing(folder, name, endpoint, tools)
    readings = dict(_readings(folder, channel, tools.named))
    send = sender(tools.way(endpoint), channel.reply_bytes)
    grades = GRADES[channel.signing]
    line = Line(folder.contract.authority, name, grades, tools.record)
    ask = exchange(line, pairing.dialect(), readings, send, tools.clock)
    authority = folder.contract.authority
    breaker = Breaker(Terms(lease_seconds=lease_seconds(channel.attempt_seconds)))
    tools.watched(authority, name, breaker)
    places = max(1, channel.places // tools.processes)
    opened = tools.accounts and tools.accounts.opened
    account = opened(authority, name, channel.quota_per_hour) if opened else None
    plan = ChannelPlan(
        name,
        grades,
        channel.attempt_seconds,
        channel.questions,
        pairing.keeper,
        places=places,
        breaker=breaker,
        account=account,
        flights=tools.flights,
    )
    return ask, plan


def _readings(folder: AuthorityFolder, channel: Channel, named: Mapping[str, Named]) -> Iterator[tuple[Asked, Reading]]:
    """One for each step of each question that a policy asks here: two policies may name different facts of one reply."""
    authority, mapping = folder.contract.authority, folder.mapping
    for policy, sources in named.items():
        for question, asked in channel.questions.items():
            for name, step in asked.steps.items() if (authority, question) in sources else ():
                wanted = sources[authority, question].get(name, frozenset())
                records = compile_records(mapping.operations[step.operation], mapping.tables, wanted)
                yield (policy, question, name), Reading.compiled(channel.operations[step.operation], records)
